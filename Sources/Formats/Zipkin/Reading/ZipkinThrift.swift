internal import Telemetry
internal import Wire

/// Reads lists of spans of version 1 in Thrift (zipkinCore.thrift, binary protocol), a span at a time, into
/// one that is used again and again.
///
/// Text that is not UTF-8 has U+FFFD in place of what is not. Fields that are not known, or that have another
/// type than they ought to, are stepped over.
struct ZipkinThrift {
    private let bytes: Bytes
    private var reader: ThriftReader
    private var span = ZipkinSpanV1()

    init(_ body: Bytes) {
        bytes = body
        reader = ThriftReader(body, .binary)
    }

    /// Reads all spans; `body` gets each with the place where it begins.
    mutating func readSpans(
        _ body: (ZipkinSpanV1, Int) throws(InvalidTelemetry) -> Void
    ) throws(InvalidTelemetry) {
        let count = try reading("list of spans") { (reader) throws(ThriftError) in try reader.structs("spans")
        }
        for index in 0..<count {
            do throws(InvalidTelemetry) {
                let start = reader.position
                try readSpan()
                if let problem = span.identity.problem {
                    throw InvalidTelemetry(reason: problem, offset: start)
                }
                try body(span, start)
            } catch {
                throw error.inside("span \(index)")
            }
        }
        guard reader.position == bytes.count else {
            throw InvalidTelemetry(reason: "bytes after the last span", offset: reader.position)
        }
    }

    private mutating func reading<Result>(
        _ what: String, _ body: (inout ThriftReader) throws(ThriftError) -> Result
    ) throws(InvalidTelemetry) -> Result {
        do throws(ThriftError) {
            return try body(&reader)
        } catch {
            throw InvalidTelemetry(reason: "\(what): \(error.explanation)", offset: error.offset)
        }
    }

    private mutating func readSpan() throws(InvalidTelemetry) {
        var found = ZipkinSpanV1()
        // The memory of the span before is used again.
        swap(&found, &span)
        found.reset()
        try reading("thrift") { (reader) throws(ThriftError) in
            var (high, low): (UInt64, UInt64) = (0, 0)
            try reader.fields { (reader, field) throws(ThriftError) in
                switch (field.number, field.type) {
                case (1, .i64): low = UInt64(bitPattern: try reader.i64())
                case (3, .binary): found.identity.name = try reader.text()
                case (4, .i64): found.identity.id = UInt64(bitPattern: try reader.i64())
                case (5, .i64): found.identity.parentID = UInt64(bitPattern: try reader.i64())
                case (6, .list): try reader.annotations(into: &found.annotations)
                case (8, .list): try reader.binaryAnnotations(into: &found.binaryAnnotations)
                case (10, .i64): found.identity.time = UInt64(max(try reader.i64(), 0))
                case (11, .i64): found.identity.duration = UInt64(max(try reader.i64(), 0))
                case (12, .i64): high = UInt64(bitPattern: try reader.i64())
                default: try reader.skip(field)
                }
            }
            found.identity.traceID = TraceID(high: high, low: low)
        }
        swap(&found, &span)
        if span.annotations.contains(where: { $0.time > ZipkinIdentity.timeLimit }) {
            throw InvalidTelemetry(
                reason: "the timestamp of an annotation goes beyond the year 2554", offset: reader.position)
        }
    }
}

extension ThriftReader {
    /// Reads the fields of a struct; `body` reads the value of each.
    fileprivate mutating func fields(
        _ body: (inout ThriftReader, ThriftField) throws(ThriftError) -> Void
    ) throws(ThriftError) {
        var last: Int16 = 0
        while let field = try field(after: &last) { try body(&self, field) }
    }

    /// Reads the beginning of a list of structs: how many follow.
    fileprivate mutating func structs(_ name: String) throws(ThriftError) -> Int {
        let start = position
        let (type, count) = try list()
        guard type == .structure || count == 0 else {
            throw ThriftError(.wrongElements(of: name), at: start)
        }
        return count
    }

    /// Reads the beginning of a list of structs, of which a span has some already.
    private mutating func parts(_ name: String, after known: Int) throws(ThriftError) -> Int {
        let start = position
        let count = try structs(name)
        guard known + count <= ZipkinIdentity.partLimit else {
            throw ThriftError(.tooManyElements(of: name, limit: ZipkinIdentity.partLimit), at: start)
        }
        return count
    }

