public import FleetModel
public import OpAMP

/// What a list says of an agent.
public struct AgentOverview: Sendable, Hashable {
    public let uid: InstanceUID
    /// `host.name`, or what else it calls itself.
    public let name: String
    /// `service.version`.
    public let version: String
    public let isConnected: Bool
    /// Whether it waits to be let in.
    public let isWaiting: Bool
    /// Nanoseconds since 1970-01-01T00:00:00Z; 0 for never.
    public let lastSeen: UInt64
    /// `nil` when it has not said anything.
    public let isHealthy: Bool?
    /// The first error of its health tree.
    public let error: String?
    public let drift: DriftState
    /// What selectors see: labels by operators and attributes by the agent; operators win.
    public let labels: [String: String]
    public let assignment: Assignment?
}

/// Everything that is known of an agent.
public struct AgentRecord: Sendable, Hashable {
    public let overview: AgentOverview
    public var uid: InstanceUID { overview.uid }
    /// Name and version of its program, such as `apus 0.1.0`.
    public let build: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let firstSeen: UInt64
    /// The address it speaks from; empty when it is not connected here.
    public let peer: String
    /// Whether it is connected over a WebSocket to this manager; `nil` when it is not connected here.
    public let isWebSocket: Bool?
    /// The manager that it is connected to; empty for none.
    public let replica: String
    /// The labels that operators gave.
    public let ownLabels: [String: String]
    /// What it said of itself, as text.
    public let attributes: [String: String]
    /// The attributes that identify it, as text.
    public let identity: [String: String]
    public let capabilities: AgentCapabilities
    /// The custom messages that it knows.
    public let customCapabilities: [String]
    /// `nil` when it has not said anything, or nothing since the manager began.
    public let health: ComponentHealth?
    /// How its worst component is.
    public let worst: ComponentState
    /// When `worst` became what it is; nanoseconds since 1970-01-01T00:00:00Z.
    public let worstSince: UInt64
    /// When its process began; 0 when it is not known.
    public let started: UInt64
    /// The hash of the configuration it was offered last, as it says.
    public let reportedHash: [UInt8]
    /// What it runs; `AgentConfigMap.canonicalBytes` of it is the content with this hash.
    public let effective: ContentHash?
    /// What it said about configurations, the newest last.
    public let history: [ConfigurationReport]
    /// Its counters, the newest last.
    public let flow: FlowHistory
    /// The hash of the components it is built of, as it chose it.
    public let components: [UInt8]?
    /// What became of the connection settings that it was offered.
    public let connectionSettings: ConnectionSettingsStatus?
    /// Its packages; `nil` when nothing is known of them.
    public var packages: AgentPackagesRecord?
}

/// Agents that run the same configuration.
public struct EffectiveVariant: Sendable, Hashable {
    /// Names the content, `AgentConfigMap.canonicalBytes`.
    public let hash: ContentHash
    public let agents: Int
    /// What these agents ought to run, at most 20 of it.
    public let revisions: [RevisionReference]
    /// Some of them, at most 10.
    public let examples: [InstanceUID]
}

/// The fleet in numbers.
public struct FleetSummary: Sendable, Hashable {
    public var agents = 0
    public var connected = 0
    /// Of those that are connected.
    public var healthy = 0
    /// Of those that are connected.
    public var unhealthy = 0
    /// Agents that wait to be let in; in no other number.
    public var waiting = 0
    /// Agents by state of drift.
    public var drift: [DriftState: Int] = [:]
    /// Agents by version, at most 1,000 versions; the rest is counted as `other`.
    public var versions: [String: Int] = [:]
    /// Agents by what they ought to run.
    public var revisions: [RevisionReference: Int] = [:]
    /// Items per second of all that report counters.
    public var accepted = 0.0
    public var delivered = 0.0
    public var dropped = 0.0

    public init() {}
}
