internal import Wire

/// A value of a series with its time.
struct WriteSample {
    var value = 0.0
    /// Milliseconds since 1970.
    var time: Int64 = 0
    /// Milliseconds since 1970 since when it counts; 0 when that is not said.
    var start: Int64 = 0
}

/// One `TimeSeries` of a request, of either version.
struct WriteSeries {
    /// Labels that a series may have.
    static let labelLimit = 4096
    /// Bytes that the name of a label may have.
    static let nameLimit = 4096

    private(set) var labels: [WriteLabel] = []
    private(set) var samples: [WriteSample] = []
    private(set) var histograms: [Range<Int>] = []
    private(set) var exemplars: [Range<Int>] = []
    /// What the metadata of version 2 says.
    private(set) var type = MetricType.unknown
    private(set) var help = 0..<0
    private(set) var unit = 0..<0
    /// Milliseconds since 1970, where the series says since when it counts (2.0-rc.3 and before).
    private(set) var created: Int64 = 0
    /// About how many bytes its exemplars take in OTLP.
    private(set) var exemplarBytes = 0
    /// What is wrong with it, although it can be read.
    private(set) var fault: SeriesFault?
    /// The name of a label whose value is in the next field: lists need not be packed, or in one field.
    private var half: UInt64?
    /// Whether it has more samples, histograms or exemplars than a request may have; the rest is not read.
    private(set) var isTooLong = false

    /// About how many bytes of texts it refers to, but for its help.
    ///
    /// A text of version 2 is in the request once, however many series refer to it, and whatever is done with
    /// a series takes time and memory for all of its texts.
    var referredBytes: Int {
        labels.reduce(unit.count + exemplarBytes) { $0 + $1.name.count + $1.value.count + 12 }
    }

    /// Reads a series.
    mutating func read(
        _ message: Range<Int>, of body: Bytes, _ version: RemoteWriteVersion, _ symbols: WriteSymbols
    ) throws(ExpositionError) {
        labels.removeAll(keepingCapacity: true)
        samples.removeAll(keepingCapacity: true)
        histograms.removeAll(keepingCapacity: true)
        exemplars.removeAll(keepingCapacity: true)
        (type, help, unit, created, fault) = (.unknown, 0..<0, 0..<0, 0, nil)
        (exemplarBytes, isTooLong, half) = (0, false, nil)
        var cursor = Cursor(message)
        while !isTooLong, let field = try cursor.nextField(body) {
            // A number where a message has to be is a field that is not known.
            let isNumber = field.type != .lengthDelimited
            switch (field.number, version) {
            case (1, .v1) where isNumber, (2...5, _) where isNumber: continue
            case (1, .v1): add(try Self.label(field.range, body), body)
            case (1, .v2): try references(field, body, symbols)
            case (2, _): samples.append(try Self.sample(field.range, body))
            case (4, .v1), (3, .v2): histograms.append(field.range)
            case (3, .v1), (4, .v2):
                exemplars.append(field.range)
                exemplarBytes += try Self.exemplarSize(field.range, body, version, symbols)
            case (5, .v2): try metadata(field.range, body, symbols)
            case (6, .v2): created = Int64(bitPattern: field.bits)
            default: break
            }
            isTooLong =
                max(samples.count, histograms.count, exemplars.count) > RemoteWriteSettings.itemLimit
        }
        if half != nil { fault = SeriesFault("has a label without a value") }
        if fault == nil { fault = Self.fault(in: labels, body, version) }
    }

    /// About how many bytes an exemplar takes in OTLP.
    private static func exemplarSize(
        _ range: Range<Int>, _ body: Bytes, _ version: RemoteWriteVersion, _ symbols: WriteSymbols
    ) throws(ExpositionError) -> Int {
        guard version == .v2 else { return range.count * 2 + 60 }
        var size = 60
        var cursor = Cursor(range)
        while let field = try cursor.nextField(body) {
            guard field.number == 1 else { continue }
            try body.forEachNumber(in: field) { number in
                size += 12 + ((try? symbols.range(number))?.count ?? 0)
            }
        }
        return size
    }

    /// Reads nothing but the labels of a series that was read before.
    mutating func readLabels(
        _ message: Range<Int>, of body: Bytes, _ version: RemoteWriteVersion, _ symbols: WriteSymbols
    ) {
        labels.removeAll(keepingCapacity: true)
        half = nil
        var cursor = Cursor(message)
        while let field = try? cursor.nextField(body) {
            guard field.number == 1, field.type == .lengthDelimited || version == .v2 else { continue }
            switch version {
            case .v1: if let label = try? Self.label(field.range, body) { add(label, body) }
            case .v2: try? references(field, body, symbols)
            }
        }
    }

