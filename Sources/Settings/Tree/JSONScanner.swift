/// The tokens of a JSON text, and where they are.
///
/// It works on UTF-8 that is known to be valid, so every byte of 0x80 and above can only be inside a string.
struct JSONScanner {
    /// What is wrong, and where.
    struct Fault: Error {
        let place: TextPlace
        let message: String
    }

    private let bytes: [UInt8]
    private var index = 0
    private(set) var place = TextPlace(line: 1, column: 1)

    /// A number with more characters than this is no number that anything could use.
    private static let longestNumber = 128

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index >= bytes.count }

    /// The next byte, without moving.
    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    func fault(_ message: String) -> Fault { Fault(place: place, message: message) }

    /// Moves over white space.
    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { advance() }
    }

    /// Moves over `byte` if it is next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        advance()
        return true
    }

    /// Moves over a word such as `true`.
    mutating func word(_ word: String) throws(Fault) {
        let start = self
        for byte in word.utf8 where !take(byte) { throw start.unexpected() }
    }

    /// What is said of something that has no place here.
    func unexpected(_ wanted: String = "a value") -> Fault {
        guard let next else { return fault("ends where \(wanted) is expected") }
        let shown = (0x21..<0x7F).contains(next) ? "'\(Unicode.Scalar(next))'" : "something else"
        let hint = next == UInt8(ascii: "'") ? "; text goes into double quotes" : ""
        return fault("has \(shown) where \(wanted) is expected\(hint)")
    }

    /// A number as it is written.
    mutating func number() throws(Fault) -> String {
        let start = (index: index, scanner: self)
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            try digits()
        } else if let next, Self.isDigit(next) {
            throw fault("has a number that starts with 0")
        }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        guard index - start.index <= Self.longestNumber else {
            throw start.scanner.fault("has a number of more than \(Self.longestNumber) characters")
        }
        return String(decoding: bytes[start.index..<index], as: UTF8.self)
    }

    /// A string without its quotes and with its escapes resolved.
    mutating func string() throws(Fault) -> String {
        let start = self
        guard take(UInt8(ascii: "\"")) else { throw unexpected("text in double quotes") }
        var result: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                advance()
                return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result += Array(String(try escape()).utf8)
            case 0..<0x20:
                throw fault("has a control character in text; write it as \\u and four hexadecimal digits")
            default:
                result.append(byte)
                advance()
            }
        }
        throw start.fault("has text without its closing quote")
    }

    private mutating func escape() throws(Fault) -> Unicode.Scalar {
        let start = self
        advance()
        guard let byte = next else { throw start.fault("ends in an escape") }
        advance()
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            if let scalar = try unicode() { return scalar }
            throw start.fault("has half of a surrogate pair")
        default: throw start.fault("has an escape that JSON does not know")
        }
    }

    /// The scalar of `\uXXXX` or of a surrogate pair; `nil` when one half is missing.
    private mutating func unicode() throws(Fault) -> Unicode.Scalar? {
        let first = try hexadecimal()
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { return nil }
        let second = try hexadecimal()
        guard (0xDC00..<0xE000).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func hexadecimal() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80
            else { throw unexpected("a hexadecimal digit") }
            value = value << 4 | UInt32(digit)
            advance()
        }
        return value
    }

    private mutating func digits() throws(Fault) {
        guard let next, Self.isDigit(next) else { throw unexpected("a digit") }
        while let next = self.next, Self.isDigit(next) { advance() }
    }

    private mutating func advance() {
        let byte = bytes[index]
        index += 1
        if byte == 0x0A {
            place = TextPlace(line: place.line + 1, column: 1)
        } else if byte & 0xC0 != 0x80 {
            place.column += 1
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
