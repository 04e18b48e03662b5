internal import Pipeline

/// Lets so many through in a second, and as many at once.
struct TokenBucket: Sendable {
    private let rate: Double
    private var tokens: Double
    private var last: Instant?

    init(perSecond rate: Double) {
        self.rate = max(rate, 0)
        tokens = self.rate
    }

    /// Whether one more may pass now; it then has.
    mutating func take(_ now: Instant) -> Bool {
        if let last { tokens = min(tokens + (now - last) / .seconds(1) * rate, max(rate, 1)) }
        last = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
