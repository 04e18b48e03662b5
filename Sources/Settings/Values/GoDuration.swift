/// Durations as Go writes them: `1h2m3.5s`, `200ms`, `-1.5h`.
enum GoDuration {
    /// The units and their length in nanoseconds, the longest first.
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000),
        ("us", 1000),
        ("ns", 1),
    ]

    /// Reads a duration; `nil` when the text is none, or longer than Go's 292 years.
    static func parse(_ text: String) -> Duration? {
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            guard let part = takePart(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
        }
        return .nanoseconds(isNegative ? -total : total)
    }

    /// One number with its unit, in nanoseconds.
    private static func takePart(_ rest: inout Substring) -> Int64? {
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction: Substring = ""
        if rest.first == "." {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(fraction.count + 1)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let unit = rest.prefix { !isDigit($0) && $0 != "." }
        rest = rest.dropFirst(unit.count)
        guard let length = nanoseconds(unit), let count = Int64(whole.isEmpty ? "0" : whole) else {
            return nil
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: length)
        if overflow { return nil }
        let part = Double("0.\(fraction.isEmpty ? "0" : fraction)").map { Int64($0 * Double(length)) } ?? 0
        let (sum, sumOverflow) = product.addingReportingOverflow(part)
        return sumOverflow ? nil : sum
    }

    private static func nanoseconds(_ unit: Substring) -> Int64? {
        if unit == "µs" || unit == "μs" { return 1000 }
        return units.first { $0.name == unit }?.nanoseconds
    }

    private static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    /// The shortest way to write a duration exactly: `1m30s`, `1.5s`, `200ms`, `0s`.
    static func format(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = attoseconds / 1_000_000_000
        if seconds == 0 && nanoseconds == 0 { return "0s" }
        let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
        let (whole, part) = (seconds.magnitude, nanoseconds.magnitude)
        if whole == 0 { return sign + belowOneSecond(part) }
        var text = sign
        if whole >= 3600 { text += "\(whole / 3600)h" }
        if whole % 3600 >= 60 { text += "\(whole % 3600 / 60)m" }
        let rest = whole % 60
        if rest > 0 || part > 0 { text += "\(rest)\(fraction(part, digits: 9))s" }
        return text
    }

    private static func belowOneSecond(_ nanoseconds: UInt64) -> String {
        if nanoseconds >= 1_000_000 {
            return "\(nanoseconds / 1_000_000)\(fraction(nanoseconds % 1_000_000, digits: 6))ms"
        }
        if nanoseconds >= 1000 { return "\(nanoseconds / 1000)\(fraction(nanoseconds % 1000, digits: 3))us" }
        return "\(nanoseconds)ns"
    }

    /// `.5` for half of 10 to the power of `digits`; nothing for zero.
    private static func fraction(_ value: UInt64, digits: Int) -> String {
        guard value > 0 else { return "" }
        var text = String(value)
        text = String(repeating: "0", count: digits - text.count) + text
        while text.last == "0" { text.removeLast() }
        return "." + text
    }
}
