/// Floating-point numbers as otelcol prints them.
enum DebugNumber {
    /// Six digits after the point, rounded to the nearest, ties to even: `1.500000`.
    ///
    /// The number is rounded as what it exactly is, not as its shortest decimal form, which would round
    /// twice.
    static func fixed(_ value: Double) -> String {
        guard value.isFinite else { return notFinite(value) }
        let sign = value.sign == .minus ? "-" : ""
        let exponent = Int(value.exponentBitPattern == 0 ? 1 : value.exponentBitPattern) - 1075
        let hidden: UInt64 = value.exponentBitPattern == 0 ? 0 : 1 << 52
        let significand = UInt128(value.significandBitPattern | hidden)
        guard exponent < 0 else { return sign + whole(significand, shiftedBy: exponent) + ".000000" }
        // Beyond 100 bits nothing is left of a significand of 53.
        guard exponent > -100 else { return sign + "0.000000" }
        let bits = UInt128(-exponent)
        let whole = significand >> bits
        // Less than 100 bits times a million is less than 120.
        let fraction = (significand & ((1 << bits) - 1)) * 1_000_000
        let rest = fraction & ((1 << bits) - 1)
        let half: UInt128 = 1 << (bits - 1)
        var millionths = whole * 1_000_000 + (fraction >> bits)
        if rest > half || (rest == half && millionths & 1 == 1) { millionths += 1 }
        let digits = String(millionths % 1_000_000)
        return sign + "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// A whole number that may be too large for any integer type, doubled digit by digit.
    private static func whole(_ significand: UInt128, shiftedBy shift: Int) -> String {
        guard shift > 70 else { return String(significand << UInt128(shift)) }
        var digits = String(significand).reversed().compactMap { $0.wholeNumberValue }
        for _ in 0..<shift {
            var carry = 0
            for index in digits.indices {
                let doubled = digits[index] * 2 + carry
                digits[index] = doubled % 10
                carry = doubled / 10
            }
            if carry > 0 { digits.append(carry) }
        }
        return digits.reversed().map(String.init).joined()
    }

    /// The fewest digits that tell the number from its neighbours: `1.5`, `2`, `1e+21`, `1e-05`.
    static func shortest(_ value: Double) -> String { shortest(value, smallest: -4, exponentWidth: 2) }

    /// The same, as JSON encoders write it: `0.00001`, `1e-7`.
    static func json(_ value: Double) -> String { shortest(value, smallest: -6, exponentWidth: 1) }

    /// `smallest` is the least power of ten that is written without an exponent; the largest is 20.
    private static func shortest(_ value: Double, smallest: Int, exponentWidth: Int) -> String {
        guard value.isFinite else { return notFinite(value) }
        guard value != 0 else { return value.sign == .minus ? "-0" : "0" }
        let (digits, power) = decimal(value.magnitude)
        let sign = value < 0 ? "-" : ""
        guard (smallest..<21).contains(power) else {
            let tail = digits.count > 1 ? "." + digits.dropFirst() : ""
            let exponent = String(abs(power))
            let zeros = String(repeating: "0", count: max(exponentWidth - exponent.count, 0))
            return sign + digits.prefix(1) + tail + "e" + (power < 0 ? "-" : "+") + zeros + exponent
        }
        guard power >= 0 else { return sign + "0." + String(repeating: "0", count: -power - 1) + digits }
        guard digits.count > power + 1 else {
            return sign + digits + String(repeating: "0", count: power + 1 - digits.count)
        }
        return sign + digits.prefix(power + 1) + "." + digits.dropFirst(power + 1)
    }

    /// The significant digits and the power of ten of the first one.
    private static func decimal(_ value: Double) -> (digits: String, power: Int) {
        let parts = "\(value)".split(separator: "e")
        var power = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let halves = parts[0].split(separator: ".")
        var digits = halves.joined()[...]
        power += halves[0].count - 1
        while digits.first == "0" {
            digits = digits.dropFirst()
            power -= 1
        }
        while digits.last == "0" { digits = digits.dropLast() }
        return (String(digits), power)
    }

    private static func notFinite(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        return value > 0 ? "+Inf" : "-Inf"
    }
}
