internal import Wire

/// Durations as Go reads and writes them: `1h15m30.918s`.
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// The nanoseconds that `text` stands for; `nil` when it is no duration or does not fit into 64 bits.
    static func parse(_ text: String) -> Int64? {
        var rest = Substring(text)
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: UInt64 = 0
        while !rest.isEmpty {
            guard let part = takePart(&rest) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        if isNegative { return total <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- total) : nil }
        return Int64(exactly: total)
    }

    /// Takes a number and its unit away from the beginning.
    private static func takePart(_ rest: inout Substring) -> UInt64? {
        let whole = rest.prefix { $0.isASCII && $0.isNumber }
        rest.removeFirst(whole.count)
        var decimals: Substring = ""
        if rest.first == "." {
            rest.removeFirst()
            decimals = rest.prefix { $0.isASCII && $0.isNumber }
            rest.removeFirst(decimals.count)
        }
        guard !whole.isEmpty || !decimals.isEmpty else { return nil }
        let name = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
        rest.removeFirst(name.count)
        guard let unit = units.first(where: { $0.name == name })?.nanoseconds else { return nil }
        guard let number = whole.isEmpty ? 0 : UInt64(whole) else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: UInt64(unit))
        // More digits than these say nothing in nanoseconds, and would not fit.
        let digits = decimals.prefix(24)
        let scale = digits.reduce(Int128(1)) { scale, _ in scale * 10 }
        let fraction = (Int128(digits) ?? 0) * Int128(unit) / scale
        let (sum, tooMuch) = product.addingReportingOverflow(UInt64(fraction))
        return overflow || tooMuch ? nil : sum
    }

    /// The duration as Go's `String` writes it.
    static func text(_ nanoseconds: Int64) -> String {
        if nanoseconds == 0 { return "0s" }
        let size = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch size {
        case 0..<1000: return "\(sign)\(size)ns"
        case 0..<1_000_000: return "\(sign)\(decimal(size, 1000))µs"
        case 0..<1_000_000_000: return "\(sign)\(decimal(size, 1_000_000))ms"
        default:
            let (minutes, rest) = size.quotientAndRemainder(dividingBy: 60_000_000_000)
            let seconds = "\(decimal(rest, 1_000_000_000))s"
            if minutes == 0 { return sign + seconds }
            return minutes < 60
                ? "\(sign)\(minutes)m\(seconds)" : "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
        }
    }

    private static func decimal(_ size: UInt64, _ unit: UInt64) -> String {
        let (whole, rest) = size.quotientAndRemainder(dividingBy: unit)
        guard rest > 0 else { return String(whole) }
        var decimals = Time.digits(Int(rest), String(unit).count - 1)
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(whole).\(decimals)"
    }
}