    fileprivate mutating func text() throws(ThriftError) -> Bytes {
        let range = try binary()
        let text = bytes[range]
        let isUTF8 = text.withUnsafeBytes { UTF8Check.firstInvalid($0) } == nil
        return isUTF8 ? text : Bytes(utf8: text.string)
    }

    private mutating func endpoint() throws(ThriftError) -> ZipkinEndpoint {
        var endpoint = ZipkinEndpoint()
        try fields { (reader, field) throws(ThriftError) in
            switch (field.number, field.type) {
            case (1, .i32):
                let address = UInt32(bitPattern: try reader.i32())
                let octets = (0..<4).map { UInt8(truncatingIfNeeded: address >> (24 - 8 * $0)) }
                if address != 0 { endpoint.ipv4 = Bytes(utf8: InternetAddress(octets: octets).description) }
            case (2, .i16): endpoint.port = UInt16(bitPattern: try reader.i16())
            case (3, .binary): endpoint.serviceName = try reader.text()
            case (4, .binary):
                let range = try reader.binary()
                let octets = reader.bytes[range]
                if octets.count == 16 {
                    endpoint.ipv6 = Bytes(utf8: InternetAddress(octets: octets.array).description)
                }
            default: try reader.skip(field)
            }
        }
        return endpoint
    }

    fileprivate mutating func annotations(into list: inout [ZipkinAnnotation]) throws(ThriftError) {
        for _ in 0..<(try parts("annotations", after: list.count)) {
            var annotation = ZipkinAnnotation()
            try fields { (reader, field) throws(ThriftError) in
                switch (field.number, field.type) {
                case (1, .i64): annotation.time = UInt64(max(try reader.i64(), 0))
                case (2, .binary): annotation.value = try reader.text()
                case (3, .structure): annotation.endpoint = try reader.endpoint()
                default: try reader.skip(field)
                }
            }
            list.append(annotation)
        }
    }

    fileprivate mutating func binaryAnnotations(
        into list: inout [ZipkinSpanV1.BinaryAnnotation]
    ) throws(ThriftError) {
        for _ in 0..<(try parts("binary_annotations", after: list.count)) {
            var annotation = ZipkinSpanV1.BinaryAnnotation()
            var (value, type): (Range<Int>, Int32) = (position..<position, 6)
            try fields { (reader, field) throws(ThriftError) in
                switch (field.number, field.type) {
                case (1, .binary): annotation.key = try reader.text()
                case (2, .binary): value = try reader.binary()
                case (3, .i32): type = try reader.i32()
                case (4, .structure): annotation.endpoint = try reader.endpoint()
                default: try reader.skip(field)
                }
            }
            annotation.set(bytes[value], type)
            list.append(annotation)
        }
    }
}

extension ZipkinSpanV1.BinaryAnnotation {
    /// Takes a value of one of the types of AnnotationType, numbers in network order.
    ///
    /// What has not the bytes of its type, or a type that is not known, is kept as bytes are: in base64.
    fileprivate mutating func set(_ data: Bytes, _ type: Int32) {
        let sizes: [Int32: Int] = [0: 1, 2: 2, 3: 4, 4: 8, 5: 8]
        if type == 6 {
            let isUTF8 = data.withUnsafeBytes { UTF8Check.firstInvalid($0) } == nil
            value = isUTF8 ? data : Bytes(utf8: data.string)
            return
        }
        guard let size = sizes[type], data.count == size else {
            value = Bytes(Base64Variant.standard.encode(data.array))
            return
        }
        let bits = (0..<size).reduce(UInt64(0)) { $0 << 8 | UInt64(data[$1]) }
        let unused = UInt64(64 - size * 8)
        isTyped = true
        switch type {
        case 0:
            isTrue = bits == 1
            value = Bytes(utf8: isTrue ? "true" : "false")
        case 5: value = Self.text(of: Double(bitPattern: bits))
        default: value = Bytes(utf8: String(Int64(bitPattern: bits << unused) >> Int64(unused)))
        }
    }

    /// Digits with a point, which is read as a number with a fraction again.
    private static func text(of double: Double) -> Bytes {
        let text = double.plainText
        return Bytes(utf8: double.isFinite && !text.contains(".") ? text + ".0" : text)
    }
}
