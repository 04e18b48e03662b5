internal import Pipeline

/// How fast WebSockets are opened, and when those come back that were too early.
///
/// A token bucket that knows who waits: whoever is refused is told the time at which it is its turn, so that
/// a hundred thousand agents that lost their manager come back one after another and not all at once. Pure:
/// the time comes in with every question.
struct AcceptPacing {
    private let rate: Double
    private var tokens: Double
    /// Those that were refused and whose turn has not come.
    private var backlog = 0.0
    private var time: Instant

    /// The least and the most seconds that anybody is told to wait.
    static let bounds = 1...600

    /// - Parameters:
    ///   - rate: openings in a second; as many may come at once.
    ///   - now: the time.
    init(rate: Int, now: Instant) {
        self.rate = Double(max(rate, 1))
        tokens = self.rate
        time = now
    }

    /// Takes one opening.
    ///
    /// - Returns: `nil` when it is granted, else the seconds to wait.
    mutating func take(at now: Instant) -> Int? {
        let gained = max((now - time) / .seconds(1), 0) * rate
        time = max(time, now)
        tokens = min(tokens + gained, rate)
        backlog = max(backlog - gained, 0)
        if tokens >= 1 {
            tokens -= 1
            return nil
        }
        backlog += 1
        let turn = Int((backlog / rate).rounded(.up))
        return min(max(turn, Self.bounds.lowerBound), Self.bounds.upperBound)
    }
}
