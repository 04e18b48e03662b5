internal import Wire

/// Reads JSON into values: numbers become doubles, of a key that is there twice the last counts.
struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var count = 0

    /// The value that `text` stands for.
    ///
    /// Throws for what is no JSON (RFC 8259), and where it has more than 100,000 values or nests deeper
    /// than 60.
    static func read(_ text: Bytes) throws(EvaluationError) -> Value {
        var reader = JSONReader(bytes: text.array)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == reader.bytes.count else { throw reader.wrong("something follows the value") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func wrong(_ what: String) -> EvaluationError {
        .message("not valid JSON at byte \(position): \(what)")
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func value(depth: Int) throws(EvaluationError) -> Value {
        skipSpace()
        count += 1
        guard count <= FunctionLimits.values else {
            throw wrong("it has more than \(FunctionLimits.values) values")
        }
        guard depth <= FunctionLimits.depth else {
            throw wrong("it nests more than \(FunctionLimits.depth) deep")
        }
        switch current {
        case UInt8(ascii: "{"): return .map(try map(depth: depth))
        case UInt8(ascii: "["): return .list(try list(depth: depth))
        case UInt8(ascii: "\""): return .string(Bytes(try string()))
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw wrong("a value is missing")
        default: return .double(try number())
        }
    }

    private mutating func word(_ word: String, _ value: Value) throws(EvaluationError) -> Value {
        let wanted = Array(word.utf8)
        guard bytes[position...].starts(with: wanted) else { throw wrong("'\(word)' is expected") }
        position += wanted.count
        return value
    }

    private mutating func map(depth: Int) throws(EvaluationError) -> ValueMap {
        position += 1
        var entries: [ValueMap.Entry] = []
        var indices: [[UInt8]: Int] = [:]
        skipSpace()
        if take(UInt8(ascii: "}")) { return ValueMap() }
        repeat {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw wrong("a key is expected") }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw wrong("':' is expected") }
            let value = try value(depth: depth + 1)
            if let index = indices[key] {
                entries[index].value = value
            } else {
                indices[key] = entries.count
                entries.append(ValueMap.Entry(Bytes(key), value))
            }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw wrong("',' or '}' is expected") }
        return ValueMap(unique: entries)
    }

    private mutating func list(depth: Int) throws(EvaluationError) -> [Value] {
        position += 1
        var values: [Value] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return values }
        repeat {
            values.append(try value(depth: depth + 1))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw wrong("',' or ']' is expected") }
        return values
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func number() throws(EvaluationError) -> Double {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), digits() == 0 { throw wrong("a value is expected") }
        if take(UInt8(ascii: ".")), digits() == 0 { throw wrong("a digit is expected") }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits() == 0 { throw wrong("a digit is expected") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard let number = Double(text), number.isFinite else { throw wrong("the number is too large") }
        return number
    }

    /// Passes over digits and returns how many.
    private mutating func digits() -> Int {
        let start = position
        while let byte = current, 0x30...0x39 ~= byte { position += 1 }
        return position - start
    }

    private mutating func string() throws(EvaluationError) -> [UInt8] {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): try escape(&text)
            case 0..<0x20: throw wrong("a control character has to be escaped")
            default: text.append(byte)
            }
        }
        throw wrong("a string is not closed")
    }

    private mutating func escape(_ text: inout [UInt8]) throws(EvaluationError) {
        guard let byte = current else { throw wrong("an escape is not complete") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try fourDigits()
            if 0xD800..<0xDC00 ~= code, bytes[position...].starts(with: [0x5C, 0x75]) {
                let before = position
                position += 2
                let low = try fourDigits()
                if 0xDC00..<0xE000 ~= low {
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    position = before
                }
            }
            // Half of a pair stands for no character.
            let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
            text += Array(String(Character(scalar)).utf8)
        default: throw wrong("there is no escape '\\\(Character(Unicode.Scalar(byte)))'")
        }
    }

    private mutating func fourDigits() throws(EvaluationError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let value = Hexadecimal.value(of: byte) else {
                throw wrong("four hexadecimal digits are expected")
            }
            code = code << 4 | UInt32(value)
            position += 1
        }
        return code
    }
}
