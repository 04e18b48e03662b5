/// What requests usually take and how much that varies, in seconds: averages that move slowly.
///
/// They follow what is faster more readily than what is slower: no request is faster than the other side can
/// be, but many are slower, and a queue that grows little by little must not become usual.
struct UsualLatency: Sendable {
    /// Below this difference, in seconds, a queue is too short to be worth avoiding.
    private static let leastDifference = 0.005

    private var mean: Double
    private var spread: Double
    private var rounds = 1.0

    /// Starts with one round.
    init(_ round: LatencyRound.Summary) {
        mean = round.low
        spread = round.spread
    }

    /// A round of `samples` requests that is slower is so for a reason.
    func limit(samples: Int) -> Double { mean + tolerance(samples) }

    /// A round of `samples` requests that is as fast as this is fast again.
    func recovery(samples: Int) -> Double { mean + tolerance(samples) / 2 }

    private func tolerance(_ samples: Int) -> Double {
        // Chance varies the value of a round by the spread of its requests over the root of their number.
        let chance = spread * 4 / Double(max(samples, 1)).squareRoot()
        return max(mean * 0.3, chance, Self.leastDifference)
    }

    /// Takes a round in; `isOurLoad` says whether the limit was used, so that a slower one may be our doing.
    mutating func follow(_ round: LatencyRound.Summary, isOurLoad: Bool) {
        rounds += 1
        // The first rounds are averaged, or a first one that was fast by chance would be hard to forget.
        let young = 1 / rounds
        let weight = isOurLoad && round.low > mean ? 0.02 : 0.2
        mean += (round.low - mean) * max(weight, young)
        spread += (round.spread - spread) * max(0.1, young)
    }
}
