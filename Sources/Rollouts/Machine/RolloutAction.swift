public import FleetModel
public import OpAMP

/// What a rollout wants to be done; whoever does it keeps the rollout first, so that nothing is forgotten.
public enum RolloutAction: Sendable, Hashable {
    /// Gives agents the target of the rollout.
    case assign([InstanceUID])
    /// Gives agents an earlier revision; `nil` for those that had none, which go back to their own sources.
    case revert([InstanceUID], to: RevisionReference?)
    /// Gives agents the target again although they failed with it.
    case retry([InstanceUID])
    /// Asks agents for their counters more often, for a number of seconds.
    case watch([InstanceUID], seconds: Int)
    /// Tells agents that the revision may stay.
    case confirm([InstanceUID])
    /// Asks agents whether they could run the target; `RolloutMachine.answered` takes what they say.
    case validate([InstanceUID])
    /// Tells everybody what happened.
    case event(RolloutEvent)
    /// The target is not to be offered to agents of this build again.
    case bad(BadRevisions.Entry)
}

extension RolloutAction {
    /// Whether an agent is told something because of it, so that it is to be done before the next step.
    public var concernsAgents: Bool {
        switch self {
        case .assign, .revert, .retry, .confirm, .validate: true
        case .watch, .event, .bad: false
        }
    }

    /// Whether the rollout has to be written first; what agents are told twice after a crash does no harm.
    public var needsKeeping: Bool {
        switch self {
        case .assign, .revert, .retry, .validate, .event, .bad: true
        case .watch, .confirm: false
        }
    }
}

/// A moment, on two clocks.
public struct Moment: Sendable, Hashable {
    /// Time on a clock that only moves forward; only differences mean something.
    public let elapsed: Duration
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64

    public init(elapsed: Duration, time: UInt64) {
        self.elapsed = elapsed
        self.time = time
    }
}
