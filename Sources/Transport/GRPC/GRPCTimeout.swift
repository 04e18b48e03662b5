/// The `grpc-timeout` field: at most eight digits and a unit.
enum GRPCTimeout {
    /// Reads a timeout; nil if it is not one.
    static func parse(_ text: String) -> Duration? {
        guard let unit = text.utf8.last, (2...9).contains(text.utf8.count) else { return nil }
        let digits = text.utf8.dropLast()
        guard digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let value = Int64(text.dropLast()) else {
            return nil
        }
        switch unit {
        case UInt8(ascii: "H"): return .seconds(value * 3600)
        case UInt8(ascii: "M"): return .seconds(value * 60)
        case UInt8(ascii: "S"): return .seconds(value)
        case UInt8(ascii: "m"): return .milliseconds(value)
        case UInt8(ascii: "u"): return .microseconds(value)
        case UInt8(ascii: "n"): return .nanoseconds(value)
        default: return nil
        }
    }

    /// Writes a timeout in the finest unit that leaves at most eight digits, rounded up so that a server
    /// never gives up before its client.
    static func format(_ timeout: Duration) -> String {
        let (seconds, attoseconds) = timeout.components
        let largest: Int64 = 99_999_999
        guard seconds >= 0, attoseconds >= 0, seconds <= largest * 3600 else {
            return seconds < 0 || attoseconds < 0 ? "0n" : "\(largest)H"
        }
        let units: [(name: String, perSecond: Int64, seconds: Int64)] = [
            ("n", 1_000_000_000, 1), ("u", 1_000_000, 1), ("m", 1_000, 1), ("S", 1, 1), ("M", 1, 60),
            ("H", 1, 3600),
        ]
        for unit in units where seconds / unit.seconds <= largest / unit.perSecond {
            let step = 1_000_000_000_000_000_000 / unit.perSecond
            let fraction = (attoseconds + step - 1) / step
            let whole = seconds * unit.perSecond + fraction
            let value = (whole + unit.seconds - 1) / unit.seconds
            if value <= largest { return "\(value)\(unit.name)" }
        }
        return "\(largest)H"
    }
}
