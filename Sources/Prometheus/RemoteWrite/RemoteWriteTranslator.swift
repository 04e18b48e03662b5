public import Wire

/// Makes OTLP of the requests of remote write, of both versions.
///
/// A request is walked over once to find where its series belong, and then written by resource, scope and
/// metric, straight from its bytes. What is said of a resource in `target_info` counts for the whole request
/// and for those that follow. A series that is not valid is left out and told of; the others are taken.
public struct RemoteWriteTranslator {
    let settings: RemoteWriteSettings
    let memory: RemoteWriteMemory

    /// - Parameters:
    ///   - settings: limits.
    ///   - memory: what is kept from request to request, shared by all translators of a receiver.
    public init(_ settings: RemoteWriteSettings, _ memory: RemoteWriteMemory) {
        self.settings = settings
        self.memory = memory
    }

    /// Translates a request.
    ///
    /// - Parameters:
    ///   - body: the message, decompressed.
    ///   - version: which message it is.
    ///   - room: the bytes that there is memory for at the moment.
    /// - Returns: the telemetry, and what is wrong with some of it.
    /// - Throws: why nothing of it is taken.
    public func translate(
        _ body: Bytes, _ version: RemoteWriteVersion, room: () -> Int = { .max }
    ) throws(RemoteWriteError) -> RemoteWriteResult {
        guard body.count < Int(UInt32.max) else {
            throw RemoteWriteError("the request has more than 4 GiB", .limit)
        }
        let room = room()
        var scan = WriteScan(body, version, memory, outputLimit: settings.outputLimit, room: room)
        do throws(ExpositionError) {
            try scan.run()
        } catch {
            throw RemoteWriteError(error)
        }
        if let limit = scan.limit { throw limit }
        memory.learn(scan.index.news)
        var output = WriteOutput(scan, settings, memory.labels(of: scan.index.sources))
        guard output.byteCount <= settings.outputLimit else {
            throw RemoteWriteError(tooLarge: settings.outputLimit)
        }
        guard output.byteCount <= room else { throw RemoteWriteError.noRoom }
        return output.write()
    }
}

extension RemoteWriteError {
    fileprivate init(tooLarge limit: Int) {
        self.init("the request becomes larger than \(limit) bytes as OTLP", .limit)
    }

    fileprivate init(tooMany what: String) {
        self.init("the request has more than \(RemoteWriteSettings.itemLimit) \(what)", .limit)
    }

    fileprivate static var noRoom: RemoteWriteError {
        RemoteWriteError("there is no memory for the request now", .noRoom)
    }
}

/// The walk over a request that finds its series.
struct WriteScan {
    let body: Bytes
    let version: RemoteWriteVersion
    private let memory: RemoteWriteMemory
    private(set) var symbols = WriteSymbols()
    private(set) var index = WriteIndex()
    private(set) var result = RemoteWriteResult()
    /// Why nothing is taken, when a limit is exceeded.
    private(set) var limit: RemoteWriteError?
    private var series = WriteSeries()
    private var bucketCount = 0
    private var nameBytes: [UInt8] = []
    private let outputLimit: Int
    private let room: Int
    /// The bytes that all series refer to.
    private var referredBytes = 0

    /// Numbers in the buckets of all histograms of a request.
    private static let bucketLimit = 4 << 20
    private static let targetInfo = Array("target_info".utf8)
    private static let total = Array("_total".utf8)

    /// A scan of a request that may become `outputLimit` bytes, with memory for `room` bytes.
    init(
        _ body: Bytes, _ version: RemoteWriteVersion, _ memory: RemoteWriteMemory, outputLimit: Int, room: Int
    ) {
        self.body = body
        self.version = version
        self.memory = memory
        self.outputLimit = outputLimit
        self.room = room
    }

    /// Looks at everything; stops where a limit is exceeded.
    mutating func run() throws(ExpositionError) {
        try readTables()
        let number = version == .v1 ? 1 : 5
        var cursor = Cursor(0..<body.count)
        while limit == nil, let field = try cursor.nextField(body) {
            guard field.number == number, field.type == .lengthDelimited else { continue }
            try series.read(field.range, of: body, version, symbols)
            guard !series.isTooLong else {
                limit = RemoteWriteError(tooMany: "samples")
                return
            }
            referredBytes += series.referredBytes
            guard referredBytes <= outputLimit else {
                limit = RemoteWriteError(tooLarge: outputLimit)
                return
            }
            try take(field.range)
            if limit == nil { checkSize() }
        }
    }

