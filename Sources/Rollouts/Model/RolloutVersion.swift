/// What a rollout and its promise to later agents are at one moment, for whoever changes only what they have
/// seen.
public struct RolloutVersion: Sendable, Hashable, CustomStringConvertible {
    /// `Rollout.version`.
    public let rollout: Int
    /// `StandingAssignment.version`; `nil` where nothing is known of a promise.
    public let standing: Int?

    public init(rollout: Int, standing: Int? = nil) {
        self.rollout = rollout
        self.standing = standing
    }

    public init(_ rollout: Rollout, _ standing: StandingAssignment?) {
        self.init(rollout: rollout.version, standing: standing?.version)
    }

    /// What `description` has written; `nil` for anything else.
    public init?(parsing text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(numbers.count), let rollout = numbers[0] else { return nil }
        if numbers.count == 2, numbers[1] == nil { return nil }
        self.init(rollout: rollout, standing: numbers.count == 2 ? numbers[1] : nil)
    }

    /// Whether it is what somebody has seen, who may not have known of the promise.
    public func isStill(_ seen: RolloutVersion) -> Bool {
        rollout == seen.rollout && (seen.standing == nil || seen.standing == standing)
    }

    /// Such as `7`, and `7.2` with a promise.
    public var description: String { standing.map { "\(rollout).\($0)" } ?? "\(rollout)" }
}
