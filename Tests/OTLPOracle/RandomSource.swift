public import FoundationEssentials

/// A seeded source of values that are nasty more often than chance would have them: the same seed gives the
/// same values for ever, so that a failure can be repeated from the seed in its message.
public struct RandomSource: RandomNumberGenerator {
    private var state: UInt64

    /// Starts the sequence that belongs to `seed`.
    public init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x632B_E59B_D9B4_E019
    }

    /// The next 64 bits (SplitMix64).
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// True once in `times` on average.
    public mutating func once(in times: Int) -> Bool { Int.random(in: 0..<times, using: &self) == 0 }

    /// An integer in `range`.
    public mutating func integer(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// One of `choices`, which must not be empty.
    public mutating func one<Value>(of choices: [Value]) -> Value {
        choices[integer(in: 0...choices.count - 1)]
    }

    /// An integer of any width: zero, the extremes, small ones and ones with every number of bits.
    public mutating func any<Number: FixedWidthInteger>(_: Number.Type = Number.self) -> Number {
        switch integer(in: 0...5) {
        case 0: 0
        case 1: one(of: [.min, .max, 1, .max - 1, 127, .min &+ 1])
        default: Number(truncatingIfNeeded: next() >> UInt64(integer(in: 0...63)))
        }
    }

    /// A double of any kind, special values included.
    public mutating func double() -> Double {
        switch integer(in: 0...5) {
        case 0: one(of: [0, -0.0, .nan, .infinity, -.infinity, 1, -1])
        case 1:
            one(of: [
                .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
                .leastNormalMagnitude, 9_007_199_254_740_994, 1e16, 1e21, 1e22, 1e23, 1e-7, 123456789012345.6,
            ])
        case 2: Double(integer(in: -1_000_000...1_000_000))
        case 3: Double(integer(in: -1_000_000...1_000_000)) / one(of: [10, 100, 1000, 8, 3])
        default: canonical(Double(bitPattern: next()))
        }
    }

    /// Text: empty, short names, quotes and control characters, all planes of Unicode.
    public mutating func text() -> String {
        switch integer(in: 0...7) {
        case 0: return ""
        case 1: return one(of: Self.nastyTexts)
        case 2:
            var scalars = String.UnicodeScalarView()
            for _ in 0..<integer(in: 1...20) { scalars.append(scalar()) }
            return String(scalars)
        case 3: return String(repeating: one(of: ["a", "é", "\"", "𝄞"]), count: integer(in: 100...300))
        default: return one(of: Self.plainTexts) + String(integer(in: 0...99))
        }
    }

    /// Up to 40 bytes.
    public mutating func data() -> Data {
        var bytes = Data()
        for _ in 0..<integer(in: 0...40) { bytes.append(UInt8(truncatingIfNeeded: next())) }
        return bytes
    }

    /// An identifier of exactly `count` bytes, now and then absent or all zero.
    public mutating func identifier(_ count: Int) -> Data {
        switch integer(in: 0...9) {
        case 0: Data()
        case 1: Data(repeating: 0, count: count)
        default: Data((0..<count).map { _ in UInt8(truncatingIfNeeded: next()) })
        }
    }

    /// All NaNs become the one that JSON can express.
    private func canonical(_ value: Double) -> Double { value.isNaN ? .nan : value }

    private mutating func scalar() -> Unicode.Scalar {
        let limits: [UInt32] = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000]
        return Unicode.Scalar(UInt32.random(in: 0..<one(of: limits), using: &self)) ?? "\u{FFFD}"
    }

    private static let plainTexts = [
        "service.name", "http.method", "GET", "/api/v1/users", "k8s.pod.name", "a", "host", "error message ",
    ]

    private static let nastyTexts = [
        "\0", "\"", "\\", "\\u0041", "\n\r\t\u{8}\u{C}", "\u{1F}", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}",
        "\u{D7FF}", "\u{E000}", "\u{FFFD}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "\u{2028}\u{2029}",
        "e\u{301}", "\u{1F469}\u{200D}\u{1F680}", "</script>", "{\"a\":[1]}", "日本語", "\u{FEFF}", "1234567é",
    ]
}
