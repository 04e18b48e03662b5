public import Wire

/// Writes MessagePack, every value in the shortest format that holds it.
public struct MessagePackWriter: ~Copyable, Sendable {
    private var builder: BytesBuilder

    /// Makes room for `capacity` bytes; more is allocated when needed.
    public init(capacity: Int = 256) { builder = BytesBuilder(capacity: capacity) }

    /// How many bytes have been written.
    public var count: Int { builder.count }

    /// Freezes what was written; no byte is copied.
    public consuming func finish() -> Bytes { builder.finish() }

    public mutating func null() { builder.append(0xC0) }

    public mutating func write(_ bool: Bool) { builder.append(bool ? 0xC3 : 0xC2) }

    public mutating func write(_ int: Int64) {
        guard int < 0 else { return write(UInt64(int)) }
        switch int {
        case (-32)...: builder.append(UInt8(bitPattern: Int8(int)))
        case Int64(Int8.min)...: put(0xD0, UInt8(bitPattern: Int8(int)))
        case Int64(Int16.min)...: put(0xD1, UInt16(bitPattern: Int16(int)))
        case Int64(Int32.min)...: put(0xD2, UInt32(bitPattern: Int32(int)))
        default: put(0xD3, UInt64(bitPattern: int))
        }
    }

    public mutating func write(_ unsigned: UInt64) {
        switch unsigned {
        case ...0x7F: builder.append(UInt8(unsigned))
        case ...UInt64(UInt8.max): put(0xCC, UInt8(unsigned))
        case ...UInt64(UInt16.max): put(0xCD, UInt16(unsigned))
        case ...UInt64(UInt32.max): put(0xCE, UInt32(unsigned))
        default: put(0xCF, unsigned)
        }
    }

    public mutating func write(_ double: Double) { put(0xCB, double.bitPattern) }

    public mutating func write(_ text: String) {
        beginString(text.utf8.count)
        builder.append(utf8: text)
    }

    /// Writes a string whose UTF-8 is there already.
    public mutating func write(utf8 text: Bytes) {
        beginString(text.count)
        builder.append(text)
    }

    /// Writes bytes as a string of two hexadecimal digits each.
    public mutating func write(hexadecimal bytes: Bytes) {
        beginString(bytes.count * 2)
        for index in 0..<bytes.count {
            builder.append(Hexadecimal.digit(bytes[index] >> 4))
            builder.append(Hexadecimal.digit(bytes[index] & 15))
        }
    }

    public mutating func write(binary bytes: Bytes) {
        beginBinary(bytes.count)
        builder.append(bytes)
    }

    public mutating func write(binary bytes: [UInt8]) {
        beginBinary(bytes.count)
        builder.append(bytes)
    }

    /// Begins an array; as many values have to follow.
    public mutating func beginArray(_ count: Int) {
        switch count {
        case ..<16: builder.append(0x90 | UInt8(count))
        case ...Int(UInt16.max): put(0xDC, UInt16(count))
        default: put(0xDD, UInt32(clamping: count))
        }
    }

    /// Begins a map; as many pairs of key and value have to follow.
    public mutating func beginMap(_ count: Int) {
        switch count {
        case ..<16: builder.append(0x80 | UInt8(count))
        case ...Int(UInt16.max): put(0xDE, UInt16(count))
        default: put(0xDF, UInt32(clamping: count))
        }
    }

    /// Writes data of an extension type.
    public mutating func write(extended type: Int8, _ data: [UInt8]) {
        switch data.count {
        case 1: builder.append(0xD4)
        case 2: builder.append(0xD5)
        case 4: builder.append(0xD6)
        case 8: builder.append(0xD7)
        case 16: builder.append(0xD8)
        case ...Int(UInt8.max): put(0xC7, UInt8(data.count))
        case ...Int(UInt16.max): put(0xC8, UInt16(data.count))
        default: put(0xC9, UInt32(clamping: data.count))
        }
        builder.append(UInt8(bitPattern: type))
        builder.append(data)
    }

    /// Writes values that are encoded already.
    public mutating func write(raw bytes: Bytes) { builder.append(bytes) }

    private mutating func beginString(_ count: Int) {
        switch count {
        case ..<32: builder.append(0xA0 | UInt8(count))
        case ...Int(UInt8.max): put(0xD9, UInt8(count))
        case ...Int(UInt16.max): put(0xDA, UInt16(count))
        default: put(0xDB, UInt32(clamping: count))
        }
    }

    /// Begins binary data; as many bytes have to follow.
    public mutating func beginBinary(_ count: Int) {
        switch count {
        case ...Int(UInt8.max): put(0xC4, UInt8(count))
        case ...Int(UInt16.max): put(0xC5, UInt16(count))
        default: put(0xC6, UInt32(clamping: count))
        }
    }

    private mutating func put<Value: FixedWidthInteger>(_ format: UInt8, _ value: Value) {
        builder.append(format)
        builder.append(littleEndian: value.byteSwapped)
    }
}
