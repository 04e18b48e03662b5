/// The latencies of about as many requests as may be under way at a time.
struct LatencyRound: Sendable {
    /// What a round says, in seconds.
    struct Summary: Sendable {
        /// A fifth of the requests were faster.
        ///
        /// A queue delays all requests, chance only some; and unlike the fastest one, this does not depend
        /// on how many there are.
        let low: Double
        /// Mean distance from the median.
        let spread: Double
        let count: Int
        /// Whether most requests met the limit.
        let isLimited: Bool
    }

    /// More latencies would not make the summary better.
    private static let capacity = 64

    private var latencies: [Double] = []
    private var limited = 0
    private(set) var count = 0

    /// Adds a latency in seconds; `isLimited` says whether about as much was under way as may be.
    mutating func add(_ latency: Double, isLimited: Bool) {
        count += 1
        if isLimited { limited += 1 }
        if latencies.count < Self.capacity { latencies.append(latency) }
    }

    /// What the round says; of an empty one, zeros.
    var summary: Summary {
        let sorted = latencies.sorted()
        guard !sorted.isEmpty else { return Summary(low: 0, spread: 0, count: 0, isLimited: false) }
        let median = sorted[sorted.count / 2]
        let spread = sorted.reduce(0) { $0 + abs($1 - median) } / Double(sorted.count)
        return Summary(
            low: sorted[sorted.count / 5], spread: spread, count: sorted.count,
            isLimited: limited * 2 > count)
    }
}