    private mutating func checkSize() {
        if max(index.byteCount, index.copiedBytes) > outputLimit {
            limit = RemoteWriteError(tooLarge: outputLimit)
        } else if index.byteCount > room || index.keptBytes + 8 * bucketCount > room {
            limit = .noRoom
        }
    }

    /// Reads what series refer to, wherever it stands: symbols, or metadata.
    private mutating func readTables() throws(ExpositionError) {
        var news: [SeriesKey: RemoteWriteMemory.Metadata] = [:]
        var count = 0
        var cursor = Cursor(0..<body.count)
        while limit == nil, let field = try cursor.nextField(body) {
            switch (field.number, version) {
            case _ where field.type != .lengthDelimited: continue
            case (4, .v2):
                do throws(RemoteWriteError) {
                    try symbols.add(field.range, of: body)
                } catch {
                    limit = error
                }
            case (3, .v1):
                count += 1
                guard count <= RemoteWriteSettings.itemLimit else {
                    limit = RemoteWriteError(tooMany: "metadata")
                    return
                }
                // More is not remembered anyway.
                guard news.count < RemoteWriteMemory.familyLimit else { continue }
                let (name, metadata) = try metadata(field.range)
                if !name.isEmpty { news[SeriesKey(bytes: name)] = metadata }
            default: break
            }
        }
        memory.learn(news)
    }

    private func metadata(
        _ range: Range<Int>
    ) throws(ExpositionError) -> ([UInt8], RemoteWriteMemory.Metadata) {
        var (name, help, unit, type): ([UInt8], String, String, MetricType) = ([], "", "", .unknown)
        try body.forEachField(in: range) { field in
            switch field.number {
            case 1: type = MetricType(number: field.bits)
            case 2: body.append(field.range, to: &name)
            case 4: help = body[field.range].string
            case 5: unit = body[field.range].string
            default: break
            }
        }
        return (name, RemoteWriteMemory.Metadata(type: type, help: help, unit: Units.ucum(of: unit)))
    }

    // MARK: - Series

    /// Takes the series that was read last.
    private mutating func take(_ message: Range<Int>) throws(ExpositionError) {
        let name = series.value(of: .metricName)
        let items = series.samples.count + series.histograms.count
        if let fault = series.fault { return note(fault, name, items) }
        guard !name.isEmpty else { return note(SeriesFault("has no metric name"), name, items) }
        guard series.samples.isEmpty || series.histograms.isEmpty else {
            return note(SeriesFault("has samples and histograms"), name, items)
        }
        guard index.entries.count + index.news.count < RemoteWriteSettings.itemLimit,
            index.samples.count + series.samples.count <= RemoteWriteSettings.itemLimit,
            index.exemplars.count + index.looseCount + series.exemplars.count
                <= RemoteWriteSettings.itemLimit
        else {
            limit = RemoteWriteError(tooMany: "samples")
            return
        }
        if body.has(Self.targetInfo, at: name), series.histograms.isEmpty { return takeTargetInfo() }
        if items == 0 {
            guard !series.exemplars.isEmpty else { return }
            index.addLoose(series.exemplars, byteCount: series.exemplarBytes, of: series.labels, body)
        } else if series.histograms.isEmpty {
            addEntry(message, family: family(name, histograms: nil), series.samples)
        } else {
            try takeHistograms(message, name)
        }
    }

    private mutating func note(_ fault: SeriesFault, _ name: Range<Int>, _ items: Int) {
        result.note(fault, ofSeries: body[name].string, items: items)
    }

    /// Labels of `target_info` are attributes of the resource with its job and instance.
    private mutating func takeTargetInfo() {
        guard let last = series.samples.last else { return }
        result.samples += series.samples.count
        // The markers of all its other series come with this one or soon, and belong to the same resource.
        guard !StaleMarker.isStale(last.value) else { return }
        let key = SeriesKey(job: series.value(of: .job), instance: series.value(of: .instance), body)
        let labels = series.labels.filter { $0.role == .other || $0.role == .scope }
        index.news[key] = labels.map { LabelSet.Label(body[$0.name].string, body[$0.value].string) }
        index.copiedBytes += labels.reduce(key.bytes.count) { $0 + $1.name.count + $1.value.count + 64 }
    }

