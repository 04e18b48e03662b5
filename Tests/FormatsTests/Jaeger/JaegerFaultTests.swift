import Formats
import Telemetry
import Testing
import Wire

/// What is not a message, and what is too much of one.
@Suite struct JaegerFaultTests {
    typealias Sample = JaegerSample

    private static let rich = Sample(
        tags: ["hostname": .text("h"), "jaeger.version": .text("1")],
        spans: [
            .init(
                parent: 5, references: [.init(id: 4), .init(id: 9, kind: 1)], flags: 1,
                tags: [
                    "span.kind": .text("client"), "error": .bool(true), "http.status_code": .int(404),
                    "binary": .binary([0, 1]), "double": .double(2.5), "otel.scope.name": .text("lib"),
                ],
                logs: [.init(5, ["event": .text("e"), "n": .int(1)])], service: "cart"),
            .init(id: 8, tags: ["w3c.tracestate": .text("a=b"), "otel.status_code": .text("OK")]),
        ])

    private func reason(_ bytes: [UInt8], _ form: Sample.Form, limit: Int = 1 << 24) throws -> String {
        let error = #expect(throws: JaegerError.self) {
            try Sample.translate(bytes, form, limit: limit)
        }
        return try #require(error).reason
    }

    @Test func `a message of Thrift that is cut is no message`() throws {
        let forms: [(Sample.Form, ThriftEncoding)] = [(.thriftBinary, .binary), (.thriftCompact, .compact)]
        for (form, encoding) in forms {
            let bytes = Self.rich.encoded(form)
            for end in 0..<bytes.count {
                _ = try reason(Array(bytes[..<end]), form)
            }
            let call = ThriftValue.structure([(1, Self.rich.thrift)]).message("emitBatch", encoding)
            #expect(try JaegerThrift.datagram(Bytes(call), encoding, limit: 1 << 20).itemCount == 2)
            for end in 0..<(call.count - 1) {
                #expect(throws: JaegerError.self) {
                    try JaegerThrift.datagram(Bytes(Array(call[..<end])), encoding, limit: 1 << 20)
                }
            }
        }
    }

    @Test func `what has to be there is missed by its name`() throws {
        let process = ThriftValue.structure([(1, .text("s"))])
        let span: [(Int, ThriftValue)] = [
            (1, .i64(1)), (2, .i64(1)), (3, .i64(1)), (4, .i64(0)), (5, .text("n")), (7, .i32(0)),
            (8, .i64(0)), (9, .i64(0)),
        ]
        func batch(_ spans: [ThriftValue]) -> ThriftValue {
            .structure([(2, .list(spans)), (1, process)])
        }
        let whole = batch([.structure(span)]).encoded(.compact)
        #expect(try Sample.translate(whole, .thriftCompact).itemCount == 1)
        let names = [
            "traceIdLow", "traceIdHigh", "spanId", "parentSpanId", "operationName", "flags", "startTime",
            "duration",
        ]
        for (index, name) in names.enumerated() {
            var fields = span
            fields.remove(at: index)
            let bytes = batch([.structure(fields)]).encoded(.compact)
            #expect(try reason(bytes, .thriftCompact) == "Span has no \(name)")
            // A field of another type is none.
            fields.append((span[index].0, .double(1)))
            #expect(try reason(batch([.structure(fields)]).encoded(.binary), .thriftBinary).contains(name))
        }
        func parts(_ number: Int, _ part: ThriftValue) -> [UInt8] {
            batch([.structure(span + [(number, .list([part]))])]).encoded(.binary)
        }
        #expect(try reason(parts(10, .structure([(2, .i32(0))])), .thriftBinary) == "Tag has no key")
        #expect(try reason(parts(10, .structure([(1, .text("k"))])), .thriftBinary) == "Tag has no vType")
        #expect(try reason(parts(11, .structure([(1, .i64(0))])), .thriftBinary) == "Log has no fields")
        #expect(try reason(parts(6, .structure([(1, .i32(0))])), .thriftBinary).hasPrefix("SpanRef has no"))
        #expect(try reason(parts(6, .i32(0)), .thriftBinary) == "references is not a list of structs")
        let noProcess = ThriftValue.structure([(2, .list([]))]).encoded(.binary)
        #expect(try reason(noProcess, .thriftBinary) == "Batch has no process")
        let noName = ThriftValue.structure([(1, .structure([])), (2, .list([]))]).encoded(.binary)
        #expect(try reason(noName, .thriftBinary) == "Process has no serviceName")
    }

    @Test func `only spans are called for`() {
        for name in ["emitZipkinBatch", "other"] {
            let call = ThriftValue.structure([(1, .list([]))]).message(name, .compact)
            let error = #expect(throws: JaegerError.self) {
                try JaegerThrift.datagram(Bytes(call), .compact, limit: 1000)
            }
            #expect(error?.reason == "there is no method '\(name)'")
        }
        let reply = ThriftValue.structure([(1, Self.rich.thrift)]).message("emitBatch", .binary, kind: 2)
        #expect(throws: JaegerError.self) { try JaegerThrift.datagram(Bytes(reply), .binary, limit: 1 << 20) }
        let empty = ThriftValue.structure([]).message("emitBatch", .binary)
        #expect(throws: JaegerError.self) { try JaegerThrift.datagram(Bytes(empty), .binary, limit: 1 << 20) }
    }

    @Test func `ids of protobuf have the right length`() throws {
        let short: [UInt8] = [0x0A, 6, 0x0A, 4, 0x0A, 2, 1, 2]
        #expect(try reason(short, .protobuf) == "a trace id has 2 bytes instead of 16")
        let id: [UInt8] = [0x0A, 5, 0x0A, 3, 0x12, 1, 1]
        #expect(try reason(id, .protobuf) == "a span id has 1 bytes instead of 8")
        #expect(try reason([0x0A, 5, 0x0A, 9], .protobuf).contains("value ends after"))
    }

    @Test(arguments: Sample.Form.allCases)
    func `what becomes larger than the limit is refused`(form: Sample.Form) throws {
        let bytes = Sample(spans: (0..<100).map { .init(id: UInt64($0)) }).encoded(form)
        #expect(try Sample.translate(bytes, form, limit: 100_000).itemCount == 100)
        #expect(try reason(bytes, form, limit: 1000) == "the spans become larger than 1000 bytes as OTLP")
    }

    @Test func `a span has no more parts than there is memory for`() throws {
        var span: [UInt8] = [0x28, 1]
        for _ in 0...(1 << 18) { span += [0x4A, 0] }
        var writer = Writer()
        let batch = writer.begin(1)
        writer.write(bytes: span, 1)
        writer.end(batch)
        #expect(try reason(writer.finish().array, .protobuf).hasPrefix("a span has more than 262144"))
    }

    @Test func `spans of many processes are kept apart within bounds`() throws {
        let spans = (0..<5000).map { Sample.Span(id: UInt64($0 + 1), service: "s\($0)") }
        let groups = try Sample(spans: spans).translated(.protobuf)
        #expect(groups.count == 5000)
    }

    @Test(arguments: Sample.Form.allCases, 0..<20 as Range<UInt64>)
    func `damage is an error or becomes valid OTLP`(form: Sample.Form, seed: UInt64) {
        var random = Random(state: seed)
        let original = Self.rich.encoded(form)
        for _ in 0..<300 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(.random(in: 0...255, using: &random), at: index)
                default: bytes[index] = .random(in: 0...255, using: &random)
                }
            }
            do {
                _ = try Sample.translate(bytes, form)
            } catch {
                #expect(error is JaegerError, "\(error)")
            }
        }
    }
}
