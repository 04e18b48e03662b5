import Formats
import Telemetry
import Testing
import Wire

/// What one body may cost in memory.
@Suite struct ZipkinBoundsTests {
    private static let limit = 1 << 18

    private static func list(_ element: String, _ count: Int) -> String {
        [String](repeating: element, count: count).joined(separator: ",")
    }

    enum Part: CaseIterable, Sendable {
        case jsonAnnotations, jsonTags, jsonV1Annotations, jsonV1Facts, thriftAnnotations, thriftFacts
        case protobufAnnotations

        /// What holds them, as errors say.
        var name: String {
            switch self {
            case .jsonTags: "tags"
            case .jsonV1Facts: "binaryAnnotations"
            case .thriftFacts: "binary_annotations"
            default: "annotations"
            }
        }
    }

    /// A body of one span with so many parts.
    private static func body(_ part: Part, _ count: Int) -> (bytes: Bytes, form: ZipkinForm) {
        func json(_ members: String) -> Bytes { Bytes(utf8: "[\(span(members))]") }
        let parts = "\"\(part.name)\":[\(list("{}", count))]"
        switch part {
        case .jsonTags:
            let tags = (0..<count).map { "\"\($0)\":0" }.joined(separator: ",")
            return (json("\"tags\":{\(tags)}"), .json)
        case .jsonAnnotations: return (json(parts), .json)
        case .jsonV1Annotations, .jsonV1Facts: return (json(parts), .jsonV1)
        case .thriftAnnotations: return (thrift(6, count), .thrift)
        case .thriftFacts: return (thrift(8, count), .thrift)
        case .protobufAnnotations: return (protobuf(count), .protobuf)
        }
    }

    private static func thrift(_ number: Int, _ count: Int) -> Bytes {
        let parts = [ThriftValue](repeating: .structure([]), count: count)
        let span = ThriftValue.structure([(1, .i64(1)), (4, .i64(1)), (number, .list(parts))])
        return Bytes(ThriftValue.list([span]).encoded(.binary))
    }

    private static func protobuf(_ count: Int) -> Bytes {
        var writer = Writer()
        let mark = writer.begin(1)
        writer.write(bytes: Array(1...16), 1)
        writer.write(bytes: Array(1...8), 3)
        for _ in 0..<count { writer.write(bytes: [], 10) }
        writer.end(mark)
        return writer.finish()
    }

    @Test(arguments: Part.allCases)
    func `a span has no more parts than there is memory for`(part: Part) throws {
        let (body, form) = Self.body(part, Self.limit + 1)
        let error = #expect(throws: InvalidTelemetry.self) { try decode(body, as: form) }
        let reason = try #require(error).reason
        #expect(reason.contains("there are more than 262144") && reason.contains(part.name), "\(reason)")
    }

    @Test func `a span may have as many parts as that`() throws {
        let (body, form) = Self.body(.protobufAnnotations, Self.limit)
        #expect(try decode(body, as: form).onlySpan().events.count == Self.limit)
    }

    @Test(arguments: ZipkinForm.allCases)
    func `what becomes larger than the limit is refused`(form: ZipkinForm) throws {
        let body: Bytes
        switch form {
        case .json, .jsonV1: body = Bytes(utf8: "[\(Self.list(span(), 100))]")
        case .protobuf:
            let one = Self.protobuf(0)
            var builder = BytesBuilder()
            for _ in 0..<100 { builder.append(one) }
            body = builder.finish()
        case .thrift:
            let span = ThriftValue.structure([(1, .i64(1)), (4, .i64(1))])
            body = Bytes(ThriftValue.list([ThriftValue](repeating: span, count: 100)).encoded(.binary))
        }
        let decoder = ZipkinDecoder()
        let batch = try decoder.decode(body, as: form, limit: 20_000, now: 1)
        #expect(batch.itemCount == 100)
        let error = #expect(throws: InvalidTelemetry.self) {
            try decoder.decode(body, as: form, limit: batch.byteCount / 2, now: 1)
        }
        let reason = try #require(error).reason
        #expect(reason.hasSuffix("the spans become larger than \(batch.byteCount / 2) bytes as OTLP"))
    }

    @Test func `attributes of an annotation are only read from objects of some size`() throws {
        func name(_ size: Int) throws -> String? {
            let text = String(repeating: "x", count: size - 8)
            let value = "head|{\\\"k\\\":\\\"\(text)\\\"}|0"
            let list = "\"annotations\":[{\"timestamp\":1,\"value\":\"\(value)\"}]"
            return try decode("[\(span(list))]").onlySpan().events.first?.name
        }
        #expect(try name(4 << 20) == "head")
        #expect(try name((4 << 20) + 1)?.utf8.count == (4 << 20) + 8)
    }
}
