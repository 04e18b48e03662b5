internal import Wire

extension JSONReader {
    /// Reads the value of a field, which is not `null`, and writes it unless it is the absent one.
    mutating func readField(_ field: UnsafePointer<JSONSchema.Field>) throws(JSONFault) {
        guard field.pointee.presence == .repeated else { return try readValue(field) }
        guard take("[") else { throw JSONFault("expected an array", at: position) }
        skipSpace()
        if take("]") { return }
        if field.pointee.isPacked {
            let mark = output.begin(Int(field.pointee.number), expecting: 128)
            try readElements(field, isPacked: true)
            output.end(mark)
        } else {
            try readElements(field, isPacked: false)
        }
    }

    private mutating func readElements(
        _ field: UnsafePointer<JSONSchema.Field>, isPacked: Bool
    ) throws(JSONFault) {
        repeat {
            skipSpace()
            if isPacked { try readPacked(field) } else { try readValue(field) }
            skipSpace()
        } while take(",")
        guard take("]") else { throw JSONFault("expected , or ] inside an array", at: position) }
    }

    /// Reads one value and writes it with its tag.
    ///
    /// Zero is written only where it differs from no value at all.
    private mutating func readValue(_ field: UnsafePointer<JSONSchema.Field>) throws(JSONFault) {
        let number = Int(field.pointee.number)
        let keepsZero = field.pointee.presence != .implicit
        switch field.pointee.kind {
        case .message: try readNested(field.pointee.child, number)
        case .string: try readString(number, keepsEmpty: keepsZero)
        case .bytes: try readBase64(number, keepsEmpty: keepsZero)
        case .traceID: try readIdentifier(16, number, keepsEmpty: keepsZero)
        case .spanID: try readIdentifier(8, number, keepsEmpty: keepsZero)
        case .profileID: try readProfileIdentifier(number, keepsEmpty: keepsZero)
        default:
            let value = try readScalar(field.pointee.kind)
            guard keepsZero || value != 0 else { return }
            output.writeTag(number, field.pointee.wireType)
            writeScalar(value, field.pointee.wireType)
        }
    }

    private mutating func readPacked(_ field: UnsafePointer<JSONSchema.Field>) throws(JSONFault) {
        writeScalar(try readScalar(field.pointee.kind), field.pointee.wireType)
    }

    @inline(__always)
    private mutating func writeScalar(_ value: UInt64, _ type: WireType) {
        switch type {
        case .fixed64: output.writeFixed64(value)
        case .fixed32:
            withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian) { output.write(raw: $0) }
        default: output.writeVarint(value)
        }
    }

    /// Reads a value that is no string, bytes or message; the result is what the wire holds.
    @inline(__always)
    private mutating func readScalar(_ kind: JSONField.Kind) throws(JSONFault) -> UInt64 {
        switch kind {
        case .fixed64, .uint64: try readUnsigned(UInt64.max, "an integer from 0 to 2^64 - 1")
        case .int64, .sfixed64: UInt64(bitPattern: try readSigned(Int64.self, "an integer of 64 bits"))
        case .uint32, .fixed32: try readUnsigned(UInt64(UInt32.max), "an integer from 0 to 2^32 - 1")
        case .int32: UInt64(bitPattern: try readSigned(Int32.self, "an integer of 32 bits"))
        case .sint32: ZigZag.encode(try readSigned(Int32.self, "an integer of 32 bits"))
        case .enumeration: try readEnumeration()
        case .double: try readDouble().bitPattern
        default: try readBool()
        }
    }

    private mutating func readBool() throws(JSONFault) -> UInt64 {
        if takeWord("true") { return 1 }
        if takeWord("false") { return 0 }
        throw JSONFault("expected true or false", at: position)
    }

    private mutating func readEnumeration() throws(JSONFault) -> UInt64 {
        guard next != UInt8(ascii: "\"") else {
            throw JSONFault("expected an integer; OTLP/JSON does not allow names of enums", at: position)
        }
        return UInt64(bitPattern: try readSigned(Int32.self, "an integer of 32 bits"))
    }

    @inline(__always)
    private mutating func readUnsigned(
        _ limit: UInt64, _ expectation: StaticString
    ) throws(JSONFault) -> UInt64 {
        let start = position
        guard let value = try readNumber()?.unsigned, value <= limit else {
            throw JSONFault("expected \(expectation)", at: start)
        }
        return value
    }

    @inline(__always)
    private mutating func readSigned<Number: FixedWidthInteger>(
        _: Number.Type, _ expectation: StaticString
    ) throws(JSONFault) -> Int64 {
        let start = position
        guard let value = try readNumber()?.signed, Number(exactly: value) != nil else {
            throw JSONFault("expected \(expectation)", at: start)
        }
        return value
    }

    /// Reads a number, bare or as a string; `nil` when there is something else.
    @inline(__always)
    private mutating func readNumber() throws(JSONFault) -> JSONNumber? {
        guard take("\"") else {
            guard let number = JSONNumber(input, from: position, to: input.end) else { return nil }
            position = number.end
            return number
        }
        let text = try input.scanString(from: position)
        position = text.end + 1
        guard let number = JSONNumber(input, from: text.start, to: text.end), number.end == text.end else {
            return nil
        }
        return number
    }

    private mutating func readDouble() throws(JSONFault) -> Double {
        let start = position
        if next == UInt8(ascii: "\"") {
            if takeWord("\"NaN\"") { return .nan }
            if takeWord("\"Infinity\"") { return .infinity }
            if takeWord("\"-Infinity\"") { return -.infinity }
        }
        guard let value = try readNumber()?.double(input) else {
            throw JSONFault("expected a number that a double can hold", at: start)
        }
        return value
    }
}
