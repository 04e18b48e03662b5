import Formats
import Telemetry
import Testing
import Wire

/// Spans to write in any of Jaeger's formats, for tests.
struct JaegerSample {
    enum Form: CaseIterable {
        case thriftBinary, thriftCompact, protobuf
    }

    enum Value: Sendable {
        case text(String)
        case double(Double)
        case bool(Bool)
        case int(Int64)
        case binary([UInt8])
        case unknown
    }

    struct Reference {
        var trace: (UInt64, UInt64) = (1, 2)
        var id: UInt64 = 0
        var kind: Int32 = 0
    }

    /// Keys, which may come more than once, and their values.
    struct Tags: ExpressibleByDictionaryLiteral {
        let pairs: [(String, Value)]

        init(_ pairs: [(String, Value)]) { self.pairs = pairs }

        init(dictionaryLiteral elements: (String, Value)...) { pairs = elements }
    }

    struct Log {
        /// Microseconds.
        let time: Int64
        let fields: Tags

        init(_ time: Int64, _ fields: Tags) {
            self.time = time
            self.fields = fields
        }
    }

    struct Span {
        var trace: (UInt64, UInt64) = (1, 2)
        var id: UInt64 = 3
        var parent: UInt64 = 0
        var name = "operation"
        var references: [Reference] = []
        var flags: Int32 = 0
        /// Microseconds.
        var start: Int64 = 1_000_000
        var duration: Int64 = 500
        var tags: Tags = [:]
        var logs: [Log] = []
        /// Service of a process of the span's own, which only protobuf has.
        var service: String?
    }

    var service = "shop"
    var tags: Tags = [:]
    var spans: [Span] = []

    /// The batch as it is sent: of Thrift the struct alone, of protobuf the whole request.
    func encoded(_ form: Form) -> [UInt8] {
        switch form {
        case .thriftBinary: thrift.encoded(.binary)
        case .thriftCompact: thrift.encoded(.compact)
        case .protobuf: protobuf
        }
    }

    /// What becomes of it, which is valid OTLP.
    func translated(_ form: Form) throws -> [ResourceGroup<SpanView>] {
        let batch = try Self.translate(encoded(form), form)
        return batch.resourceSpans
    }

    static func translate(_ bytes: [UInt8], _ form: Form, limit: Int = 1 << 24) throws -> Batch {
        let batch =
            switch form {
            case .thriftBinary: try JaegerThrift.batch(Bytes(bytes), .binary, limit: limit)
            case .thriftCompact: try JaegerThrift.batch(Bytes(bytes), .compact, limit: limit)
            case .protobuf: try JaegerProtobuf.request(Bytes(bytes), limit: limit)
            }
        let checked = try Batch(validating: batch.contiguous(), as: .traces)
        #expect(checked.itemCount == batch.itemCount)
        return batch
    }

    // MARK: - Thrift

    var thrift: ThriftValue {
        .structure([
            (1, .structure([(1, .text(service)), (2, Self.thrift(tags))])),
            (2, .list(spans.map { Self.thrift($0) })),
        ])
    }

    private static func thrift(_ span: Span) -> ThriftValue {
        .structure([
            (1, .i64(Int64(bitPattern: span.trace.1))), (2, .i64(Int64(bitPattern: span.trace.0))),
            (3, .i64(Int64(bitPattern: span.id))), (4, .i64(Int64(bitPattern: span.parent))),
            (5, .text(span.name)), (6, .list(span.references.map { thrift($0) })), (7, .i32(span.flags)),
            (8, .i64(span.start)), (9, .i64(span.duration)), (10, thrift(span.tags)),
            (11, .list(span.logs.map { .structure([(1, .i64($0.time)), (2, thrift($0.fields))]) })),
        ])
    }

    private static func thrift(_ reference: Reference) -> ThriftValue {
        .structure([
            (1, .i32(reference.kind)), (2, .i64(Int64(bitPattern: reference.trace.1))),
            (3, .i64(Int64(bitPattern: reference.trace.0))), (4, .i64(Int64(bitPattern: reference.id))),
        ])
    }

    private static func thrift(_ tags: Tags) -> ThriftValue {
        .list(
            tags.pairs.map { key, value in
                let (type, content): (Int32, (Int, ThriftValue)?) =
                    switch value {
                    case .text(let text): (0, (3, .text(text)))
                    case .double(let double): (1, (4, .double(double)))
                    case .bool(let bool): (2, (5, .bool(bool)))
                    case .int(let int): (3, (6, .i64(int)))
                    case .binary(let bytes): (4, (7, .binary(bytes)))
                    case .unknown: (9, nil)
                    }
                return .structure([(1, .text(key)), (2, .i32(type))] + (content.map { [$0] } ?? []))
            })
    }

    // MARK: - Protobuf

    private var protobuf: [UInt8] {
        var writer = Writer()
        let batch = writer.begin(1)
        for span in spans { Self.write(span, to: &writer) }
        Self.write(service, tags, 2, to: &writer)
        writer.end(batch)
        return writer.finish().array
    }

    private static func write(_ service: String, _ tags: Tags, _ number: Int, to writer: inout Writer) {
        let mark = writer.begin(number)
        writer.write(string: service, 1)
        for (key, value) in tags.pairs { write(key, value, 2, to: &writer) }
        writer.end(mark)
    }

    private static func write(_ span: Span, to writer: inout Writer) {
        let mark = writer.begin(1)
        writer.write(bytes: bytes(span.trace.0) + bytes(span.trace.1), 1)
        writer.write(bytes: bytes(span.id), 2)
        writer.write(string: span.name, 3)
        for reference in span.references {
            let mark = writer.begin(4)
            writer.write(bytes: bytes(reference.trace.0) + bytes(reference.trace.1), 1)
            writer.write(bytes: bytes(reference.id), 2)
            writer.write(signed: Int64(reference.kind), 3)
            writer.end(mark)
        }
        writer.write(signed: Int64(span.flags), 5)
        write(microseconds: span.start, 6, to: &writer)
        write(microseconds: span.duration, 7, to: &writer)
        for (key, value) in span.tags.pairs { write(key, value, 8, to: &writer) }
        for log in span.logs {
            let mark = writer.begin(9)
            write(microseconds: log.time, 1, to: &writer)
            for (key, value) in log.fields.pairs { write(key, value, 2, to: &writer) }
            writer.end(mark)
        }
        if let service = span.service { write(service, [:], 10, to: &writer) }
        writer.end(mark)
    }

    private static func write(_ key: String, _ value: Value, _ number: Int, to writer: inout Writer) {
        let mark = writer.begin(number)
        writer.write(string: key, 1)
        switch value {
        case .text(let text): writer.write(string: text, 3)
        case .bool(let bool):
            writer.write(varint: 1, 2)
            writer.write(bool: bool, 4)
        case .int(let int):
            writer.write(varint: 2, 2)
            writer.write(signed: int, 5)
        case .double(let double):
            writer.write(varint: 3, 2)
            writer.write(double: double, 6)
        case .binary(let bytes):
            writer.write(varint: 4, 2)
            writer.write(bytes: bytes, 7)
        case .unknown: writer.write(varint: 9, 2)
        }
        writer.end(mark)
    }

    private static func write(microseconds: Int64, _ number: Int, to writer: inout Writer) {
        let mark = writer.begin(number)
        writer.write(signed: microseconds / 1_000_000, 1)
        writer.write(signed: microseconds % 1_000_000 * 1000, 2)
        writer.end(mark)
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
