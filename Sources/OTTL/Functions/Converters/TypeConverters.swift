internal import Wire

/// Bool, Double, Int, String: a value as another type.
enum TypeConverters {
    static let all: [Function] = [
        .ofValue(
            "Bool", gives: [.bool, .null],
            summary: "The value as a boolean; nil where it stands for none.",
            example: #"Bool("true")"#, bool),
        .ofValue(
            "Double", gives: [.double, .null],
            summary: "The value as a floating-point number; nil where it stands for none.",
            example: #"Double("2.0")"#, double),
        .ofValue(
            "Int", gives: [.int, .null],
            summary: "The value as an integer, fractions cut off; nil where it stands for none.",
            example: #"Int(log.attributes["http.status_code"])"#, int),
        .ofValue(
            "String", gives: [.string, .null],
            summary: "The value as text: bytes as hexadecimal digits, lists and maps as JSON.",
            example: "String(span.span_id)"
        ) { value throws(EvaluationError) in try value.likeString().map { .string($0) } ?? .null },
        parseInt, hex,
    ]

    /// What is true or false in the view of Go's `ParseBool`.
    @Sendable static func bool(_ value: Value) -> Value {
        switch value {
        case .bool: return value
        case .int(let int): return .bool(int != 0)
        case .double(let double): return .bool(double != 0)
        case .string(let text):
            switch text.string {
            case "1", "t", "T", "true", "TRUE", "True": return .bool(true)
            case "0", "f", "F", "false", "FALSE", "False": return .bool(false)
            default: return .null
            }
        default: return .null
        }
    }

    @Sendable static func double(_ value: Value) -> Value {
        switch value {
        case .double: value
        case .int(let int): .double(Double(int))
        case .bool(let bool): .double(bool ? 1 : 0)
        case .string(let text): parse(text.string).map { .double($0) } ?? .null
        default: .null
        }
    }

    @Sendable static func int(_ value: Value) -> Value {
        switch value {
        case .int: value
        // What has no place in 64 bits is none, where Go gives any number.
        case .double(let double): Int64(exactly: double.rounded(.towardZero)).map { .int($0) } ?? .null
        case .bool(let bool): .int(bool ? 1 : 0)
        case .string(let text): parse(text.string, base: 10).map { .int($0) } ?? .null
        default: .null
        }
    }

    /// A floating-point number as Go's `ParseFloat` reads it; `nil` when it is none.
    static func parse(_ text: String) -> Double? {
        let plain = text.first == "+" ? String(text.dropFirst()) : text
        switch plain.lowercased() {
        case "inf", "infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan": return .nan
        default:
            // Go wants an exponent in hexadecimal numbers.
            let isHexadecimal = plain.contains("x") || plain.contains("X")
            guard !isHexadecimal || plain.contains("p") || plain.contains("P") else { return nil }
            guard plain.utf8.first != UInt8(ascii: "+"), let number = Double(plain), number.isFinite else {
                return nil
            }
            return number
        }
    }

    /// An integer as Go's `ParseInt` reads it; `nil` when it is none or does not fit into 64 bits.
    static func parse(_ text: String, base: Int) -> Int64? {
        var digits = Substring(text)
        let isNegative = digits.hasPrefix("-")
        if isNegative || digits.hasPrefix("+") { digits.removeFirst() }
        var base = base
        if base == 0 {
            guard let (found, rest) = baseOfPrefix(digits) else { return nil }
            (base, digits) = (found, rest)
        }
        guard let first = digits.first, first != "-", first != "+" else { return nil }
        return Int64((isNegative ? "-" : "") + digits, radix: base)
    }

    /// The base that a prefix such as `0x` names, and the digits without underscores.
    private static func baseOfPrefix(_ digits: Substring) -> (Int, Substring)? {
        let lower = digits.prefix(2).lowercased()
        let (base, prefix) =
            switch lower {
            case "0b": (2, 2)
            case "0o": (8, 2)
            case "0x": (16, 2)
            default: digits.first == "0" && digits.count > 1 ? (8, 1) : (10, 0)
            }
        let rest = digits.dropFirst(prefix)
        // An underscore stands between digits, or between the prefix and the first of them.
        guard !rest.hasSuffix("_"), !rest.contains("__"), prefix > 0 || !rest.hasPrefix("_") else {
            return nil
        }
        return (base, Substring(rest.filter { $0 != "_" }))
    }

    private static let parseInt = Function(
        converter: "ParseInt", [Parameter("target", .string), Parameter("base", .int)], gives: .int
    ) { arguments throws(FunctionError) in
        let (text, base) = (arguments[0].string, arguments[1].int)
        if let base = arguments[1].literalInt { try check(base: base) }
        return { frame throws(EvaluationError) in
            let (text, base) = (try text(frame).string, try base(frame))
            guard base == 0 || 2...36 ~= base else { throw .message("the base \(base) is not 0 or 2 to 36") }
            guard let int = parse(text, base: Int(base)) else {
                throw .message("'\(text.prefix(80))' is no integer of 64 bits to the base \(base)")
            }
            return .int(int)
        }
    }.documented(
        "The integer that text stands for in a base from 2 to 36; 0 for that of its "
            + "prefix (`0x`, `0b`, `0o`).",
        example: #"ParseInt("0xFF", 0)"#)

    private static func check(base: Int64) throws(FunctionError) {
        guard base == 0 || 2...36 ~= base else {
            throw FunctionError("the base is 0 or 2 to 36", parameter: 1)
        }
    }

    private static let hex = Function.ofValue(
        "Hex", gives: [.string, .null],
        summary: "The hexadecimal digits of bytes, of text, of the bits of a number; nil for nil.",
        example: #"Hex(span.attributes["http.status_code"])"#
    ) { value throws(EvaluationError) in
        switch value {
        case .null: return .null
        case .bytes(let bytes), .string(let bytes): return .string(bytes.hexadecimal)
        case .bool(let bool): return .text(bool ? "01" : "00")
        case .int(let int): return .text(String(int, radix: 16))
        case .double(let double): return .text(Hexadecimal.text(of: double.bitPattern))
        default: throw .wrongKind(expected: [.bytes, .string, .bool, .int, .double], got: value.kind)
        }
    }
}
