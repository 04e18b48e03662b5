public import Wire

/// Reads a page of metrics, entry after entry.
///
/// Bad pages end with an error that says where; memory is that of the page and of one metric.
public struct ExpositionReader: Sendable {
    private enum Parser: Sendable {
        case text(TextParser)
        case protobuf(ProtobufParser)
    }

    private var parser: Parser
    private let page: Bytes

    /// A reader at the beginning of `page`.
    public init(_ page: Bytes, format: ExpositionFormat) {
        self.page = page
        switch format {
        case .text: parser = .text(TextParser(page, isOpenMetrics: false))
        case .openMetrics: parser = .text(TextParser(page, isOpenMetrics: true))
        case .protobuf: parser = .protobuf(ProtobufParser(page))
        }
    }

    /// The next entry; `nil` at the end of the page.
    public mutating func next() throws(ExpositionError) -> ExpositionEntry? {
        switch parser {
        case .text(var text):
            defer { parser = .text(text) }
            return try text.next()
        case .protobuf(var protobuf):
            // Not shared with the old value while it is changed, or its list of entries would be copied.
            parser = .text(TextParser(.empty, isOpenMetrics: false))
            defer { parser = .protobuf(protobuf) }
            return try protobuf.next()
        }
    }

    /// The text at a place that an entry names: of a name, a help or a unit.
    public func text(_ range: Range<Int>) throws(ExpositionError) -> String {
        switch parser {
        case .text(let parser): try parser.text(range)
        case .protobuf: page[range].string
        }
    }

    /// The name and the labels of the sample that was read last.
    ///
    /// Labels are as the page has them: in its order, perhaps twice, perhaps empty.
    public func series(
        of sample: ExpositionSample
    ) throws(ExpositionError) -> (name: String, labels: [LabelSet.Label]) {
        switch parser {
        case .text(let parser): try parser.series(of: sample)
        case .protobuf(let parser): try parser.series(of: sample)
        }
    }

    /// Appends bytes that tell the series of the sample that was read last from all others.
    ///
    /// One series may have several keys, when a page writes it in different ways; two series never have one.
    func appendKey(of sample: ExpositionSample, to key: inout [UInt8]) {
        switch parser {
        case .text(let parser): parser.page.append(sample.series, to: &key)
        case .protobuf(let parser): parser.appendKey(of: sample, to: &key)
        }
    }

    /// Appends the bytes at a place.
    func append(_ range: Range<Int>, to key: inout [UInt8]) { page.append(range, to: &key) }
}

extension Bytes {
    /// Appends a part to an array.
    func append(_ range: Range<Int>, to array: inout [UInt8]) {
        withUnsafeBytes { array.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}
