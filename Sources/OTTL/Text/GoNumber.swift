internal import Glibc

/// Floating-point numbers as Go writes them.
enum GoNumber {
    /// The fewest digits that stand for a number exactly: 0.digits × 10 to the power of `point`.
    private struct Digits {
        var digits: [UInt8]
        var point: Int

        init(_ value: Double) {
            // Swift's description has the same shortest digits: 123.45, 1e-07, 5e+20.
            let parts = value.magnitude.description.split(separator: "e")
            let mantissa = Array(parts[0].utf8)
            let dot = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissa.count
            digits = mantissa.filter { $0 != UInt8(ascii: ".") }
            point = dot + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
            while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
            while digits.count > 1, digits.first == UInt8(ascii: "0") {
                digits.removeFirst()
                point -= 1
            }
            if digits == [UInt8(ascii: "0")] { point = 1 }
        }

        /// Without an exponent.
        var plain: String {
            let text = String(decoding: digits, as: UTF8.self)
            if point <= 0 { return "0." + String(repeating: "0", count: -point) + text }
            if point >= digits.count { return text + String(repeating: "0", count: point - digits.count) }
            return "\(text.prefix(point)).\(text.dropFirst(point))"
        }

        /// With an exponent of at least `width` digits.
        func scientific(width: Int) -> String {
            let text = String(decoding: digits, as: UTF8.self)
            let fraction = text.count > 1 ? ".\(text.dropFirst())" : ""
            let exponent = String((point - 1).magnitude)
            let zeros = String(repeating: "0", count: max(width - exponent.count, 0))
            return "\(text.prefix(1))\(fraction)e\(point - 1 < 0 ? "-" : "+")\(zeros)\(exponent)"
        }
    }

    /// What stands for infinities and what is not a number; `nil` for numbers.
    private static func special(_ value: Double, plus: String) -> String? {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Inf" : "\(plus)Inf") : nil
    }

    /// As `%v` writes it: the shortest, with an exponent from 1e+06 on and below 1e-04.
    static func shortest(_ value: Double, upper limit: Int = 6) -> String {
        if let special = special(value, plus: "+") { return special }
        let digits = Digits(value)
        let exponent = digits.point - 1
        let isPlain = value == 0 || (exponent >= -4 && exponent < limit)
        return (value.sign == .minus ? "-" : "") + (isPlain ? digits.plain : digits.scientific(width: 2))
    }

    /// With an exponent, as short as possible.
    static func scientific(_ value: Double) -> String {
        special(value, plus: "+") ?? (value.sign == .minus ? "-" : "") + Digits(value).scientific(width: 2)
    }

    /// With `precision` digits as the C library rounds them; `verb` is one of `e`, `f` and `g`.
    static func rounded(_ value: Double, _ verb: Character, _ precision: Int, sharp: Bool = false) -> String {
        if let special = special(value, plus: "+") { return special }
        return withVaList([value]) { arguments in
            var room = [CChar](repeating: 0, count: 350 + precision)
            let format = "%\(sharp ? "#" : "").\(precision)\(verb)"
            let length = Int(vsnprintf(&room, room.count, format, arguments))
            return String(decoding: room.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
