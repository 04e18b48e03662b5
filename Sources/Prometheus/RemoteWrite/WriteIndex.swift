internal import Wire

/// The series of a request by where they belong, found in one walk over its bytes.
struct WriteIndex {
    /// A metric of OTLP that series of the request belong to.
    struct Family {
        enum Shape: UInt8 { case gauge, counter, sum, exponential, explicit }

        let name: String
        let shape: Shape
        let type: MetricType
        /// In UCUM.
        let unit: String
        var help: String

        /// About how many bytes a metric takes beside its data points.
        var byteCount: Int { name.utf8.count + unit.utf8.count + help.utf8.count + 60 }
    }

    /// The values of one series.
    struct Entry {
        /// The series in the request.
        let message: Range<Int>
        let resource: Int
        let scope: Int
        let family: Int
        /// Where its values are in `samples`, `histograms` and `exemplars`.
        let samples: Range<Int>
        let histograms: Range<Int>
        let exemplars: Range<Int>
        let created: Int64
        /// About how many bytes it takes in OTLP.
        let byteCount: Int
    }

    var samples: [WriteSample] = []
    var histograms: [WriteHistogram] = []
    var exemplars: [Range<Int>] = []
    var entries: [Entry] = []
    private(set) var families: [Family] = []
    private(set) var sources: [SeriesKey] = []
    private(set) var scopes = [OutputScope()]
    /// What `target_info` says of sources.
    var news: [SeriesKey: [LabelSet.Label]] = [:]
    /// Exemplars of series that have no value beside them, by all labels of the series.
    var looseExemplars: [SeriesKey: [Range<Int>]] = [:]
    private(set) var looseCount = 0
    /// About how many bytes values and their labels take in OTLP.
    var byteCount = 0
    /// Bytes of texts of the request that were copied.
    var copiedBytes = 0

    private var familyPlaces: [SeriesKey: Int] = [:]
    private var sourcePlaces: [SeriesKey: Int] = [:]
    private var scopePlaces: [SeriesKey: Int] = [:]

    /// The place of the source with some job and instance.
    mutating func source(_ key: SeriesKey) -> Int {
        if let last = sources.indices.last, sources[last] == key { return last }
        if let place = sourcePlaces[key] { return place }
        sourcePlaces[key] = sources.count
        copiedBytes += key.bytes.count
        sources.append(key)
        return sources.count - 1
    }

    /// The place of the scope that labels name.
    mutating func scope(_ labels: [WriteLabel], _ body: Bytes) -> Int {
        guard labels.contains(where: { $0.role == .scope }) else { return 0 }
        let key = SeriesKey(labels.filter { $0.role == .scope }, body)
        if let place = scopePlaces[key] { return place }
        var scope = OutputScope()
        for label in labels where label.role == .scope {
            let value = body[label.value].string
            switch body[label.name].string.dropFirst(WriteLabel.scopePrefix.count) {
            case "name": scope.name = value
            case "version": scope.version = value
            case "schema_url": scope.schemaURL = value
            case let rest: scope.attributes.append(LabelSet.Label(String(rest), value))
            }
        }
        scopePlaces[key] = scopes.count
        copiedBytes += 2 * key.bytes.count
        scopes.append(scope)
        return scopes.count - 1
    }

    /// The place of a family that is known by `key`, made when it is not there.
    mutating func family(_ key: SeriesKey, make: () -> Family) -> Int {
        if let place = familyPlaces[key] { return place }
        familyPlaces[key] = families.count
        families.append(make())
        copiedBytes += 2 * key.bytes.count
        return families.count - 1
    }

    /// Of two helps of one family the longer one is kept, as OTLP's data model recommends.
    mutating func setHelp(_ help: Range<Int>, of family: Int, _ body: Bytes) {
        guard families[family].help.utf8.count < help.count else { return }
        copiedBytes += help.count
        families[family].help = body[help].string
    }

    /// Adds exemplars of a series that has no value beside them.
    mutating func addLoose(
        _ ranges: [Range<Int>], byteCount size: Int, of labels: [WriteLabel], _ body: Bytes
    ) {
        let key = SeriesKey(labels, body)
        if looseExemplars[key] == nil { copiedBytes += key.bytes.count }
        looseExemplars[key, default: []] += ranges
        looseCount += ranges.count
        byteCount += size
    }

    /// What is kept of the request until it is written, about.
    var keptBytes: Int {
        copiedBytes + 32 * samples.count + 16 * (exemplars.count + looseCount)
            + 150 * (entries.count + news.count) + 100 * (families.count + sources.count + scopes.count)
    }

    /// The entries in the order in which they are written.
    mutating func sort() {
        var isSorted = true
        for (left, right) in zip(entries, entries.dropFirst())
        where (left.resource, left.scope, left.family) > (right.resource, right.scope, right.family) {
            isSorted = false
            break
        }
        guard !isSorted else { return }
        let order = entries.indices.sorted { left, right in
            let (first, second) = (entries[left], entries[right])
            let places = (
                (first.resource, first.scope, first.family), (second.resource, second.scope, second.family)
            )
            return places.0 == places.1 ? left < right : places.0 < places.1
        }
        entries = order.map { entries[$0] }
    }
}

extension SeriesKey {
    /// A key of some labels, which no others have.
    init(_ labels: some Sequence<WriteLabel>, _ body: Bytes) {
        var bytes: [UInt8] = []
        for label in labels {
            for range in [label.name, label.value] {
                withUnsafeBytes(of: UInt32(truncatingIfNeeded: range.count)) { bytes.append(contentsOf: $0) }
                body.append(range, to: &bytes)
            }
        }
        self.init(bytes: bytes)
    }

    /// A key of the job and instance of a source.
    init(job: Range<Int>, instance: Range<Int>, _ body: Bytes) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(job.count + 1 + instance.count)
        body.append(job, to: &bytes)
        // No byte of UTF-8.
        bytes.append(0xFF)
        body.append(instance, to: &bytes)
        self.init(bytes: bytes)
    }

    /// Job and instance of the key of a source.
    var source: (job: String, instance: String) {
        let job = bytes.prefix { $0 != 0xFF }
        return (
            String(decoding: job, as: UTF8.self),
            String(decoding: bytes.dropFirst(job.count + 1), as: UTF8.self)
        )
    }
}
