internal import NIOCore

/// How long a lane waits before it tries to connect again: longer after every failure, and never the same for
/// two clients, so that a server that comes back is not met by all of them at once.
struct ReconnectDelay {
    private var failures = 0
    private let longest: TimeAmount

    init(longest: Duration) {
        self.longest = TimeAmount(longest)
    }

    /// Attempts that failed since the last success.
    var count: Int { failures }

    /// Counts a failure and gives the pause after it, from half to all of 100 ms · 1.5ⁿ.
    ///
    /// `random` is from 0 to 1.
    mutating func next(random: Double) -> TimeAmount {
        var delay = Double(TimeAmount.milliseconds(100).nanoseconds)
        for _ in 0..<min(failures, 40) { delay *= 1.5 }
        failures += 1
        delay = min(delay, Double(longest.nanoseconds))
        return .nanoseconds(Int64(delay * (0.5 + random / 2)))
    }

    mutating func reset() { failures = 0 }
}
