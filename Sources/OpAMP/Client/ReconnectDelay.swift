/// How long to wait before the next attempt to connect: random and longer each time, so that agents that lost
/// a server do not all come back at once.
struct ReconnectDelay: Sendable {
    static let base: Duration = .seconds(1)
    /// How long to stay away at least from a server that does not know the agent.
    static let afterRefusal: Duration = .seconds(60)

    let maximum: Duration
    let first: Duration
    /// Attempts that failed one after the other.
    private(set) var failures = 0

    init(maximum: Duration, first: Duration) {
        self.maximum = maximum
        self.first = first
    }

    /// The connection works.
    mutating func succeeded() { failures = 0 }

    /// A round over all servers failed; `random` is in `0..<1`.
    mutating func next(random: Double) -> Duration {
        let step = min(Self.base * (1 << min(failures, 16)), maximum)
        failures += 1
        return step * random
    }

    /// A connection that worked has ended.
    func afterConnection(random: Double) -> Duration { first * random }

    /// How long to stay away from the server that failed like this; `nil` when nothing is asked.
    static func pause(after failure: ClientFailure, random: Double) -> Duration? {
        let asked = failure.retryAfter.map { max($0, .zero) * (0.8 + 0.4 * random) }
        guard failure.isRefusal else { return asked }
        return max(asked ?? .zero, afterRefusal * (1 + random))
    }
}

/// A sequence of random numbers that its seed determines (SplitMix64).
struct SeededRandom: Sendable, RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in `0..<1`.
    mutating func fraction() -> Double { Double.random(in: 0..<1, using: &self) }
}
