internal import Telemetry
internal import Wire

/// Reads lists of spans in protobuf (zipkin.proto3 ListOfSpans), a span at a time, into one that is used
/// again and again.
///
/// Fields that are not known are stepped over; of a field that comes twice the last one counts.
struct ZipkinProtobuf {
    private let bytes: Bytes
    private var span = ZipkinSpan()

    init(_ body: Bytes) { bytes = body }

    /// Reads all spans; `body` gets each with the place where it begins.
    mutating func readSpans(
        _ body: (ZipkinSpan, Int) throws(InvalidTelemetry) -> Void
    ) throws(InvalidTelemetry) {
        var index = 0
        var cursor = Cursor(0..<bytes.count)
        while let field = try next(&cursor, "ListOfSpans") {
            guard field.tag.number == 1 else { continue }
            guard let range = field.range else { throw mismatch(field, "spans") }
            do throws(InvalidTelemetry) {
                span.reset()
                try readSpan(range)
                if let problem = span.identity.problem {
                    throw InvalidTelemetry(reason: problem, offset: range.lowerBound)
                }
                try body(span, range.lowerBound)
            } catch {
                throw error.inside("span \(index)")
            }
            index += 1
        }
    }

    // MARK: - Messages

    private mutating func readSpan(_ range: Range<Int>) throws(InvalidTelemetry) {
        var cursor = Cursor(range)
        while let field = try next(&cursor, "Span") {
            switch field.tag.number {
            case 1: span.identity.traceID = try traceID(field)
            case 2: span.identity.parentID = try spanID(field, "parent_id")
            case 3: span.identity.id = try spanID(field, "id")
            case 4:
                let kind = try integer(field, "kind")
                span.kind = (1...4).contains(kind) ? Int(kind) : 0
            case 5: span.identity.name = try text(field, "name")
            case 6: span.identity.time = try fixed(field, "timestamp")
            case 7: span.identity.duration = try integer(field, "duration")
            case 8: span.local = try endpoint(field, "local_endpoint")
            case 9: span.remote = try endpoint(field, "remote_endpoint")
            case 10:
                try checkRoom(span.annotations.count, "annotations", field)
                span.annotations.append(try annotation(field))
            case 11:
                try checkRoom(span.tags.pairs.count, "tags", field)
                try readTag(field)
            default: break
            }
        }
    }

    private func checkRoom(_ count: Int, _ name: String, _ field: Field) throws(InvalidTelemetry) {
        guard count >= ZipkinIdentity.partLimit else { return }
        throw InvalidTelemetry(reason: "\(name): \(ZipkinIdentity.tooManyParts)", offset: field.start)
    }

    private func endpoint(_ field: Field, _ name: String) throws(InvalidTelemetry) -> ZipkinEndpoint {
        guard let range = field.range else { throw mismatch(field, name) }
        var cursor = Cursor(range)
        var endpoint = ZipkinEndpoint()
        while let field = try next(&cursor, "Endpoint") {
            switch field.tag.number {
            case 1: endpoint.serviceName = try text(field, "service_name")
            case 2: endpoint.ipv4 = try address(field, "ipv4", size: 4)
            case 3: endpoint.ipv6 = try address(field, "ipv6", size: 16)
            case 4:
                guard let port = UInt16(exactly: try integer(field, "port")) else {
                    throw InvalidTelemetry(reason: "port is not from 0 to 65535", offset: field.start)
                }
                endpoint.port = port
            default: break
            }
        }
        return endpoint
    }

    private func annotation(_ field: Field) throws(InvalidTelemetry) -> ZipkinAnnotation {
        guard let range = field.range else { throw mismatch(field, "annotations") }
        var cursor = Cursor(range)
        var annotation = ZipkinAnnotation()
        while let field = try next(&cursor, "Annotation") {
            switch field.tag.number {
            case 1:
                annotation.time = try fixed(field, "timestamp")
                guard annotation.time <= ZipkinIdentity.timeLimit else {
                    throw InvalidTelemetry(
                        reason: "the timestamp of an annotation goes beyond the year 2554",
                        offset: field.start)
                }
            case 2: annotation.value = try text(field, "value")
            default: break
            }
        }
        return annotation
    }

