/// Where a rollout is.
public enum RolloutState: String, Sendable, Hashable, CaseIterable {
    /// Written down, not begun.
    case draft
    /// A second person has to approve it.
    case awaitingApproval = "awaiting_approval"
    /// Agents of the first stage are asked whether they could run the revision.
    case validating
    /// Agents get the revision, stage by stage.
    case running
    /// A person has to decide; agents in the middle of the change finish it.
    case paused
    /// The manager has begun anew and waits for the agents to come back.
    case pausedRecovery = "paused_recovery"
    /// Much of the fleet has disconnected at once, which says more about the network than about the revision.
    case frozen
    /// Agents go back to the revision that they had.
    case rollingBack = "rolling_back"
    case succeeded
    case rolledBack = "rolled_back"
    case aborted
    /// A later rollout has taken its place.
    case superseded

    /// Whether nothing changes any more.
    public var isTerminal: Bool {
        switch self {
        case .succeeded, .rolledBack, .aborted, .superseded: true
        default: false
        }
    }

    /// Whether its agents belong to it, so that no other rollout may have them.
    public var isActive: Bool { !isTerminal && self != .draft }

    /// Whether agents are watched and time counts.
    var isTimed: Bool {
        switch self {
        case .running, .paused, .rollingBack, .validating: true
        default: false
        }
    }
}

/// Where the present stage is.
public enum StagePhase: String, Sendable, Hashable, CaseIterable {
    /// Agents get the revision and become healthy.
    case applying
    /// All have it; they are watched.
    case baking
    /// The comparison of before and after has the last word.
    case evaluating
}

/// Where one agent is.
public enum MemberPhase: UInt8, Sendable, Hashable, CaseIterable {
    /// It has not got the revision.
    case pending
    /// It ought to have the revision, and has not said anything about it.
    case assigned
    case applying
    /// It runs the revision, and has to prove itself.
    case applied
    case healthy
    /// It could not run the revision, or does it badly.
    case failed
    /// It has been silent since it got the revision.
    case lost
    /// It ought to go back, and has not said anything about it.
    case reverting
    case reverted
    /// It ought to have gone back and has not.
    case stuck
    /// It does not take part; the reason is kept.
    case excluded

    /// The name, for people and programs.
    public var name: String {
        switch self {
        case .pending: "pending"
        case .assigned: "assigned"
        case .applying: "applying"
        case .applied: "applied"
        case .healthy: "healthy"
        case .failed: "failed"
        case .lost: "lost"
        case .reverting: "reverting"
        case .reverted: "reverted"
        case .stuck: "stuck"
        case .excluded: "excluded"
        }
    }

    /// Whether it counts as disrupted.
    var isInFlight: Bool {
        switch self {
        case .assigned, .applying, .applied, .lost, .reverting: true
        default: false
        }
    }

    /// Whether the revision of the rollout is the one it ought to run.
    var hasTarget: Bool {
        switch self {
        case .assigned, .applying, .applied, .healthy, .failed, .lost: true
        default: false
        }
    }

    /// One letter, for what is kept.
    var letter: UInt8 { Array("paydsflrbnx".utf8)[Int(rawValue)] }

    init?(letter: UInt8) {
        guard let index = Array("paydsflrbnx".utf8).firstIndex(of: letter) else { return nil }
        self.init(rawValue: UInt8(index))
    }
}
