public import Wire

/// A value with everything inside of it, for messages that are small and rare.
public indirect enum MessagePackValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case unsigned(UInt64)
    case double(Double)
    /// A string, as the bytes that came: some senders put bytes there that are not UTF-8.
    case string([UInt8])
    case binary([UInt8])
    case array([MessagePackValue])
    case map([Pair])
    case extended(type: Int8, [UInt8])

    /// An entry of a map.
    public struct Pair: Sendable, Equatable {
        public let key: MessagePackValue
        public let value: MessagePackValue

        public init(_ key: MessagePackValue, _ value: MessagePackValue) {
            self.key = key
            self.value = value
        }
    }

    /// A string.
    public static func text(_ text: String) -> Self { .string(Array(text.utf8)) }

    /// Reads one value, which has to be all of `bytes`.
    ///
    /// The tree takes some 50 times the memory of its bytes at worst, so the caller bounds those.
    ///
    /// - Parameters:
    ///   - bytes: one encoded value.
    ///   - depth: how many levels of arrays and maps it may have.
    /// - Throws: what is wrong with the bytes, and where.
    public init(decoding bytes: Bytes, depth: Int) throws(MessagePackError) {
        var reader = MessagePackReader(bytes)
        self = try Self.read(&reader, depth: depth, limit: depth)
        guard reader.isAtEnd else { throw MessagePackError(.tooLong(limit: reader.position), at: 0) }
    }

    /// The value in MessagePack.
    public func encoded() -> Bytes {
        var writer = MessagePackWriter()
        write(to: &writer)
        return writer.finish()
    }

    /// Writes the value.
    public func write(to writer: inout MessagePackWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let bool): writer.write(bool)
        case .int(let int): writer.write(int)
        case .unsigned(let unsigned): writer.write(unsigned)
        case .double(let double): writer.write(double)
        case .string(let bytes): writer.write(utf8: Bytes(bytes))
        case .binary(let bytes): writer.write(binary: bytes)
        case .extended(let type, let data): writer.write(extended: type, data)
        case .array(let values):
            writer.beginArray(values.count)
            for value in values { value.write(to: &writer) }
        case .map(let pairs):
            writer.beginMap(pairs.count)
            for pair in pairs {
                pair.key.write(to: &writer)
                pair.value.write(to: &writer)
            }
        }
    }

    /// The bytes of a string or of binary data.
    public var bytes: [UInt8]? {
        switch self {
        case .string(let bytes), .binary(let bytes): bytes
        default: nil
        }
    }

    /// A string or binary data as text, with U+FFFD in place of what is not UTF-8.
    public var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

    /// The elements of an array.
    public var elements: [MessagePackValue]? {
        if case .array(let values) = self { values } else { nil }
    }

    /// The last value under a key of a map.
    public subscript(key: String) -> MessagePackValue? {
        guard case .map(let pairs) = self else { return nil }
        return pairs.last { $0.key.text == key }?.value
    }

    private static func read(
        _ reader: inout MessagePackReader, depth: Int, limit: Int
    ) throws(MessagePackError) -> Self {
        let start = reader.position
        let token = try reader.next()
        switch token {
        case .null: return .null
        case .bool(let bool): return .bool(bool)
        case .int(let int): return .int(int)
        case .unsigned(let unsigned): return .unsigned(unsigned)
        case .double(let double): return .double(double)
        case .string(let range): return .string(reader.bytes[range].array)
        case .binary(let range): return .binary(reader.bytes[range].array)
        case .extended(let type, let range): return .extended(type: type, reader.bytes[range].array)
        case .array, .map: break
        }
        guard depth > 0 else { throw MessagePackError(.tooDeep(limit: limit), at: start) }
        if case .array(let count) = token {
            var values: [MessagePackValue] = []
            for _ in 0..<count { values.append(try read(&reader, depth: depth - 1, limit: limit)) }
            return .array(values)
        }
        guard case .map(let count) = token else { return .null }
        var pairs: [Pair] = []
        for _ in 0..<count {
            let key = try read(&reader, depth: depth - 1, limit: limit)
            pairs.append(Pair(key, try read(&reader, depth: depth - 1, limit: limit)))
        }
        return .map(pairs)
    }
}
