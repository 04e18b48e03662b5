/// A place in a message in the protobuf wire format: two offsets and no memory.
///
/// The bytes come as an argument to every call, so a cursor can be stored, copied and sent anywhere, and
/// every access is checked against the span it is given.
public struct Cursor: Sendable {
    /// How deeply groups of unknown fields may nest.
    @usableFromInline static let groupLimit = 32

    /// Index of the next byte to read.
    public var position: Int
    /// Index after the last byte of the message.
    public let end: Int

    /// Stands at the beginning of the message that occupies `range`.
    @inlinable
    public init(_ range: Range<Int>) {
        position = range.lowerBound
        end = range.upperBound
    }

    /// Whether the message has been read to its end.
    @inlinable public var isAtEnd: Bool { position >= end }

    /// Reads a variable-length integer.
    @inlinable
    public mutating func readVarint(_ bytes: RawSpan) throws(WireError) -> UInt64 {
        guard position < end else { throw WireError(.truncated, at: position) }
        let first = bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
        if first < 0x80 {
            position += 1
            return UInt64(first)
        }
        return try readLongVarint(bytes)
    }

    @usableFromInline
    mutating func readLongVarint(_ bytes: RawSpan) throws(WireError) -> UInt64 {
        var value: UInt64 = 0
        var index = position
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard index < end else { throw WireError(.truncated, at: position) }
            let byte = bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self)
            index += 1
            value |= UInt64(byte & 0x7F) << shift
            guard byte < 0x80 else { continue }
            if shift == 63, byte > 1 { throw WireError(.varintTooLong, at: position) }
            position = index
            return value
        }
        throw WireError(.varintTooLong, at: position)
    }

    /// Reads the tag of the next field, or returns `nil` at the end of the message.
    @inlinable
    public mutating func readTag(_ bytes: RawSpan) throws(WireError) -> Tag? {
        guard position < end else { return nil }
        let start = position
        guard let tag = Tag(rawValue: try readVarint(bytes)) else {
            throw WireError(.invalidTag, at: start)
        }
        return tag
    }

    /// Reads a fixed 32-bit value.
    @inlinable
    public mutating func readFixed32(_ bytes: RawSpan) throws(WireError) -> UInt32 {
        guard end - position >= 4 else { throw WireError(.truncated, at: position) }
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
        position += 4
        return UInt32(littleEndian: value)
    }

    /// Reads a fixed 64-bit value.
    @inlinable
    public mutating func readFixed64(_ bytes: RawSpan) throws(WireError) -> UInt64 {
        guard end - position >= 8 else { throw WireError(.truncated, at: position) }
        let value = bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        position += 8
        return UInt64(littleEndian: value)
    }

    /// Reads a length and steps over the value that follows; returns where the value is.
    @inlinable
    public mutating func readLengthDelimited(_ bytes: RawSpan) throws(WireError) -> Range<Int> {
        let start = position
        let length = try readVarint(bytes)
        guard length <= UInt64(end - position) else { throw WireError(.truncated, at: start) }
        let value = position..<(position + Int(length))
        position = value.upperBound
        return value
    }

    /// Steps over the value of a field whose tag has been read.
    public mutating func skip(_ tag: Tag, _ bytes: RawSpan) throws(WireError) {
        switch tag.type {
        case .varint: _ = try readVarint(bytes)
        case .fixed64: _ = try readFixed64(bytes)
        case .fixed32: _ = try readFixed32(bytes)
        case .lengthDelimited: _ = try readLengthDelimited(bytes)
        case .startGroup: try skipGroup(tag.number, bytes, depth: 1)
        case .endGroup: throw WireError(.invalidGroup, at: position)
        }
    }

    private mutating func skipGroup(_ number: Int, _ bytes: RawSpan, depth: Int) throws(WireError) {
        let start = position
        guard depth <= Self.groupLimit else { throw WireError(.invalidGroup, at: start) }
        while let tag = try readTag(bytes) {
            switch tag.type {
            case .startGroup:
                try skipGroup(tag.number, bytes, depth: depth + 1)
            case .endGroup:
                guard tag.number == number else { throw WireError(.invalidGroup, at: start) }
                return
            default:
                try skip(tag, bytes)
            }
        }
        throw WireError(.truncated, at: start)
    }
}
