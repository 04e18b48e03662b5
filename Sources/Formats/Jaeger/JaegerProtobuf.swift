public import Telemetry
public import Wire

/// Spans of Jaeger in protobuf (jaeger-idl, `api_v2`), turned into OTLP.
///
/// A message is read whole or not at all; fields that are not known are stepped over.
public enum JaegerProtobuf {
    /// The path of `CollectorService.PostSpans`.
    public static let postSpans = "/jaeger.api_v2.CollectorService/PostSpans"

    /// Reads a `PostSpansRequest`.
    ///
    /// - Parameters:
    ///   - bytes: all of the message.
    ///   - limit: the most bytes that the spans may become, with their resources and scopes.
    /// - Returns: the spans, which may be none.
    /// - Throws: what is wrong with it, and where.
    public static func request(_ bytes: Bytes, limit: Int) throws(JaegerError) -> Batch {
        var parser = JaegerProtobufParser(bytes, limit: limit)
        try parser.request()
        return parser.finish()
    }
}

/// One field of a message in protobuf.
struct ProtobufField {
    enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32
        case bytes(Range<Int>)
    }

    let number: Int
    let value: Value
    /// Index of its first byte.
    let start: Int
}

/// Reads the fields of a message one after another.
struct ProtobufFields {
    private let bytes: Bytes
    private var cursor: Cursor

    init(_ bytes: Bytes, _ range: Range<Int>) {
        self.bytes = bytes
        cursor = Cursor(range)
    }

    /// The next field; `nil` at the end of the message.
    mutating func next() throws(JaegerError) -> ProtobufField? {
        var cursor = cursor
        let field: ProtobufField?
        do throws(WireError) {
            field = try bytes.withSpan { (span) throws(WireError) in try Self.read(&cursor, span) }
        } catch {
            let place = WireError(error.reason, at: 0).description
            throw JaegerError(String(place.prefix(place.count - " at byte 0".count)), at: error.offset)
        }
        self.cursor = cursor
        return field
    }

    private static func read(_ cursor: inout Cursor, _ span: RawSpan) throws(WireError) -> ProtobufField? {
        while true {
            let start = cursor.position
            guard let tag = try cursor.readTag(span) else { return nil }
            let value: ProtobufField.Value
            switch tag.type {
            case .varint: value = .varint(try cursor.readVarint(span))
            case .fixed64: value = .fixed64(try cursor.readFixed64(span))
            case .lengthDelimited: value = .bytes(try cursor.readLengthDelimited(span))
            case .fixed32, .startGroup, .endGroup:
                try cursor.skip(tag, span)
                continue
            }
            return ProtobufField(number: tag.number, value: value, start: start)
        }
    }
}

/// Reads the messages of `api_v2`.
struct JaegerProtobufParser: ~Copyable {
    private var assembly: JaegerAssembly
    private let bytes: Bytes
    /// The process of a span that was read last, which the next one often has as well.
    private var lastProcess: (range: Range<Int>, resource: EncodedAttributes)?

    init(_ bytes: Bytes, limit: Int) {
        self.bytes = bytes
        assembly = JaegerAssembly(bytes, limit: limit)
    }

    consuming func finish() -> Batch { assembly.finish() }

    mutating func request() throws(JaegerError) {
        var fields = ProtobufFields(bytes, 0..<bytes.count)
        while let field = try fields.next() {
            if case (1, .bytes(let batch)) = (field.number, field.value) { try read(batch: batch) }
        }
    }

    /// Reads a `Batch`; it is walked twice, because its process stands behind its spans.
    private mutating func read(batch: Range<Int>) throws(JaegerError) {
        var process: Range<Int>?
        var fields = ProtobufFields(bytes, batch)
        while let field = try fields.next() {
            if case (2, .bytes(let range)) = (field.number, field.value) { process = range }
        }
        let resource = try process.map { (range) throws(JaegerError) in try self.resource(range) }
        assembly.begin(resource ?? EncodedAttributes())
        fields = ProtobufFields(bytes, batch)
        while let field = try fields.next() {
            guard case (1, .bytes(let range)) = (field.number, field.value) else { continue }
            assembly.span.reset()
            try read(span: range)
            var own: EncodedAttributes?
            if let process = assembly.span.process { own = try self.own(process) }
            try assembly.finishSpan(of: own, at: range.lowerBound)
        }
    }

    private mutating func own(_ process: Range<Int>) throws(JaegerError) -> EncodedAttributes {
        if let lastProcess, bytes.hasEqual(lastProcess.range, process) { return lastProcess.resource }
        let resource = try resource(process)
        lastProcess = (process, resource)
        return resource
    }

