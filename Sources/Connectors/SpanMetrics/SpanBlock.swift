internal import Telemetry

/// What one span, or one of its events, adds to a measure.
struct SpanObservation {
    /// Index of the measure.
    let measure: Int
    /// Where its dimensions are in the block; empty where they are too long, which is the overflow's.
    let key: Range<Int>
    let isTooLong: Bool
    let hash: UInt64
    let nanoseconds: UInt64
    /// How many spans it stands for.
    let weight: UInt64
    /// The trace and the span, when exemplars are wanted and the span says both.
    let ids: SpanIDs?
}

/// The ids of a span, as they are in memory.
struct SpanIDs {
    let trace: (UInt64, UInt64)
    let span: UInt64

    /// Reads the ids of a span; `nil` when it has no trace id.
    init?(_ span: Draft) {
        let trace = span.withData(1) { id -> (UInt64, UInt64) in
            guard id.count == 16 else { return (0, 0) }
            return (
                id.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                id.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
        guard trace != (0, 0) else { return nil }
        self.trace = trace
        self.span = span.withData(2) { id in
            id.count == 8 ? id.loadUnaligned(fromByteOffset: 0, as: UInt64.self) : 0
        }
    }
}

/// What a number of spans of one resource add: read beside the lock that guards the series.
struct SpanBlock {
    /// A block is handed over when it has so many observations, or so many bytes of dimensions.
    private static let limit = (observations: 256, bytes: 256 << 10)

    var resource = SpanResource()
    var dimensions = EncodedAttributes()
    var observations: [SpanObservation] = []

    var isFull: Bool {
        observations.count >= Self.limit.observations || dimensions.byteCount >= Self.limit.bytes
    }

    mutating func removeAll() {
        dimensions.removeAll()
        observations.removeAll(keepingCapacity: true)
    }
}

/// What makes out a resource: attributes in the order of their names, and their hash, which is made once.
struct ResourceKey: Hashable {
    let bytes: [UInt8]
    let hash: UInt64

    init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
        hash = bytes.withUnsafeBytes { SeriesHash.of($0) }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.hash == right.hash && left.bytes == right.bytes
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// A resource, and what makes it out.
struct SpanResource {
    var key = ResourceKey()
    /// All of its attributes, as metrics show them.
    var attributes = EncodedAttributes()

    init() {}

    init(_ draft: Draft, keys: Set<String>?) {
        var parts: [(name: String, bytes: [UInt8])] = []
        draft.forEachAttribute { key, value in
            var attribute = EncodedAttributes()
            attribute.append(key: key, value)
            attributes.append(attribute)
            let name = String(decoding: key, as: UTF8.self)
            if keys?.contains(name) ?? true { parts.append((name, attribute.bytes)) }
        }
        var bytes: [UInt8] = []
        for part in parts.sorted(by: { $0.name < $1.name }) { bytes += part.bytes }
        key = ResourceKey(bytes)
    }

    /// Memory that it takes where it is kept, at most: arrays have grown to up to twice what is in them.
    var byteCount: Int { 400 + 2 * key.bytes.count + 2 * attributes.byteCount }
}
