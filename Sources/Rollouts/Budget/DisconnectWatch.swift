/// Sees when much of the fleet disconnects at once, which no rollout should be blamed for.
public struct DisconnectWatch: Sendable {
    /// The share of the fleet, of 1, whose loss within `window` freezes rollouts.
    public static let share = 0.2
    /// Fewer agents are no mass.
    public static let leastAgents = 3
    /// The share of those before that has to be back.
    public static let returnShare = 0.9
    static let window = Duration.seconds(60)
    /// How often in a row it has to be seen.
    static let confirmations = 2

    private var samples: [(time: Duration, connected: Int)] = []
    private var strikes = 0
    /// How many were connected before; `nil` while nothing is frozen.
    private var before: Int?

    public init() {}

    /// Whether rollouts have to stand still.
    public var isFrozen: Bool { before != nil }

    /// Takes the numbers of this second.
    ///
    /// - Parameters:
    ///   - connected: Agents that are connected.
    ///   - excused: Agents that are not, and are in the middle of a change: they are judged by their rollout.
    ///   - now: Time on a clock that only moves forward.
    public mutating func observe(connected: Int, excused: Int, now: Duration) {
        let present = connected + excused
        if let before {
            if Double(present) >= Double(before) * Self.returnShare { reset() }
            return
        }
        samples.removeAll { now - $0.time > Self.window }
        let most = samples.map(\.connected).max() ?? present
        let missing = most - present
        if missing >= Self.leastAgents, Double(missing) > Double(most) * Self.share {
            strikes += 1
            if strikes >= Self.confirmations { before = most }
        } else {
            strikes = 0
        }
        samples.append((now, present))
    }

    /// Takes what is connected now for normal, because a person says so.
    public mutating func reset() {
        before = nil
        strikes = 0
        samples = []
    }
}
