internal import Wire

extension JSONWriter {
    /// Writes one field, whose tag has been read, with its key or as another element of its array.
    @inline(__always)
    mutating func writeField(
        _ field: UnsafePointer<JSONSchema.Field>, _ tag: Tag, _ bytes: RawSpan, _ cursor: inout Cursor,
        into object: inout Object
    ) throws(WireError) {
        switch tag.type {
        case .lengthDelimited:
            let range = try cursor.readLengthDelimited(bytes)
            if field.pointee.isPacked {
                try writePacked(field, bytes, range, into: &object)
            } else if !range.isEmpty || field.pointee.presence != .implicit {
                begin(field, &object)
                try writeBlock(field.pointee, bytes, range)
            }
        case .varint, .fixed64, .fixed32:
            let value = try Self.readScalar(tag.type, bytes, &cursor)
            guard value != 0 || field.pointee.presence != .implicit else { return }
            begin(field, &object)
            writeScalar(value, field.pointee.kind)
        default:
            try cursor.skip(tag, bytes)
        }
    }

    private mutating func writePacked(
        _ field: UnsafePointer<JSONSchema.Field>, _ bytes: RawSpan, _ range: Range<Int>,
        into object: inout Object
    ) throws(WireError) {
        var cursor = Cursor(range)
        while !cursor.isAtEnd {
            let value = try Self.readScalar(field.pointee.wireType, bytes, &cursor)
            begin(field, &object)
            writeScalar(value, field.pointee.kind)
        }
    }

    @inline(__always)
    private static func readScalar(
        _ type: WireType, _ bytes: RawSpan, _ cursor: inout Cursor
    ) throws(WireError) -> UInt64 {
        switch type {
        case .fixed64: try cursor.readFixed64(bytes)
        case .fixed32: UInt64(try cursor.readFixed32(bytes))
        default: try cursor.readVarint(bytes)
        }
    }

    /// Writes what stands before a value: a comma, the key, the bracket of a new array.
    @inline(__always)
    private mutating func begin(_ field: UnsafePointer<JSONSchema.Field>, _ object: inout Object) {
        if object.openArray == field.pointee.bit {
            output.append(UInt8(ascii: ","))
            return
        }
        closeArray(&object)
        let key = UnsafeRawBufferPointer(field.pointee.key)
        output.append(object.isEmpty ? UnsafeRawBufferPointer(rebasing: key[1...]) : key)
        object.isEmpty = false
        guard field.pointee.presence == .repeated else { return }
        output.append(UInt8(ascii: "["))
        object.openArray = field.pointee.bit
    }

    @inline(__always)
    mutating func closeArray(_ object: inout Object) {
        guard object.openArray != 0 else { return }
        output.append(UInt8(ascii: "]"))
        object.openArray = 0
    }

    private mutating func writeBlock(
        _ field: JSONSchema.Field, _ bytes: RawSpan, _ range: Range<Int>
    ) throws(WireError) {
        switch field.kind {
        case .message: try writeMessage(field.child, bytes, range)
        case .string: writeString(bytes, range)
        case .bytes: writeBase64(bytes, range)
        default: writeHexadecimal(bytes, range)
        }
    }

    /// Writes a value as its kind has it: 64-bit integers as strings, the others as numbers.
    private mutating func writeScalar(_ value: UInt64, _ kind: JSONField.Kind) {
        switch kind {
        case .fixed64, .uint64: writeQuoted(value, isNegative: false)
        case .int64, .sfixed64:
            let number = Int64(bitPattern: value)
            writeQuoted(number.magnitude, isNegative: number < 0)
        case .double: writeDouble(Double(bitPattern: value))
        case .bool: writeWord(value == 0 ? "false" : "true")
        case .sint32: writeDecimal(Int64(Int32(truncatingIfNeeded: ZigZag.decode(value & 0xFFFF_FFFF))))
        case .int32, .enumeration: writeDecimal(Int64(Int32(truncatingIfNeeded: value)))
        default: writeDecimal(Int64(UInt32(truncatingIfNeeded: value)))
        }
    }

    private mutating func writeQuoted(_ magnitude: UInt64, isNegative: Bool) {
        output.append(UInt8(ascii: "\""))
        writeDigits(magnitude, isNegative: isNegative)
        output.append(UInt8(ascii: "\""))
    }

    private mutating func writeDecimal(_ value: Int64) {
        writeDigits(value.magnitude, isNegative: value < 0)
    }
}
