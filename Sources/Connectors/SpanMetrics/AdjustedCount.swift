/// How many spans a sampled span stands for, as samplers note it in its trace state (`ot=th:…`, OTEP 235).
///
/// Spans of a trace have the same trace state, so what was found out last is kept.
struct AdjustedCount {
    /// 2^56, the threshold that nothing reaches.
    private static let whole: UInt64 = 1 << 56

    private var text: [UInt8] = []
    /// 2^56 less the threshold: how many of 2^56 spans are kept; `nil` without a threshold.
    private var kept: UInt64?

    /// The number of spans, and whether a sampler says it; 1 without one.
    ///
    /// A number that is not whole is rounded up or down at random, so that it is right on average.
    mutating func of(
        _ traceState: UnsafeRawBufferPointer, random: () -> Double
    ) -> (count: UInt64, isAdjusted: Bool) {
        guard !traceState.isEmpty else { return (1, false) }
        if !text.elementsEqual(traceState) {
            text.removeAll(keepingCapacity: true)
            text.append(contentsOf: traceState)
            kept = Self.threshold(in: text[...]).map { Self.whole - $0 }
        }
        guard let kept else { return (1, false) }
        let (quotient, rest) = Self.whole.quotientAndRemainder(dividingBy: kept)
        guard rest > 0 else { return (quotient, true) }
        return (random() * Double(kept) < Double(rest) ? quotient + 1 : quotient, true)
    }

    /// The threshold that a trace state says, less than 2^56.
    static func threshold(in traceState: ArraySlice<UInt8>) -> UInt64? {
        let space = UInt8(ascii: " ")
        for member in traceState.split(separator: UInt8(ascii: ",")) {
            let member = member.drop { $0 == space }
            guard member.starts(with: "ot=".utf8) else { continue }
            for field in member.dropFirst(3).split(separator: UInt8(ascii: ";"))
            where field.starts(with: "th:".utf8) {
                let digits = field.dropFirst(3).reversed().drop { $0 == space }.reversed()
                return threshold(Array(digits))
            }
        }
        return nil
    }

    /// Up to 14 hexadecimal digits, to which zeros are added.
    private static func threshold(_ digits: [UInt8]) -> UInt64? {
        guard (1...14).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value << UInt64(4 * (14 - digits.count))
    }
}
