/// Writes numbers as Prometheus does.
public enum NumberFormat {
    /// The shortest text that gives the number back, as Go's `%g` writes it: `0.5`, `1e+06`, `+Inf`, `NaN`.
    public static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        guard value.isFinite else { return value < 0 ? "-Inf" : "+Inf" }
        guard value != 0 else { return value.sign == .minus ? "-0" : "0" }
        let (digits, exponent) = parts(of: value.magnitude)
        let sign = value < 0 ? "-" : ""
        let isPlain = exponent >= -4 && exponent < 6
        return sign + (isPlain ? plain(digits, exponent) : scientific(digits, exponent))
    }

    /// The shortest text that gives the number back without an exponent, as Go's `%f` writes it: `1000000`.
    public static func plain(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return text(value) }
        let (digits, exponent) = parts(of: value.magnitude)
        return (value < 0 ? "-" : "") + plain(digits, exponent)
    }

    /// The text of a bound or a quantile as OpenMetrics wants it: with a point or an exponent, so `1.0`.
    public static func bound(_ value: Double) -> String {
        let text = text(value)
        return text.utf8.allSatisfy { LabelNames.isDigit($0) || $0 == UInt8(ascii: "-") } ? text + ".0" : text
    }

    /// The digits without zeros at their ends, and the power of ten of the first.
    private static func parts(of value: Double) -> (digits: [UInt8], exponent: Int) {
        let halves = "\(value)".split(separator: "e")
        let number = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        var digits = Array((number[0] + (number.count > 1 ? number[1] : "")).utf8)
        var exponent = number[0].count - 1 + (halves.count > 1 ? Int(halves[1]) ?? 0 : 0)
        let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(zeros)
        exponent -= zeros
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        return (digits, exponent)
    }

    private static func scientific(_ digits: [UInt8], _ exponent: Int) -> String {
        var text = String(decoding: digits.prefix(1), as: UTF8.self)
        if digits.count > 1 { text += "." + String(decoding: digits.dropFirst(), as: UTF8.self) }
        let power = String(exponent.magnitude)
        return text + (exponent < 0 ? "e-" : "e+") + (power.count < 2 ? "0" : "") + power
    }

    private static func plain(_ digits: [UInt8], _ exponent: Int) -> String {
        let text = String(decoding: digits, as: UTF8.self)
        guard exponent >= 0 else { return "0." + String(repeating: "0", count: -exponent - 1) + text }
        guard digits.count > exponent + 1 else {
            return text + String(repeating: "0", count: exponent + 1 - digits.count)
        }
        return text.prefix(exponent + 1) + "." + text.dropFirst(exponent + 1)
    }
}
