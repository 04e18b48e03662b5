public import FleetModel
public import OpAMP
internal import Wire

/// How the gateway deals with agents.
public struct GatewaySettings: Sendable, Hashable {
    /// How often agents say that they are alive, in seconds; offered to those that can be told.
    public var heartbeatInterval: UInt64 = 30
    /// Agents that are asked for everything in a second, when messages of theirs were lost.
    public var fullStatesPerSecond = 500.0
    /// How long the connection that an agent has is given to answer when another speaks for the same agent.
    public var probe = Duration.seconds(2)
    /// What one message may hold.
    public var limits = MessageLimits.fromAgent

    public init() {}

    /// How long an agent may be silent before it is regarded as gone: three intervals, at least 90 s.
    var silence: UInt64 { max(3 * heartbeatInterval, 90) * 1_000_000_000 }
}

/// What the gateway has done since it began.
public struct GatewayStatistics: Sendable, Hashable {
    public var messages: UInt64 = 0
    /// Messages that were received before.
    public var duplicates: UInt64 = 0
    /// Messages that were no messages.
    public var malformed: UInt64 = 0
    /// Messages and connections of agents that were not let in.
    public var refused: UInt64 = 0
    /// Times that an agent was asked for everything.
    public var fullStates: UInt64 = 0
    /// Configurations that were offered.
    public var offers: UInt64 = 0
    /// Sets of packages that were offered.
    public var packageOffers: UInt64 = 0
    /// Agents that got another id because theirs was in use.
    public var rekeyed: UInt64 = 0
    /// Agents that were silent for too long.
    public var lost: UInt64 = 0

    public init() {}
}

/// Something that happened to an agent and is worth telling.
public enum AgentEvent: Sendable, Hashable {
    /// It was let in for the first time.
    case appeared(InstanceUID)
    /// It said something about a configuration.
    case reported(InstanceUID, ConfigurationReport)
    /// It is well, or not any more; with its first error.
    case health(InstanceUID, isHealthy: Bool, error: String)
    /// It runs something else than it had applied.
    case drifted(InstanceUID)
    /// Something became of the packages that it was offered.
    case packages(InstanceUID, ConfigurationReport)
    /// It had the packages that it ought to have, and has others now.
    case packagesDrifted(InstanceUID)
    /// Two had the same id, and the later one got another.
    case rekeyed(InstanceUID, to: InstanceUID)
    /// It was not let in.
    case refused(InstanceUID, reason: String)
}

/// What an agent says of a configuration that it was asked to check.
public struct ValidationAnswer: Sendable, Hashable {
    /// The id of the question.
    public let id: String
    public let isValid: Bool
    /// What is wrong, each with its place; at most 50.
    public let diagnostics: [String]
}

/// A message to one agent, without its id.
struct GatewayMessage: Sendable {
    let fragment: Bytes
}
