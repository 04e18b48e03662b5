internal import Synchronization
internal import Telemetry
internal import Wire

/// The labels of series that are made of one set of attributes, encoded once.
final class WriteBase: Sendable {
    /// Without the name of the metric.
    let labels: LabelSet
    /// Each label as a field of a series of version 1.
    let encoded: [UInt8]
    /// Where a label of some name has its place.
    struct Place: Sendable {
        /// How many labels are before it.
        var index = 0
        /// How many bytes are before it.
        var offset = 0
    }

    let name: Place
    let bound: Place
    let quantile: Place

    init(_ labels: LabelSet) {
        self.labels = labels
        var (encoded, name, bound, quantile): ([UInt8], Place, Place, Place) = ([], Place(), Place(), Place())
        for (index, label) in labels.labels.enumerated() {
            Self.append(label, to: &encoded)
            let place = Place(index: index + 1, offset: encoded.count)
            if label.name.precedes(LabelNames.metricName) { name = place }
            if label.name.precedes(LabelNames.bucketBound) { bound = place }
            if label.name.precedes(LabelNames.quantile) { quantile = place }
        }
        (self.encoded, self.name, self.bound, self.quantile) = (encoded, name, bound, quantile)
    }

    /// Appends a label as a field of a series of version 1.
    static func append(_ label: LabelSet.Label, to bytes: inout [UInt8]) {
        let (name, value) = (label.name.utf8, label.value.utf8)
        bytes.append(0x0A)
        append(2 + size(name.count) + name.count + size(value.count) + value.count, to: &bytes)
        bytes.append(0x0A)
        append(name.count, to: &bytes)
        bytes.append(contentsOf: name)
        bytes.append(0x12)
        append(value.count, to: &bytes)
        bytes.append(contentsOf: value)
    }

    private static func size(_ count: Int) -> Int { (70 - (UInt64(count) | 1).leadingZeroBitCount) / 7 }

    private static func append(_ count: Int, to bytes: inout [UInt8]) {
        var rest = count
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// Bytes that it takes, about.
    var byteCount: Int { encoded.count * 2 + labels.count * 40 + 200 }
}

extension String {
    fileprivate func precedes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}

/// The labels of series of earlier batches, by the bytes of what they were made of.
///
/// Most series come again and again, and making their labels costs more than everything else. What is kept is
/// bounded: when there is too much, everything is forgotten.
final class WriteLabelCache: Sendable {
    struct Content: Sendable {
        /// Numbers of resources and scopes, by their bytes.
        private var sources: [SeriesKey: UInt32] = [:]
        private var bases: [SeriesKey: WriteBase] = [:]
        /// Every set of labels once.
        private var known: [LabelSet: WriteBase] = [:]
        /// Bytes that everything takes, about.
        private(set) var byteCount = 0
        private var key: [UInt8] = []

        private static let byteLimit = 64 << 20

        /// The number of a scope of a resource.
        mutating func source(_ resource: ResourceView, _ scope: ScopeGroup<MetricView>) -> UInt32 {
            var key: [UInt8] = []
            for message in [resource.message.bytes, scope.scope.message.bytes] {
                withUnsafeBytes(of: UInt64(message.count)) { key.append(contentsOf: $0) }
                message.append(0..<message.count, to: &key)
            }
            key.append(contentsOf: scope.schemaURL.utf8)
            if let number = sources[SeriesKey(bytes: key)] { return number }
            let number = UInt32(truncatingIfNeeded: sources.count)
            byteCount += key.count + 100
            sources[SeriesKey(bytes: key)] = number
            return number
        }

        /// The labels of a point with some attributes; `make` makes them when they are not known.
        mutating func base(
            _ source: UInt32, _ type: MetricType, _ attributes: Messages<KeyValueView>,
            make: () -> LabelSet
        ) -> WriteBase {
            key.removeAll(keepingCapacity: true)
            withUnsafeBytes(of: source) { key.append(contentsOf: $0) }
            key.append(UInt8(type.number))
            for pair in attributes {
                let bytes = pair.message.bytes
                withUnsafeBytes(of: UInt32(truncatingIfNeeded: bytes.count)) { key.append(contentsOf: $0) }
                bytes.append(0..<bytes.count, to: &key)
            }
            if let base = bases[SeriesKey(bytes: key)] { return base }
            let base = base(make())
            byteCount += key.count + 100
            bases[SeriesKey(bytes: key)] = base
            return base
        }

        /// The only object with these labels.
        mutating func base(_ labels: LabelSet) -> WriteBase {
            if let base = known[labels] { return base }
            let base = WriteBase(labels)
            byteCount += base.byteCount
            known[labels] = base
            return base
        }

        /// Forgets everything when there is too much; called between two batches.
        mutating func shrink() {
            guard byteCount > Self.byteLimit else { return }
            self = Content()
        }
    }

    private let content = Mutex(Content())

    /// Lends what is known; one batch at a time.
    func withContent<Result: Sendable>(_ body: (inout Content) -> Result) -> Result {
        content.withLock { content in
            content.shrink()
            return body(&content)
        }
    }
}
