extension Writer {
    /// Writes an unsigned integer (uint32, uint64, enum) in field `number`.
    @inlinable
    public mutating func write(varint value: UInt64, _ number: Int) {
        writeTag(number, .varint)
        writeVarint(value)
    }

    /// Writes a signed integer (int32, int64) in field `number`; negative ones take ten bytes.
    @inlinable
    public mutating func write(signed value: Int64, _ number: Int) {
        write(varint: UInt64(bitPattern: value), number)
    }

    /// Writes a zigzag integer (sint32, sint64) in field `number`.
    @inlinable
    public mutating func write(zigZag value: Int64, _ number: Int) {
        write(varint: ZigZag.encode(value), number)
    }

    /// Writes a boolean in field `number`.
    @inlinable
    public mutating func write(bool value: Bool, _ number: Int) {
        write(varint: value ? 1 : 0, number)
    }

    /// Writes a fixed32 in field `number`.
    @inlinable
    public mutating func write(fixed32 value: UInt32, _ number: Int) {
        writeTag(number, .fixed32)
        builder.append(littleEndian: value)
    }

    /// Writes a fixed64 or sfixed64 (as its bit pattern) in field `number`.
    @inlinable
    public mutating func write(fixed64 value: UInt64, _ number: Int) {
        writeTag(number, .fixed64)
        builder.append(littleEndian: value)
    }

    /// Writes a double in field `number`.
    @inlinable
    public mutating func write(double value: Double, _ number: Int) {
        write(fixed64: value.bitPattern, number)
    }

    /// Writes the UTF-8 of `text` in field `number`.
    public mutating func write(string text: String, _ number: Int) {
        var text = text
        text.withUTF8 { write(bytes: UnsafeRawBufferPointer($0), number) }
    }

    /// Writes bytes, or a message that is encoded already, in field `number`.
    @inlinable
    public mutating func write(bytes: UnsafeRawBufferPointer, _ number: Int) {
        writeTag(number, .lengthDelimited)
        writeVarint(UInt64(bytes.count))
        builder.append(bytes)
    }

    /// Writes bytes, or a message that is encoded already, in field `number`.
    @inlinable
    public mutating func write(bytes: Bytes, _ number: Int) {
        bytes.withUnsafeBytes { write(bytes: $0, number) }
    }

    /// Writes bytes, or a message that is encoded already, in field `number`.
    @inlinable
    public mutating func write(bytes: [UInt8], _ number: Int) {
        bytes.withUnsafeBytes { write(bytes: $0, number) }
    }

    /// Writes a packed list of fixed64 or doubles (as bit patterns) in field `number`.
    public mutating func write(packedFixed64 values: some Collection<UInt64>, _ number: Int) {
        writeTag(number, .lengthDelimited)
        writeVarint(UInt64(values.count) * 8)
        for value in values { builder.append(littleEndian: value) }
    }

    /// Writes a packed list of unsigned integers in field `number`.
    public mutating func write(packedVarints values: some Sequence<UInt64>, _ number: Int) {
        let mark = begin(number)
        for value in values { writeVarint(value) }
        end(mark)
    }

    /// Writes bytes as they are: whole fields, tags included, or a piece of one.
    @inlinable
    public mutating func write(raw bytes: UnsafeRawBufferPointer) { builder.append(bytes) }

    /// Writes bytes as they are: whole fields, tags included, or a piece of one.
    @inlinable
    public mutating func write(raw bytes: Bytes) { builder.append(bytes) }

    /// Writes a fixed64 without a tag, an element of a packed list.
    @inlinable
    public mutating func writeFixed64(_ value: UInt64) { builder.append(littleEndian: value) }
}
