import Wire

/// Contents of every kind, made from a seed so that a failure can be repeated.
enum Samples {
    /// Bytes that do not compress.
    static func noise(_ count: Int, seed: UInt64 = 1) -> Bytes {
        var state = SplitMix(seed: seed)
        return Bytes((0..<count).map { _ in UInt8(truncatingIfNeeded: state.next()) })
    }

    /// Text that compresses like telemetry.
    static func text(_ count: Int, seed: UInt64 = 1) -> Bytes {
        var state = SplitMix(seed: seed)
        let words = ["http.method", "GET", "service.name", "checkout", "status", "span", "=", ";", "trace"]
        var bytes: [UInt8] = []
        while bytes.count < count {
            bytes += Array(words[Int(state.next() % UInt64(words.count))].utf8)
            if state.next() % 5 == 0 { bytes.append(UInt8(truncatingIfNeeded: state.next())) }
        }
        return Bytes(Array(bytes.prefix(count)))
    }

    static func zeros(_ count: Int) -> Bytes { Bytes([UInt8](repeating: 0, count: count)) }

    /// Empty, tiny, around every border inside the encoders, and large.
    static let all: [Bytes] =
        [0, 1, 2, 17, 3071, 3072, 65_535, 65_536, 65_537, 300_000].flatMap { size in
            [noise(size), text(size), zeros(size)]
        } + [text(3_000_000)]
}

/// A small generator of repeatable randomness (Steele, Lea, Flood: SplitMix64).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
