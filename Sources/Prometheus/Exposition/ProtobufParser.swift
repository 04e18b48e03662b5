internal import Wire

/// Reads a page of messages `io.prometheus.client.MetricFamily`, each after its length.
///
/// A metric becomes as many samples as the text format has lines for it; those of one metric wait in a list.
struct ProtobufParser: Sendable {
    let page: Bytes
    private var pages: Cursor
    /// What is left of the metrics of the family.
    private var family: Cursor?
    var name = 0..<0
    private var type = MetricType.unknown
    /// Entries that are read and wait, the next one last.
    private var waiting: [ExpositionEntry] = []
    /// The labels of the metric whose samples wait.
    private var labelKey: [UInt8] = []
    private var bounds = PageBounds()

    init(_ page: Bytes) {
        self.page = page
        pages = Cursor(0..<page.count)
    }

    /// The next entry; `nil` at the end of the page.
    mutating func next() throws(ExpositionError) -> ExpositionEntry? {
        while true {
            if let entry = waiting.popLast() { return entry }
            if var rest = family {
                family = nil
                if let field = try rest.nextField(page) {
                    family = rest
                    if field.number == 4, field.type == .lengthDelimited { try metric(field.range) }
                }
            } else if !pages.isAtEnd {
                try begin(try pages.nextMessage(page))
            } else {
                return nil
            }
        }
    }

    /// Reads what is said of a family as a whole.
    private mutating func begin(_ message: Range<Int>) throws(ExpositionError) {
        var (help, unit) = (0..<0, 0..<0)
        var (name, type) = (0..<0, MetricType.counter)
        try page.forEachField(in: message) { (field) throws(ExpositionError) in
            switch field.number {
            case 1: name = field.range
            case 2: help = field.range
            case 3: type = Self.type(field.bits)
            case 5: unit = field.range
            default: break
            }
        }
        for text in [name, help, unit] {
            guard page[text].withUnsafeBytes({ UTF8Check.firstInvalid($0) == nil }) else {
                throw ExpositionError("a text is not valid UTF-8", at: .byte(text.lowerBound))
            }
        }
        guard !name.isEmpty else {
            throw ExpositionError("a family has no name", at: .byte(message.lowerBound))
        }
        (self.name, self.type, family) = (name, type, Cursor(message))
        if !unit.isEmpty { waiting.append(.unit(name: name, text: unit)) }
        if !help.isEmpty { waiting.append(.help(name: name, text: help)) }
        waiting.append(.type(name: name, type))
    }

    private static func type(_ number: UInt64) -> MetricType {
        switch number {
        case 0: .counter
        case 1: .gauge
        case 2: .summary
        case 4: .histogram
        case 5: .gaugeHistogram
        default: .unknown
        }
    }

    private mutating func metric(_ message: Range<Int>) throws(ExpositionError) {
        labelKey.removeAll(keepingCapacity: true)
        var content: ProtobufField?
        var timestamp: Int64?
        var labels: [Range<Int>] = []
        try page.forEachField(in: message) { (field) throws(ExpositionError) in
            switch field.number {
            case 1:
                guard labels.count < PageBounds.labels else {
                    throw ExpositionError(
                        "there are more than \(PageBounds.labels) labels", at: .byte(field.range.lowerBound))
                }
                labels.append(field.range)
            case 2, 3, 4, 5, 7: content = field
            case 6: timestamp = Int64(bitPattern: field.bits)
            default: break
            }
        }
        for label in labels {
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: label.count)) { labelKey.append(contentsOf: $0) }
            page.append(label, to: &labelKey)
        }
        guard let content, content.type == .lengthDelimited else {
            throw ExpositionError("a metric has no value", at: .byte(message.lowerBound))
        }
        var metric = ProtobufMetric(page: page, message: message, name: name, bounds: bounds)
        defer { bounds = metric.bounds }
        var samples: [ExpositionSample]
        switch content.number {
        case 2, 5: samples = [try metric.number(content.range)]
        case 3: samples = [try metric.counter(content.range)]
        case 4: samples = try metric.summary(content.range)
        default: samples = try metric.histogram(content.range)
        }
        if let timestamp { for index in samples.indices { samples[index].timestamp = timestamp } }
        for sample in samples.reversed() { waiting.append(.sample(sample)) }
    }

    /// Bytes for the series of a sample that was read last.
    func appendKey(of sample: ExpositionSample, to key: inout [UInt8]) {
        page.append(sample.name, to: &key)
        key.append(0)
        key.append(sample.part.rawValue)
        withUnsafeBytes(of: sample.bound.bitPattern) { key.append(contentsOf: $0) }
        key.append(sample.histogram == nil ? 0 : 1)
        key.append(contentsOf: labelKey)
    }

    /// The name and the labels of a sample.
    func series(of sample: ExpositionSample) throws(ExpositionError) -> (String, [LabelSet.Label]) {
        var labels: [LabelSet.Label] = []
        try page.forEachField(in: sample.series) { (field) throws(ExpositionError) in
            guard field.number == 1 else { return }
            var (name, value) = (0..<0, 0..<0)
            try page.forEachField(in: field.range) { (part) throws(ExpositionError) in
                if part.number == 1 { name = part.range }
                if part.number == 2 { value = part.range }
            }
            labels.append(LabelSet.Label(try text(name), try text(value)))
        }
        switch sample.part {
        case .bucket: labels.append(.init(LabelNames.bucketBound, NumberFormat.bound(sample.bound)))
        case .quantile: labels.append(.init(LabelNames.quantile, NumberFormat.bound(sample.bound)))
        case .whole, .sum, .count: break
        }
        return (page[sample.name].string + sample.part.suffix, labels)
    }

    private func text(_ range: Range<Int>) throws(ExpositionError) -> String {
        let bytes = page[range]
        guard bytes.withUnsafeBytes({ UTF8Check.firstInvalid($0) == nil }) else {
            throw ExpositionError("a label is not valid UTF-8", at: .byte(range.lowerBound))
        }
        return bytes.string
    }
}
