internal import Pipeline

/// How many requests may be under way at a time: as many as the other side answers without a queue.
///
/// Additive increase, multiplicative decrease, as TCP does with its window. A full round of answers to a used
/// limit raises it by one; a failure that may pass halves it; answers that are clearly slower than usual
/// while the limit is used lower it step by step until they are fast again. When even half of the limit
/// makes nothing faster, the other side has become slower for a reason that is not us, and what it needs now
/// is what is usual.
///
/// A value without clock and lock: events in, limit out.
struct AdaptiveLimit: Sendable {
    /// Lowering the limit, because answers have become slow; where it began.
    private struct Descent {
        let limit: Double
        /// In seconds.
        let latency: Double
    }

    /// Fewer answers say too little about latency.
    private static let shortestRound = 10

    private let minimum: Double
    private let maximum: Double
    /// Its fraction is the way to the next whole request.
    private var exact: Double
    /// When the limit was last lowered: what was under way then cannot show what that has changed.
    private var lastDecrease: Instant?
    private var round = LatencyRound()
    private var usual: UsualLatency?
    private var slowRounds = 0
    private var descent: Descent?

    /// Starts at the maximum.
    ///
    /// Both bounds are taken to be at least 1, and `minimum` to be at most `maximum`.
    init(minimum: Int, maximum: Int) {
        self.maximum = Double(max(maximum, 1))
        self.minimum = min(Double(max(minimum, 1)), self.maximum)
        exact = self.maximum
    }

    /// Requests that may be under way now.
    var value: Int { Int(exact) }

    /// A request was answered, be it with a refusal for good, `latency` after it was sent.
    ///
    /// `inFlight` counts the requests that were under way until now, this one included.
    mutating func succeeded(latency: Duration, inFlight: Int, at now: Instant) {
        let isUsed = inFlight * 4 >= value * 3
        if isUsed, slowRounds == 0 { exact = min(exact + 1 / exact, maximum) }
        guard isNews(startedAt: now + (.zero - latency)) else { return }
        round.add(latency / .seconds(1), isLimited: isUsed)
        guard round.count >= max(value, Self.shortestRound) else { return }
        let summary = round.summary
        round = LatencyRound()
        judge(summary, at: now)
    }

    /// A request that was sent at `start` failed in a way that may pass: no connection, no answer in time, or
    /// the other side asks for less.
    ///
    /// All failures of one round trip count once.
    mutating func failed(startedAt start: Instant, at now: Instant) {
        guard isNews(startedAt: start) else { return }
        settle()
        lower(to: 0.5, at: now)
    }

    private func isNews(startedAt start: Instant) -> Bool {
        guard let lastDecrease else { return true }
        return start >= lastDecrease
    }

    private mutating func lower(to share: Double, at now: Instant) {
        exact = max(exact * share, minimum)
        lastDecrease = now
        round = LatencyRound()
    }

    private mutating func settle() {
        descent = nil
        slowRounds = 0
    }

    private mutating func judge(_ summary: LatencyRound.Summary, at now: Instant) {
        guard let usual else {
            usual = UsualLatency(summary)
            return
        }
        if !summary.isLimited || exact <= minimum {
            settle()
            self.usual?.follow(summary, isOurLoad: false)
        } else if let descent {
            descend(from: descent, summary, at: now)
        } else if summary.low <= usual.limit(samples: summary.count) {
            settle()
            self.usual?.follow(summary, isOurLoad: true)
        } else {
            // One slow round may be chance.
            slowRounds += 1
            guard slowRounds > 1 else { return }
            descent = Descent(limit: exact, latency: summary.low)
            lower(to: 0.9, at: now)
        }
    }

    private mutating func descend(
        from start: Descent, _ summary: LatencyRound.Summary, at now: Instant
    ) {
        if let usual, summary.low <= usual.recovery(samples: summary.count) {
            settle()
            // A little below what is enough, so that the queue of the other side empties and shows what is
            // usual. Otherwise a small queue would become so.
            lower(to: 0.8, at: now)
            return
        }
        if summary.low > start.latency * 1.3 {
            descent = Descent(limit: exact, latency: summary.low)
        } else if exact <= start.limit / 2 {
            guard summary.low < start.latency * 0.75 else {
                settle()
                usual = UsualLatency(summary)
                return
            }
            descent = Descent(limit: exact, latency: summary.low)
        }
        lower(to: 0.9, at: now)
    }
}