    private func resource(_ range: Range<Int>) throws(JaegerError) -> EncodedAttributes {
        var process = JaegerProcess()
        var fields = ProtobufFields(bytes, range)
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let name)): process.serviceName = name
            case (2, .bytes(let range)): process.add(try tag(range), of: bytes)
            default: break
            }
        }
        return try JaegerAssembly.resource(process, bytes, at: range.lowerBound)
    }

    // MARK: - Spans

    private mutating func read(span range: Range<Int>) throws(JaegerError) {
        var (start, duration): (Int64, Int64) = (0, 0)
        var fields = ProtobufFields(bytes, range)
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let id)): assembly.span.trace = try traceID(id)
            case (2, .bytes(let id)): assembly.span.id = try spanID(id)
            case (3, .bytes(let name)): assembly.span.name = name
            case (4, .bytes(let range)): assembly.span.add(try reference(range))
            case (5, .varint(let flags)): assembly.span.isSampled = flags & 1 != 0
            case (6, .bytes(let range)): start = try time(range)
            case (7, .bytes(let range)): duration = try time(range)
            case (8, .bytes(let range)): assembly.span.add(try tag(range), of: bytes)
            case (9, .bytes(let range)): try read(log: range)
            case (10, .bytes(let process)): assembly.span.process = process
            default: break
            }
        }
        assembly.span.start = UInt64(max(0, start))
        assembly.span.end = UInt64(max(0, JaegerTime.add(start, duration)))
    }

    private mutating func read(log range: Range<Int>) throws(JaegerError) {
        var time: Int64 = 0
        assembly.span.beginEvent()
        var fields = ProtobufFields(bytes, range)
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let range)): time = try self.time(range)
            case (2, .bytes(let range)): assembly.span.add(field: try tag(range), of: bytes)
            default: break
            }
        }
        assembly.span.endEvent(at: UInt64(max(0, time)))
    }

    private func reference(_ range: Range<Int>) throws(JaegerError) -> JaegerReference {
        var reference = JaegerReference()
        var fields = ProtobufFields(bytes, range)
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let id)): reference.trace = try traceID(id)
            case (2, .bytes(let id)): reference.id = try spanID(id)
            case (3, .varint(let kind)): reference.kind = .init(Int32(truncatingIfNeeded: kind))
            default: break
            }
        }
        return reference
    }

    private func tag(_ range: Range<Int>) throws(JaegerError) -> JaegerTag {
        var (key, type) = (0..<0, Int32(0))
        var (text, bool, int, double, binary) = (0..<0, false, Int64(0), 0.0, 0..<0)
        var fields = ProtobufFields(bytes, range)
        while let field = try fields.next() {
            switch (field.number, field.value) {
            case (1, .bytes(let range)): key = range
            case (2, .varint(let number)): type = Int32(truncatingIfNeeded: number)
            case (3, .bytes(let range)): text = range
            case (4, .varint(let number)): bool = number != 0
            case (5, .varint(let number)): int = Int64(bitPattern: number)
            case (6, .fixed64(let bits)): double = Double(bitPattern: bits)
            case (7, .bytes(let range)): binary = range
            default: break
            }
        }
        let value: JaegerValue =
            switch type {
            case 0: .text(text)
            case 1: .bool(bool)
            case 2: .int(int)
            case 3: .double(double)
            case 4: .binary(binary)
            default: .unknown(String(type))
            }
        return JaegerTag(key: key, value: value)
    }

    // MARK: - Ids and times

    private func traceID(_ range: Range<Int>) throws(JaegerError) -> TraceID {
        guard !range.isEmpty else { return TraceID(high: 0, low: 0) }
        guard range.count == 16 else {
            throw JaegerError("a trace id has \(range.count) bytes instead of 16", at: range.lowerBound)
        }
        return TraceID(high: number(range.prefix(8)), low: number(range.suffix(8)))
    }

    private func spanID(_ range: Range<Int>) throws(JaegerError) -> UInt64 {
        guard range.isEmpty || range.count == 8 else {
            throw JaegerError("a span id has \(range.count) bytes instead of 8", at: range.lowerBound)
        }
        return number(range)
    }

    private func number(_ range: Range<Int>) -> UInt64 {
        range.reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    /// Nanoseconds of a Timestamp or a Duration.
    private func time(_ range: Range<Int>) throws(JaegerError) -> Int64 {
        var (seconds, rest): (Int64, Int64) = (0, 0)
        var fields = ProtobufFields(bytes, range)
        while let field = try fields.next() {
            guard case .varint(let number) = field.value else { continue }
            if field.number == 1 { seconds = Int64(bitPattern: number) }
            if field.number == 2 { rest = Int64(Int32(truncatingIfNeeded: number)) }
        }
        return JaegerTime.nanoseconds(seconds: seconds, rest)
    }
}
