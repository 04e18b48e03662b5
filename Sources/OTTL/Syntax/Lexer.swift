internal import Wire

/// Cuts the text of a statement into tokens.
struct Lexer {
    private let text: [Unicode.Scalar]
    private var index = 0

    private init(_ text: String) { self.text = Array(text.unicodeScalars) }

    /// All tokens of `text`, the last of which is its end.
    static func tokens(of text: String) throws(OTTLError) -> [Token] {
        var lexer = Lexer(text)
        var tokens: [Token] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
        return tokens
    }

    private mutating func next() throws(OTTLError) -> Token {
        while let scalar = peek(), scalar.properties.isWhitespace { index += 1 }
        let start = index
        guard let scalar = peek() else { return Token(kind: .end, range: start..<start) }
        let kind: Token.Kind
        switch scalar {
        case "\"": kind = .string(try string())
        case "0"..."9": kind = try number()
        case "." where peek(1).map(Self.isDigit) == true: kind = try number()
        case "a"..."z", "A"..."Z", "_": kind = .word(word())
        default: kind = .symbol(try symbol())
        }
        return Token(kind: kind, range: start..<index)
    }

    private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        index + ahead < text.count ? text[index + ahead] : nil
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || isDigit(scalar) || scalar == "_"
    }

    private mutating func take(while isWanted: (Unicode.Scalar) -> Bool) -> String {
        let start = index
        while let scalar = peek(), isWanted(scalar) { index += 1 }
        var taken = String.UnicodeScalarView()
        taken.append(contentsOf: text[start..<index])
        return String(taken)
    }

    private mutating func word() -> String { take(while: Self.isPartOfWord) }

    private mutating func number() throws(OTTLError) -> Token.Kind {
        let start = index
        if peek() == "0", peek(1) == "x" { return .bytes(try bytes()) }
        var digits = take(while: Self.isDigit)
        var isFloat = false
        if peek() == ".", peek(1).map(Self.isDigit) == true {
            isFloat = true
            index += 1
            digits = (digits.isEmpty ? "0" : digits) + "." + take(while: Self.isDigit)
            if peek() == "e" || peek() == "E" { digits += try exponent() }
        }
        if let scalar = peek(), Self.isPartOfWord(scalar) {
            let rest = word()
            throw OTTLError("'\(rest)' cannot follow a number; write floats as in 1.5e3", at: start..<index)
        }
        if isFloat {
            guard let value = Double(digits), value.isFinite else {
                throw OTTLError("the number does not fit into 64 bits", at: start..<index)
            }
            return .float(value)
        }
        // One more than the largest positive number: the smallest negative one without its sign.
        guard let value = UInt64(digits), value <= UInt64(Int64.max) + 1 else {
            throw OTTLError("the number does not fit into 64 bits", at: start..<index)
        }
        return .int(value)
    }

    private mutating func exponent() throws(OTTLError) -> String {
        let start = index
        index += 1
        var sign = ""
        if let scalar = peek(), scalar == "-" || scalar == "+" {
            sign = String(scalar)
            index += 1
        }
        let digits = take(while: Self.isDigit)
        if digits.isEmpty { throw OTTLError("the exponent has no digits", at: start..<index) }
        return "e" + sign + digits
    }

    private mutating func bytes() throws(OTTLError) -> [UInt8] {
        let start = index
        index += 2
        let digits = Array(word().utf8)
        guard !digits.isEmpty, digits.count % 2 == 0 else {
            throw OTTLError("bytes need two hexadecimal digits each, as in 0x0aff", at: start..<index)
        }
        var bytes: [UInt8] = []
        for position in stride(from: 0, to: digits.count, by: 2) {
            let pair = String(decoding: digits[position..<position + 2], as: UTF8.self)
            guard let byte = Hexadecimal.bytes(of: pair)?.first else {
                throw OTTLError("'\(pair)' is not hexadecimal", at: start..<index)
            }
            bytes.append(byte)
        }
        return bytes
    }

    private mutating func symbol() throws(OTTLError) -> Token.Symbol {
        let start = index
        let first = String(text[index])
        if let second = peek(1), let symbol = Token.Symbol(rawValue: first + String(second)) {
            index += 2
            return symbol
        }
        index += 1
        if let symbol = Token.Symbol(rawValue: first) { return symbol }
        let hint: String? =
            switch first {
            case "&": "and"
            case "|": "or"
            case "!": "not"
            case "'", "`", "\u{201C}": "\""
            default: nil
            }
        throw OTTLError("'\(first)' has no meaning here", at: start..<index, suggestion: hint)
    }

    private mutating func string() throws(OTTLError) -> String {
        let start = index
        index += 1
        var bytes: [UInt8] = []
        while let scalar = peek() {
            index += 1
            switch scalar {
            case "\"":
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw OTTLError("the escapes do not make valid UTF-8", at: start..<index)
                }
                return text
            case "\\": try escape(into: &bytes)
            default: bytes.append(contentsOf: String(scalar).utf8)
            }
        }
        throw OTTLError("the string has no end", at: start..<index)
    }

    /// Reads what follows a backslash, as Go has it.
    private mutating func escape(into bytes: inout [UInt8]) throws(OTTLError) {
        let start = index - 1
        guard let scalar = peek() else { throw OTTLError("the string has no end", at: start..<index) }
        index += 1
        let simple: [Unicode.Scalar: UInt8] = [
            "n": 10, "t": 9, "r": 13, "\\": 92, "\"": 34, "a": 7, "b": 8, "f": 12, "v": 11,
        ]
        if let byte = simple[scalar] { return bytes.append(byte) }
        switch scalar {
        case "x": bytes.append(UInt8(truncatingIfNeeded: try code(digits: 2, radix: 16, from: start)))
        case "u", "U":
            let value = try code(digits: scalar == "u" ? 4 : 8, radix: 16, from: start)
            guard let character = Unicode.Scalar(value) else {
                throw OTTLError("there is no such character", at: start..<index)
            }
            bytes.append(contentsOf: String(character).utf8)
        case "0"..."7":
            index -= 1
            let value = try code(digits: 3, radix: 8, from: start)
            guard let byte = UInt8(exactly: value) else {
                throw OTTLError("an octal escape goes up to \\377", at: start..<index)
            }
            bytes.append(byte)
        default:
            throw OTTLError(
                "unknown escape '\\\(scalar)'; a backslash itself is written '\\\\'", at: start..<index)
        }
    }

    private mutating func code(digits: Int, radix: Int, from start: Int) throws(OTTLError) -> UInt32 {
        var text = ""
        while text.count < digits, let scalar = peek(), scalar.properties.isASCIIHexDigit {
            text.unicodeScalars.append(scalar)
            index += 1
        }
        guard text.count == digits, let value = UInt32(text, radix: radix) else {
            throw OTTLError("the escape needs \(digits) digits", at: start..<index)
        }
        return value
    }
}
