/// A small protobuf message under construction, for statuses: cold, so arrays are good enough.
struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    /// Adds an integer; zero is the default and left out.
    mutating func add(field: UInt64, varint value: Int64) {
        guard value != 0 else { return }
        append(varint: field << 3)
        append(varint: UInt64(bitPattern: value))
    }

    /// Adds a string; the empty one is the default and left out.
    mutating func add(field: UInt64, text: String) {
        guard !text.isEmpty else { return }
        add(field: field, bytes: Array(text.utf8))
    }

    /// Adds bytes or a message, empty or not.
    mutating func add(field: UInt64, bytes value: [UInt8]) {
        append(varint: field << 3 | 2)
        append(varint: UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Walks over the fields of a small protobuf message.
struct ProtobufReader {
    /// The value of a field in its wire form.
    enum Value {
        case varint(UInt64)
        case bytes(ArraySlice<UInt8>)
        /// A fixed-size number, which no status has.
        case fixed
    }

    private var rest: ArraySlice<UInt8>
    /// Whether the walk ended because the message is not well-formed.
    private(set) var isMalformed = false

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next field, or nil at the end.
    mutating func next() -> (number: UInt64, value: Value)? {
        guard !rest.isEmpty, !isMalformed else { return nil }
        guard let tag = varint(), let value = value(wireType: tag & 7), tag >> 3 != 0 else {
            isMalformed = true
            return nil
        }
        return (tag >> 3, value)
    }

    private mutating func value(wireType: UInt64) -> Value? {
        switch wireType {
        case 0: varint().map { .varint($0) }
        case 1: take(8).map { _ in .fixed }
        case 2: varint().flatMap { take($0) }.map { .bytes($0) }
        case 5: take(4).map { _ in .fixed }
        default: nil
        }
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
        guard count <= UInt64(rest.count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }
}
