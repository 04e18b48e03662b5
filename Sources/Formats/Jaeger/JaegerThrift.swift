public import Telemetry
public import Wire

/// Spans of Jaeger in Apache Thrift (jaeger-idl, `jaeger.thrift` and `agent.thrift`), turned into OTLP.
///
/// A message is read whole or not at all. Fields that are not known are stepped over, and so are known ones
/// whose type is another, as code that Thrift generates does; what has to be there must be there.
public enum JaegerThrift {
    /// Reads a `Batch`, the body of a request over HTTP.
    ///
    /// - Parameters:
    ///   - bytes: all of the body.
    ///   - encoding: how it is laid out.
    ///   - limit: the most bytes that the spans may become, with their resources and scopes.
    /// - Returns: the spans, which may be none.
    /// - Throws: what is wrong with it, and where.
    public static func batch(
        _ bytes: Bytes, _ encoding: ThriftEncoding, limit: Int
    ) throws(JaegerError) -> Batch {
        var parser = JaegerThriftParser(bytes, limit: limit)
        try parser.batch(ThriftReader(bytes, encoding))
        return parser.finish()
    }

    /// Reads a call of `emitBatch`, as it comes in one datagram.
    ///
    /// - Parameters:
    ///   - bytes: all of the datagram.
    ///   - encoding: how it is laid out.
    ///   - limit: the most bytes that the spans may become, with their resources and scopes.
    /// - Returns: the spans, which may be none.
    /// - Throws: what is wrong with it, and where.
    public static func datagram(
        _ bytes: Bytes, _ encoding: ThriftEncoding, limit: Int
    ) throws(JaegerError) -> Batch {
        var parser = JaegerThriftParser(bytes, limit: limit)
        try parser.batch(try call(bytes, encoding))
        return parser.finish()
    }

    /// Where the batch begins in a call.
    private static func call(
        _ bytes: Bytes, _ encoding: ThriftEncoding
    ) throws(JaegerError) -> ThriftReader {
        do throws(ThriftError) {
            var reader = ThriftReader(bytes, encoding)
            let message = try reader.message()
            guard message.kind == .call || message.kind == .oneway, message.name == "emitBatch" else {
                throw ThriftError(.unknownMethod(message.name), at: 0)
            }
            var last: Int16 = 0
            while let field = try reader.field(after: &last) {
                if field.number == 1, field.type == .structure { return reader }
                try reader.skip(field)
            }
            throw ThriftError(.missing(field: "batch", of: message.name), at: 0)
        } catch {
            throw JaegerError(error)
        }
    }
}

/// Reads the structs of `jaeger.thrift`.
struct JaegerThriftParser: ~Copyable {
    private var assembly: JaegerAssembly
    private let bytes: Bytes

    init(_ bytes: Bytes, limit: Int) {
        self.bytes = bytes
        assembly = JaegerAssembly(bytes, limit: limit)
    }

    consuming func finish() -> Batch { assembly.finish() }

    /// Reads a `Batch`.
    ///
    /// It is walked twice, because its process may stand behind its spans.
    mutating func batch(_ start: ThriftReader) throws(JaegerError) {
        let (process, spans): (ThriftReader, ThriftReader)
        do throws(ThriftError) {
            (process, spans) = try Self.parts(start)
        } catch {
            throw JaegerError(error)
        }
        assembly.begin(try resource(process))
        var reader = spans
        let count: Int
        do throws(ThriftError) {
            count = try Self.structs(&reader, "spans").count
        } catch {
            throw JaegerError(error)
        }
        for _ in 0..<count {
            let start = reader.position
            assembly.span.reset()
            do throws(ThriftError) {
                try Self.read(&reader, into: &assembly.span)
            } catch {
                throw JaegerError(error)
            }
            try assembly.finishSpan(at: start)
        }
    }

    /// Where process and spans of a batch begin.
    private static func parts(
        _ start: ThriftReader
    ) throws(ThriftError) -> (process: ThriftReader, spans: ThriftReader) {
        var (process, spans): (ThriftReader?, ThriftReader?)
        var reader = start
        var last: Int16 = 0
        while let field = try reader.field(after: &last) {
            switch (field.number, field.type) {
            case (1, .structure): process = reader
            case (2, .list): spans = reader
            default: break
            }
            try reader.skip(field)
        }
        guard let process else { throw missing("process", "Batch", start) }
        guard let spans else { throw missing("spans", "Batch", start) }
        return (process, spans)
    }

    private func resource(_ start: ThriftReader) throws(JaegerError) -> EncodedAttributes {
        var process = JaegerProcess()
        do throws(ThriftError) {
            var reader = start
            var isNamed = false
            var last: Int16 = 0
            while let field = try reader.field(after: &last) {
                switch (field.number, field.type) {
                case (1, .binary): (process.serviceName, isNamed) = (try reader.binary(), true)
                case (2, .list):
                    for _ in 0..<(try Self.structs(&reader, "tags").count) {
                        process.add(try Self.tag(&reader), of: bytes)
                    }
                default: try reader.skip(field)
                }
            }
            guard isNamed else { throw Self.missing("serviceName", "Process", start) }
        } catch {
            throw JaegerError(error)
        }
        return try JaegerAssembly.resource(process, bytes, at: start.position)
    }

    // MARK: - Spans