    private mutating func takeHistograms(_ message: Range<Int>, _ name: Range<Int>) throws(ExpositionError) {
        var taken: [WriteHistogram.Kind: [WriteHistogram]] = [:]
        for range in series.histograms {
            let histogram = try WriteHistogram(range, of: body)
            bucketCount += histogram.numberCount
            guard bucketCount <= Self.bucketLimit else {
                limit = RemoteWriteError(
                    "the request has histograms with more than \(Self.bucketLimit) buckets", .limit)
                return
            }
            if histogram.isUnsupported {
                result.unsupported += 1
            } else if let fault = histogram.fault {
                note(fault, name, 1)
            } else {
                taken[histogram.kind, default: []].append(histogram)
            }
        }
        for kind in [WriteHistogram.Kind.exponential, .explicit] {
            guard let histograms = taken[kind] else { continue }
            addEntry(message, family: family(name, histograms: kind), histograms)
        }
    }

    private mutating func addEntry(_ message: Range<Int>, family: Int, _ samples: [WriteSample]) {
        let start = index.samples.count
        index.samples += samples
        addEntry(
            message, family: family, samples: start..<index.samples.count, histograms: 0..<0,
            byteCount: samples.count * (labelSize + 50))
    }

    private mutating func addEntry(_ message: Range<Int>, family: Int, _ histograms: [WriteHistogram]) {
        let start = index.histograms.count
        index.histograms += histograms
        addEntry(
            message, family: family, samples: 0..<0, histograms: start..<index.histograms.count,
            byteCount: histograms.reduce(0) { $0 + $1.byteCount + labelSize })
    }

    /// About how many bytes the labels take in OTLP.
    private var labelSize: Int {
        series.labels.reduce(0) { $0 + ($1.role == .other ? $1.name.count + $1.value.count + 12 : 0) }
    }

    private mutating func addEntry(
        _ message: Range<Int>, family: Int, samples: Range<Int>, histograms: Range<Int>, byteCount: Int
    ) {
        let start = index.exemplars.count
        index.exemplars += series.exemplars
        let size = byteCount + series.exemplarBytes
        let source = index.source(
            SeriesKey(job: series.value(of: .job), instance: series.value(of: .instance), body))
        index.byteCount += size
        index.entries.append(
            WriteIndex.Entry(
                message: message, resource: source, scope: index.scope(series.labels, body), family: family,
                samples: samples, histograms: histograms, exemplars: start..<index.exemplars.count,
                created: series.created, byteCount: size))
    }

    // MARK: - Families

    private mutating func family(_ name: Range<Int>, histograms kind: WriteHistogram.Kind?) -> Int {
        nameBytes.removeAll(keepingCapacity: true)
        body.append(name, to: &nameBytes)
        switch version {
        case .v1: return familyOfV1(kind)
        case .v2: return familyOfV2(kind)
        }
    }

    private mutating func familyOfV2(_ kind: WriteHistogram.Kind?) -> Int {
        let (type, unit) = (series.type, series.unit)
        let shape = Self.shape(of: nameBytes, type, kind)
        var key = [shape.rawValue, UInt8(type.number)] + nameBytes
        key.append(0xFF)
        body.append(unit, to: &key)
        let family = index.family(SeriesKey(bytes: key)) {
            WriteIndex.Family(
                name: String(decoding: nameBytes, as: UTF8.self), shape: shape, type: type,
                unit: Units.ucum(of: body[unit].string), help: "")
        }
        index.setHelp(series.help, of: family, body)
        return family
    }

    private mutating func familyOfV1(_ kind: WriteHistogram.Kind?) -> Int {
        let kindNumber: UInt8 = kind == nil ? 0 : kind == .exponential ? 1 : 2
        return index.family(SeriesKey(bytes: [kindNumber] + nameBytes)) {
            let metadata = memory.metadata(ofSeries: nameBytes)
            let isCounter = metadata == nil && kind == nil && nameBytes.hasSuffix(Self.total)
            let type = metadata?.type ?? (isCounter ? .counter : kind == nil ? .unknown : .histogram)
            return WriteIndex.Family(
                name: String(decoding: nameBytes, as: UTF8.self),
                shape: Self.shape(of: nameBytes, type, kind),
                type: type, unit: metadata?.unit ?? "", help: metadata?.help ?? "")
        }
    }

    /// What the series of a metric of some type are in OTLP.
    ///
    /// Parts of histograms and summaries come in requests of their own as well, so that nobody can say when
    /// one is complete: they stay series.
    private static func shape(
        of name: [UInt8], _ type: MetricType, _ kind: WriteHistogram.Kind?
    ) -> WriteIndex.Family.Shape {
        switch (kind, type) {
        case (.exponential, _): .exponential
        case (.explicit, _): .explicit
        case (nil, .counter): name.hasSuffix(created) ? .gauge : .counter
        case (nil, .info), (nil, .stateSet): .sum
        case (nil, _): .gauge
        }
    }

    private static let created = Array("_created".utf8)
}
