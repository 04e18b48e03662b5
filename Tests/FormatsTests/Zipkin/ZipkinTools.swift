import Formats
import Telemetry
import Testing
import Wire

/// Reads spans of Zipkin.
func decode(
    _ text: String, as form: ZipkinForm = .json, parsesStringTags: Bool = false, now: UInt64 = 7
) throws(InvalidTelemetry) -> Batch {
    try decode(Bytes(utf8: text), as: form, parsesStringTags: parsesStringTags, now: now)
}

/// Reads spans of Zipkin and proves that what comes out is OTLP.
func decode(
    _ body: Bytes, as form: ZipkinForm, parsesStringTags: Bool = false, now: UInt64 = 7
) throws(InvalidTelemetry) -> Batch {
    let batch = try ZipkinDecoder(parsesStringTags: parsesStringTags).decode(
        body, as: form, limit: 1 << 28, now: now)
    var items = 0
    for chunk in batch.chunks { items += try Batch(validating: chunk.bytes, as: .traces).itemCount }
    #expect(items == batch.itemCount)
    return batch
}

/// A span of version 2 that has what it needs, and further members.
func span(_ members: String = "", id: String = "00f067aa0ba902b7") -> String {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    return "{\"traceId\":\"\(trace)\",\"id\":\"\(id)\"\(members.isEmpty ? "" : ",")\(members)}"
}

extension ZipkinEncoder {
    /// Writes a batch that fits into one list.
    func encode(_ batch: Batch) -> (body: Bytes, spanCount: Int, rejectedCount: Int) {
        var lists = lists(of: batch, limit: 1 << 24)
        let list = lists.next()
        let isAll = lists.next() == nil && lists.tooLarge == 0
        #expect(isAll)
        return (list?.body ?? .empty, list?.spanCount ?? 0, lists.withoutIDs)
    }
}

extension Batch {
    /// All spans in order.
    var spans: [SpanView] { resourceSpans.flatMap { $0.scopes.flatMap { Array($0.records) } } }

    /// The attributes of the resources in order.
    var resources: [[String: String]] { resourceSpans.map { $0.resource.attributes.facts } }

    /// The only span.
    func onlySpan(_ location: SourceLocation = #_sourceLocation) throws -> SpanView {
        #expect(spans.count == 1, sourceLocation: location)
        return try #require(spans.first, sourceLocation: location)
    }
}

extension Messages where View == KeyValueView {
    /// Each value with its type: `s:text`, `i:7`, `d:0.5`, `b:true`, and JSON for what holds values.
    var facts: [String: String] {
        var facts: [String: String] = [:]
        for pair in self {
            #expect(facts[pair.key] == nil, "\(pair.key) comes twice")
            facts[pair.key] = pair.value.fact
        }
        return facts
    }
}

extension AnyValueView {
    fileprivate var fact: String {
        switch content {
        case .empty, .stringIndex: "-"
        case .string(let text): "s:\(text)"
        case .int(let int): "i:\(int)"
        case .double(let double): "d:\(double)"
        case .bool(let bool): "b:\(bool)"
        case .bytes, .array, .keyValues: text
        }
    }
}

extension Bytes {
    /// As hexadecimal digits.
    var digits: String { Hexadecimal.text(of: array) }
}