    private static func read(_ reader: inout ThriftReader, into span: inout JaegerSpan) throws(ThriftError) {
        let start = reader
        var (low, high, begin, duration): (Int64?, Int64?, Int64?, Int64?)
        var found = 0
        var last: Int16 = 0
        while let field = try reader.field(after: &last) {
            switch (field.number, field.type) {
            case (1, .i64): low = try reader.i64()
            case (2, .i64): high = try reader.i64()
            case (3, .i64): (span.id, found) = (UInt64(bitPattern: try reader.i64()), found | 1)
            case (4, .i64): (span.namedParent, found) = (UInt64(bitPattern: try reader.i64()), found | 2)
            case (5, .binary): (span.name, found) = (try reader.binary(), found | 4)
            case (6, .list):
                for _ in 0..<(try structs(&reader, "references").count) { span.add(try reference(&reader)) }
            case (7, .i32): (span.isSampled, found) = (try reader.i32() & 1 != 0, found | 8)
            case (8, .i64): begin = try reader.i64()
            case (9, .i64): duration = try reader.i64()
            case (10, .list):
                for _ in 0..<(try structs(&reader, "tags").count) {
                    span.add(try tag(&reader), of: reader.bytes)
                }
            case (11, .list): for _ in 0..<(try structs(&reader, "logs").count) { try log(&reader, &span) }
            default: try reader.skip(field)
            }
        }
        guard let low else { throw missing("traceIdLow", "Span", start) }
        guard let high else { throw missing("traceIdHigh", "Span", start) }
        guard let begin else { throw missing("startTime", "Span", start) }
        guard let duration else { throw missing("duration", "Span", start) }
        let names = ["spanId", "parentSpanId", "operationName", "flags"]
        for (bit, name) in names.enumerated() where found & 1 << bit == 0 {
            throw missing(name, "Span", start)
        }
        span.trace = TraceID(high: UInt64(bitPattern: high), low: UInt64(bitPattern: low))
        span.start = JaegerTime.nanoseconds(microseconds: begin)
        span.end = JaegerTime.nanoseconds(microseconds: duration, after: begin)
    }

    private static func log(_ reader: inout ThriftReader, _ span: inout JaegerSpan) throws(ThriftError) {
        let start = reader
        var time: Int64?
        var hasFields = false
        var last: Int16 = 0
        span.beginEvent()
        while let field = try reader.field(after: &last) {
            switch (field.number, field.type) {
            case (1, .i64): time = try reader.i64()
            case (2, .list):
                hasFields = true
                for _ in 0..<(try structs(&reader, "fields").count) {
                    span.add(field: try tag(&reader), of: reader.bytes)
                }
            default: try reader.skip(field)
            }
        }
        guard let time else { throw missing("timestamp", "Log", start) }
        guard hasFields else { throw missing("fields", "Log", start) }
        span.endEvent(at: JaegerTime.nanoseconds(microseconds: time))
    }

    private static func reference(_ reader: inout ThriftReader) throws(ThriftError) -> JaegerReference {
        let start = reader
        var (kind, low, high, id): (Int32?, Int64?, Int64?, Int64?)
        var last: Int16 = 0
        while let field = try reader.field(after: &last) {
            switch (field.number, field.type) {
            case (1, .i32): kind = try reader.i32()
            case (2, .i64): low = try reader.i64()
            case (3, .i64): high = try reader.i64()
            case (4, .i64): id = try reader.i64()
            default: try reader.skip(field)
            }
        }
        guard let kind else { throw missing("refType", "SpanRef", start) }
        guard let low else { throw missing("traceIdLow", "SpanRef", start) }
        guard let high else { throw missing("traceIdHigh", "SpanRef", start) }
        guard let id else { throw missing("spanId", "SpanRef", start) }
        let trace = TraceID(high: UInt64(bitPattern: high), low: UInt64(bitPattern: low))
        return JaegerReference(trace: trace, id: UInt64(bitPattern: id), kind: .init(kind))
    }

    private static func tag(_ reader: inout ThriftReader) throws(ThriftError) -> JaegerTag {
        let start = reader
        var (key, type): (Range<Int>?, Int32?)
        var (text, double, bool, int, binary) = (0..<0, 0.0, false, Int64(0), 0..<0)
        var last: Int16 = 0
        while let field = try reader.field(after: &last) {
            switch (field.number, field.type) {
            case (1, .binary): key = try reader.binary()
            case (2, .i32): type = try reader.i32()
            case (3, .binary): text = try reader.binary()
            case (4, .double): double = try reader.double()
            case (5, .bool): bool = try reader.bool(field)
            case (6, .i64): int = try reader.i64()
            case (7, .binary): binary = try reader.binary()
            default: try reader.skip(field)
            }
        }
        guard let key else { throw missing("key", "Tag", start) }
        guard let type else { throw missing("vType", "Tag", start) }
        let value: JaegerValue =
            switch type {
            case 0: .text(text)
            case 1: .double(double)
            case 2: .bool(bool)
            case 3: .int(int)
            case 4: .binary(binary)
            default: .unknown("<UNSET>")
            }
        return JaegerTag(key: key, value: value)
    }

    // MARK: - Rules

    /// The beginning of a list of structs; an empty one may have any type.
    private static func structs(
        _ reader: inout ThriftReader, _ name: String
    ) throws(ThriftError) -> (type: ThriftType, count: Int) {
        let start = reader.position
        let list = try reader.list()
        guard list.type == .structure || list.count == 0 else {
            throw ThriftError(.wrongElements(of: name), at: start)
        }
        return list
    }

    private static func missing(_ field: String, _ message: String, _ start: ThriftReader) -> ThriftError {
        ThriftError(.missing(field: field, of: message), at: start.position)
    }
}

extension JaegerReference.Kind {
    /// The kind that Jaeger's formats give a number.
    init(_ number: Int32) {
        switch number {
        case 0: self = .childOf
        case 1: self = .followsFrom
        default: self = .unknown
        }
    }
}
