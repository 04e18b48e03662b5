/// Something that happened to a rollout: every transition has one, with who did it and why.
public struct RolloutEvent: Sendable, Hashable {
    /// What happened.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case created, approved, started, validated, superseded, succeeded, aborted
        case stageStarted = "stage_started"
        case stagePassed = "stage_passed"
        case agentFailed = "agent_failed"
        case agentLost = "agent_lost"
        case agentRetried = "agent_retried"
        case agentsJoined = "agents_joined"
        case gateFailed = "gate_failed"
        case inconclusive
        case paused, resumed, promoted, frozen, thawed, recovering, recovered
        case rollingBack = "rolling_back"
        case rolledBack = "rolled_back"
        /// Somebody went on in an emergency without the yes of a second person.
        case brokenGlass = "broken_glass"
        /// The revision is not offered to agents of a build any more.
        case revisionBad = "revision_bad"
        /// Agents that come after the end get nothing any more, because too many could not run it.
        case standingStopped = "standing_stopped"
        /// The same, because a person or a later rollout says so.
        case standingEnded = "standing_ended"
    }

    /// The actor of what the manager does by itself.
    public static let manager = "fleet manager"

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    public let kind: Kind
    /// The person, or `manager`.
    public let actor: String
    public let reason: String
    /// The name of the stage that was the present one.
    public let stage: String?
    /// The agent that it is about, if it is about one.
    public let agent: String?

    public init(
        time: UInt64, kind: Kind, actor: String, reason: String, stage: String? = nil, agent: String? = nil
    ) {
        self.time = time
        self.kind = kind
        self.actor = actor
        self.reason = String(reason.prefix(1000))
        self.stage = stage
        self.agent = agent
    }
}
