internal import OpAMP

/// A part of the text of an id, looked for in the ids themselves: none of them is written as text for it.
struct UIDNeedle: Sendable {
    /// The text at one place: which bits it is about, and what they are.
    private struct Pattern {
        var mask: (high: UInt64, low: UInt64) = (0, 0)
        var value: (high: UInt64, low: UInt64) = (0, 0)

        func matches(_ uid: InstanceUID) -> Bool {
            (uid.high & mask.high) ^ value.high | (uid.low & mask.low) ^ value.low == 0
        }
    }

    private static let length = 36
    private static let dashes: Set<Int> = [8, 13, 18, 23]

    private let patterns: [Pattern]

    init(_ needle: TextNeedle) {
        let digits = needle.bytes.map(Self.digit)
        patterns =
            digits.contains(nil) || digits.count > Self.length
            ? []
            : (0...(Self.length - digits.count)).compactMap { Self.pattern(digits.compactMap { $0 }, at: $0) }
    }

    /// Whether no id can have it.
    var isImpossible: Bool { patterns.isEmpty }

    func isIn(_ uid: InstanceUID) -> Bool { patterns.contains { $0.matches(uid) } }

    /// The value of a digit, 16 for a dash, `nil` for another byte.
    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "-"): 16
        default: nil
        }
    }

    /// `nil` where the dashes are elsewhere.
    private static func pattern(_ digits: [UInt8], at start: Int) -> Pattern? {
        var pattern = Pattern()
        var nibble = start - dashes.count { $0 < start }
        for (index, digit) in digits.enumerated() {
            let isDash = dashes.contains(start + index)
            guard isDash == (digit == 16) else { return nil }
            if isDash { continue }
            let shift = UInt64(15 - nibble % 16) * 4
            if nibble < 16 {
                pattern.mask.high |= 15 << shift
                pattern.value.high |= UInt64(digit) << shift
            } else {
                pattern.mask.low |= 15 << shift
                pattern.value.low |= UInt64(digit) << shift
            }
            nibble += 1
        }
        return pattern
    }
}
