/// The types of plain scalars, as Go's yaml.v3 gives them, because that is what otelcol's users know.
///
/// YAML 1.2's core schema, and in addition `0123` and `-0123` are octal, `0b101` is binary, and digits may
/// be grouped with `_`. `yes`, `no`, `on` and `off` are text.
enum ScalarTyping {
    static func value(of text: String) -> Scalar.Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        default: return number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> Scalar.Value? {
        guard text.utf8.count <= 128, let first = text.utf8.first, isNumberStart(first) else { return nil }
        let digits = text.filter { $0 != "_" }
        if let whole = wholeNumber(digits) { return whole }
        guard isDecimal(digits.utf8), let double = Double(digits) else { return nil }
        return .double(double)
    }

    private static func isNumberStart(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
    }

    private static func wholeNumber(_ text: String) -> Scalar.Value? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        let (radix, digits) = radixAndDigits(rest)
        guard let first = digits.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else {
            return nil
        }
        if let value = Int((isNegative ? "-" : "") + digits, radix: radix) { return .int(value) }
        guard !isNegative, let value = UInt(digits, radix: radix) else { return nil }
        return .unsigned(value)
    }

    private static func radixAndDigits(_ text: Substring) -> (Int, Substring) {
        guard text.first == "0", text.utf8.count > 1 else { return (10, text) }
        switch text.dropFirst().first {
        case "x", "X": return (16, text.dropFirst(2))
        case "o", "O": return (8, text.dropFirst(2))
        case "b", "B": return (2, text.dropFirst(2))
        default: return (8, text.dropFirst())
        }
    }

    /// Sign, digits with at most one dot among or before them, and an exponent.
    private static func isDecimal(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let fraction = rest.prefix(while: isDigit)
            guard !whole.isEmpty || !fraction.isEmpty else { return false }
            rest = rest.dropFirst(fraction.count)
        } else if whole.isEmpty {
            return false
        }
        guard rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") else { return rest.isEmpty }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}