    private mutating func readTag(_ field: Field) throws(InvalidTelemetry) {
        guard let range = field.range else { throw mismatch(field, "tags") }
        var cursor = Cursor(range)
        var (key, value) = (Bytes.empty, Bytes.empty)
        while let field = try next(&cursor, "tags") {
            switch field.tag.number {
            case 1: key = try text(field, "the key of a tag")
            case 2: value = try text(field, "the value of a tag")
            default: break
            }
        }
        span.tags.set(key, value)
    }

    // MARK: - Fields

    /// One field: the range of a length-delimited one, the bits of any other.
    private struct Field {
        let tag: Tag
        let start: Int
        var range: Range<Int>?
        var bits: UInt64 = 0
    }

    private func next(_ cursor: inout Cursor, _ message: String) throws(InvalidTelemetry) -> Field? {
        let start = cursor.position
        var place = cursor
        let field: Field?
        do throws(WireError) {
            field = try bytes.withSpan { (span) throws(WireError) -> Field? in
                guard let tag = try place.readTag(span) else { return nil }
                var field = Field(tag: tag, start: start)
                switch tag.type {
                case .varint: field.bits = try place.readVarint(span)
                case .fixed64: field.bits = try place.readFixed64(span)
                case .lengthDelimited: field.range = try place.readLengthDelimited(span)
                default: try place.skip(tag, span)
                }
                return field
            }
        } catch {
            throw InvalidTelemetry(
                reason: "\(message) is not protobuf: \(error.reason)", offset: error.offset)
        }
        cursor = place
        return field
    }

    private func mismatch(_ field: Field, _ name: String) -> InvalidTelemetry {
        InvalidTelemetry(reason: "\(name) has the wrong wire type", offset: field.start)
    }

    private func integer(_ field: Field, _ name: String) throws(InvalidTelemetry) -> UInt64 {
        guard field.tag.type == .varint else { throw mismatch(field, name) }
        return field.bits
    }

    private func fixed(_ field: Field, _ name: String) throws(InvalidTelemetry) -> UInt64 {
        guard field.tag.type == .fixed64 else { throw mismatch(field, name) }
        return field.bits
    }

    private func text(_ field: Field, _ name: String) throws(InvalidTelemetry) -> Bytes {
        guard let range = field.range else { throw mismatch(field, name) }
        let text = bytes[range]
        if let fault = text.withUnsafeBytes({ UTF8Check.firstInvalid($0) }) {
            throw InvalidTelemetry(reason: "\(name) is not UTF-8", offset: range.lowerBound + fault)
        }
        return text
    }

    /// An id of 16 bytes, or of 8, which are the last ones.
    private func traceID(_ field: Field) throws(InvalidTelemetry) -> TraceID {
        guard let range = field.range else { throw mismatch(field, "trace_id") }
        switch range.count {
        case 8: return TraceID(high: 0, low: word(range.lowerBound))
        case 16: return TraceID(high: word(range.lowerBound), low: word(range.lowerBound + 8))
        default:
            throw InvalidTelemetry(
                reason: "trace_id has \(range.count) bytes, not 8 or 16", offset: field.start)
        }
    }

    private func spanID(_ field: Field, _ name: String) throws(InvalidTelemetry) -> UInt64 {
        guard let range = field.range else { throw mismatch(field, name) }
        if range.isEmpty { return 0 }
        guard range.count == 8 else {
            throw InvalidTelemetry(reason: "\(name) has \(range.count) bytes, not 8", offset: field.start)
        }
        return word(range.lowerBound)
    }

    private func word(_ start: Int) -> UInt64 {
        (start..<start + 8).reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
    }

    private func address(_ field: Field, _ name: String, size: Int) throws(InvalidTelemetry) -> Bytes {
        guard let range = field.range else { throw mismatch(field, name) }
        if range.isEmpty { return .empty }
        guard range.count == size else {
            throw InvalidTelemetry(
                reason: "\(name) has \(range.count) bytes, not \(size)", offset: field.start)
        }
        return Bytes(utf8: InternetAddress(octets: bytes[range].array).description)
    }
}