    /// The value of the label of some role; empty when there is none.
    func value(of role: WriteLabel.Role) -> Range<Int> { labels.first { $0.role == role }?.value ?? 0..<0 }

    private mutating func add(_ label: (Range<Int>, Range<Int>), _ body: Bytes) {
        guard labels.count < Self.labelLimit else {
            fault = SeriesFault("has more than \(Self.labelLimit) labels")
            return
        }
        // A label without a value is the same as none.
        guard !label.1.isEmpty || label.0.isEmpty else { return }
        labels.append(WriteLabel(label.0, label.1, of: body))
    }

    private mutating func references(
        _ field: ProtobufField, _ body: Bytes, _ symbols: WriteSymbols
    ) throws(ExpositionError) {
        try body.forEachNumber(in: field) { number in
            guard let first = half else {
                half = number
                return
            }
            half = nil
            do throws(SeriesFault) {
                add((try symbols.range(first), try symbols.range(number)), body)
            } catch {
                fault = error
            }
        }
    }

    private mutating func metadata(
        _ range: Range<Int>, _ body: Bytes, _ symbols: WriteSymbols
    ) throws(ExpositionError) {
        var (help, unit) = (UInt64(0), UInt64(0))
        try body.forEachField(in: range) { field in
            switch field.number {
            case 1: type = MetricType(number: field.bits)
            case 3: help = field.bits
            case 4: unit = field.bits
            default: break
            }
        }
        do throws(SeriesFault) {
            // Without a table the first symbol, which is none, is not there either.
            if help > 0 { self.help = try symbols.range(help) }
            if unit > 0 { self.unit = try symbols.range(unit) }
        } catch {
            fault = error
        }
    }

    static func label(
        _ range: Range<Int>, _ body: Bytes
    ) throws(ExpositionError) -> (Range<Int>, Range<Int>) {
        var (name, value) = (0..<0, 0..<0)
        var cursor = Cursor(range)
        while let field = try cursor.nextField(body) {
            if field.number == 1 { name = field.range }
            if field.number == 2 { value = field.range }
        }
        return (name, value)
    }

    private static func sample(_ range: Range<Int>, _ body: Bytes) throws(ExpositionError) -> WriteSample {
        var sample = WriteSample()
        var cursor = Cursor(range)
        while let field = try cursor.nextField(body) {
            switch field.number {
            case 1: sample.value = field.double
            case 2: sample.time = Int64(bitPattern: field.bits)
            case 3: sample.start = Int64(bitPattern: field.bits)
            default: break
            }
        }
        return sample
    }

    /// What is wrong with labels: none may come twice, and all are text.
    private static func fault(
        in labels: [WriteLabel], _ body: Bytes, _ version: RemoteWriteVersion
    ) -> SeriesFault? {
        var isSorted = true
        for (index, label) in labels.enumerated() {
            if label.name.isEmpty { return SeriesFault("has a label without a name") }
            guard label.name.count <= nameLimit else {
                return SeriesFault("has a label whose name has more than \(nameLimit) bytes")
            }
            // Symbols were looked at when the table was read: many series may refer to a large one.
            guard version == .v2 || body.isText(label.name) && body.isText(label.value) else {
                return SeriesFault("has a label that is not UTF-8")
            }
            if index > 0, !body.precedes(labels[index - 1].name, label.name) { isSorted = false }
        }
        guard !isSorted else { return nil }
        let names = labels.map { $0.name }.sorted { body.precedes($0, $1) }
        for (left, right) in zip(names, names.dropFirst()) where !body.precedes(left, right) {
            return SeriesFault("has the label \(body[left].string.prefix(100)) twice")
        }
        return nil
    }
}

extension MetricType {
    /// The type of a number in metadata, which is the same in both versions.
    init(number: UInt64) {
        switch number {
        case 1: self = .counter
        case 2: self = .gauge
        case 3: self = .histogram
        case 4: self = .gaugeHistogram
        case 5: self = .summary
        case 6: self = .info
        case 7: self = .stateSet
        default: self = .unknown
        }
    }

    /// The number in metadata.
    var number: UInt64 {
        switch self {
        case .unknown: 0
        case .counter: 1
        case .gauge: 2
        case .histogram: 3
        case .gaugeHistogram: 4
        case .summary: 5
        case .info: 6
        case .stateSet: 7
        }
    }
}
