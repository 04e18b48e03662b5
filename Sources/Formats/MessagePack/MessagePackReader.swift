public import Wire

/// One value as it begins: all of a scalar, and how many values follow inside of an array or a map.
public enum MessagePackToken: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    /// A number above `Int64.max`; smaller ones are `int` whatever their format.
    case unsigned(UInt64)
    /// A float of either size.
    case double(Double)
    /// Where the text is; that it is UTF-8 has not been checked.
    case string(Range<Int>)
    /// Where the bytes are.
    case binary(Range<Int>)
    /// How many elements follow.
    case array(Int)
    /// How many pairs of key and value follow.
    case map(Int)
    /// An extension type and where its data is.
    case extended(type: Int8, Range<Int>)
}

/// Reads MessagePack value by value, without copying and without making anything.
///
/// No input makes it crash or reserve memory: what is claimed is compared with what is there. An array of a
/// million elements has at least a million bytes behind it, or it is an error where it begins.
public struct MessagePackReader: Sendable {
    /// What is read.
    public let bytes: Bytes
    /// Index of the next byte.
    public var position: Int
    /// Index after the last byte.
    public let end: Int

    /// Stands at the beginning of `range` of `bytes`.
    public init(_ bytes: Bytes, in range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "reading outside of the bytes")
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// Stands at the beginning of `bytes`.
    public init(_ bytes: Bytes) { self.init(bytes, in: 0..<bytes.count) }

    /// Whether everything has been read.
    public var isAtEnd: Bool { position >= end }

    /// Reads the next value, of arrays and maps their beginning.
    public mutating func next() throws(MessagePackError) -> MessagePackToken {
        let (start, end) = (position, end)
        let (token, after) = try bytes.withSpan { (span) throws(MessagePackError) in
            let readable = span.extracting(first: end)
            guard let header = try MessagePackHeader(readable, at: start) else {
                throw MessagePackError(.truncated, at: start)
            }
            let after = start + header.size
            guard header.payload <= end - after, header.children <= end - after else {
                throw MessagePackError(.truncated, at: start)
            }
            return (Self.token(header, readable, after), after + header.payload)
        }
        position = after
        return token
    }

    /// Steps over the next value with everything inside of it.
    ///
    /// - Parameter depth: how many levels of arrays and maps it may have.
    /// - Throws: what is wrong with the value, and `.tooDeep` when it has more levels.
    public mutating func skip(depth: Int) throws(MessagePackError) {
        try skip(depth: depth, limit: depth)
    }

    private mutating func skip(depth: Int, limit: Int) throws(MessagePackError) {
        let start = position
        let count: Int
        switch try next() {
        case .array(let elements): count = elements
        case .map(let pairs): count = pairs * 2
        default: return
        }
        guard depth > 0 else { throw MessagePackError(.tooDeep(limit: limit), at: start) }
        for _ in 0..<count { try skip(depth: depth - 1, limit: limit) }
    }

    private static func token(
        _ header: MessagePackHeader, _ bytes: RawSpan, _ start: Int
    ) -> MessagePackToken {
        let data = start..<(start + header.payload)
        switch header.kind {
        case .null: return .null
        case .bool(let bool): return .bool(bool)
        case .int(let int): return .int(int)
        case .string: return .string(data)
        case .binary: return .binary(data)
        case .array: return .array(header.children)
        case .map: return .map(header.children / 2)
        case .extended(let type): return .extended(type: type, data)
        case .unsigned, .signed, .float32, .float64: break
        }
        let bits = MessagePackHeader.bigEndian(bytes, at: start, width: header.payload)
        switch header.kind {
        case .float32: return .double(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .float64: return .double(Double(bitPattern: bits))
        case .unsigned: return Int64(exactly: bits).map { .int($0) } ?? .unsigned(bits)
        default:
            // The sign is in the highest bit of as many bytes as there are.
            let unused = UInt64(64 - header.payload * 8)
            return .int(Int64(bitPattern: bits << unused) >> Int64(unused))
        }
    }
}
