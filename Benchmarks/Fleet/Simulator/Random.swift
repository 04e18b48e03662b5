/// A sequence of random numbers that its seed determines (SplitMix64).
struct Random: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in `0..<1`.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number in `0..<count`; small ones are much more frequent, as with names of teams or machines.
    mutating func skewed(_ count: Int) -> Int {
        let share = fraction()
        return min(Int(share * share * share * Double(count)), count - 1)
    }
}
