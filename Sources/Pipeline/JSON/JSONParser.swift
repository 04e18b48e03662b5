internal import Wire

/// Reads one JSON value (RFC 8259), for answers of servers: bounded in bytes, and in depth at 32 levels.
public struct JSONParser {
    /// The most bytes of a text unless the caller says otherwise; longer ones are refused.
    public static let limit = 64 << 10
    private static let depthLimit = 32

    /// Why a text is not JSON.
    public struct Failure: Error, Equatable {
        /// The place and what is wrong with it; never a part of the text.
        public let reason: String
    }

    private let bytes: [UInt8]
    private var position = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads a text that is one value with nothing behind it, of at most `limit` bytes.
    public static func parse(
        _ bytes: [UInt8], limit: Int = JSONParser.limit
    ) throws(Failure) -> JSONValue {
        guard bytes.count <= limit else { throw Failure(reason: "it is longer than \(limit) bytes") }
        var parser = JSONParser(bytes)
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.unexpected() }
        return value
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.depthLimit else { throw Failure(reason: "it is nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONValue {
        position += 1
        var members: [String: JSONValue] = [:]
        guard !takes("}") else { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw unexpected() }
            let key = try string()
            guard takes(":") else { throw unexpected() }
            members[key] = try value(depth: depth + 1)
        } while takes(",")
        guard takes("}") else { throw unexpected() }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Failure) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        guard !takes("]") else { return .array(elements) }
        repeat {
            elements.append(try value(depth: depth + 1))
        } while takes(",")
        guard takes("]") else { throw unexpected() }
        return .array(elements)
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        while let byte = next, "+-.0123456789eE".utf8.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard Double(text) != nil, text.first != "+" else { throw unexpected() }
        return .number(text)
    }

    private mutating func string() throws(Failure) -> String {
        position += 1
        var units: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"): units += try escape()
            case 0..<0x20: throw unexpected()
            default: units.append(byte)
            }
        }
        throw unexpected()
    }

    private mutating func escape() throws(Failure) -> [UInt8] {
        guard let byte = next else { throw unexpected() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): break
        default: throw unexpected()
        }
        // UTF-16: a scalar above U+FFFF is two escapes.
        var units = [try hexadecimal()]
        if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            units.append(try hexadecimal())
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private mutating func hexadecimal() throws(Failure) -> UInt16 {
        let digits = bytes[position...].prefix(4)
        guard digits.count == 4, let unit = Hexadecimal.integer(of: digits) else { throw unexpected() }
        position += 4
        return UInt16(truncatingIfNeeded: unit)
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(Failure) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw unexpected() }
        position += word.utf8.count
        return value
    }

    private mutating func takes(_ character: Character) -> Bool {
        skipSpace()
        guard let byte = next, byte == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func unexpected() -> Failure {
        Failure(
            reason: position < bytes.count
                ? "byte \(position) is not what JSON has there" : "it ends too early")
    }
}
