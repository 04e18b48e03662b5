public import Pipeline

/// The waiting times between attempts: exponential, randomised, bounded in each step and in total.
///
/// A value that is asked for the next delay and given the time that has passed; it has no clock of its own.
public struct Backoff: Sendable {
    private let settings: RetrySettings
    /// Zero is no limit.
    private let maxElapsedTime: Duration
    private var interval: Duration

    /// What is on disk is tried for ever, unless the user has set a limit.
    public init(_ settings: RetrySettings, isOnDisk: Bool = false) {
        self.settings = settings
        maxElapsedTime = settings.maxElapsedTime ?? (isOnDisk ? .zero : .seconds(300))
        interval = settings.initialInterval
    }

    /// How long to wait before the next attempt; `nil` when the time for this batch is used up.
    ///
    /// `random` is in `0..<1`; `requested` is what the other side asked for and is a minimum.
    public mutating func next(elapsed: Duration, requested: Duration?, random: Double) -> Duration? {
        let spread = settings.randomizationFactor
        let delay = max(interval * (1 - spread + 2 * spread * random), requested ?? .zero)
        interval = min(interval * settings.multiplier, settings.maxInterval)
        if maxElapsedTime > .zero, elapsed + delay > maxElapsedTime { return nil }
        return delay
    }
}
