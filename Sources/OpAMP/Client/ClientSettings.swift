/// What a session of an agent is made with.
public struct ClientSettings: Sendable, Hashable {
    /// The servers in order of preference; not empty.
    public var servers: [ClientTransport]
    /// What the agent can do.
    public var capabilities: AgentCapabilities
    /// How long after a message the next one is due; `nil` for never.
    ///
    /// Polls of plain HTTP come at this interval, or each 30 s when there is none.
    public var heartbeat: Duration? = .seconds(30)
    /// Bytes of a message to the server.
    public var maximumMessageBytes = MessageLimits.maximumMessageBytes
    /// What a message of the server may hold.
    public var limits = MessageLimits.fromServer
    /// The longest wait between attempts to connect.
    public var maximumDelay: Duration = .seconds(60)
    /// How long after the end of a connection, at most, the first attempt to connect comes.
    public var firstDelay: Duration = .seconds(5)
    /// How long an attempt to connect, or the answer to a request, may take.
    public var answerTimeout: Duration = .seconds(30)
    /// How long offered connection settings are tried.
    public var verificationTime: Duration = .seconds(30)

    public init(servers: [ClientTransport], capabilities: AgentCapabilities) {
        precondition(!servers.isEmpty, "a session needs a server")
        self.servers = servers
        self.capabilities = capabilities.union(.reportsStatus)
    }
}

/// What an agent reports of itself; `nil` is not reported.
public struct AgentReport: Sendable, Hashable {
    public var description: AgentDescription?
    public var health: ComponentHealth?
    public var effectiveConfig: EffectiveConfig?
    public var remoteConfigStatus: RemoteConfigStatus?
    public var packageStatuses: PackageStatuses?
    public var customCapabilities: CustomCapabilities?
    /// With all components; the hash alone is sent until the server asks for more.
    public var availableComponents: AvailableComponents?
    public var connectionSettingsStatus: ConnectionSettingsStatus?

    public init() {}

    /// The parts in which two reports differ.
    func differences(from other: AgentReport) -> ReportedParts {
        var parts: ReportedParts = []
        if description != other.description { parts.insert(.description) }
        if health != other.health { parts.insert(.health) }
        if effectiveConfig != other.effectiveConfig { parts.insert(.effectiveConfig) }
        if remoteConfigStatus != other.remoteConfigStatus { parts.insert(.remoteConfigStatus) }
        if packageStatuses != other.packageStatuses { parts.insert(.packageStatuses) }
        if customCapabilities != other.customCapabilities { parts.insert(.customCapabilities) }
        if availableComponents != other.availableComponents { parts.insert(.availableComponents) }
        if connectionSettingsStatus != other.connectionSettingsStatus {
            parts.insert(.connectionSettingsStatus)
        }
        return parts
    }

    /// The parts that there are.
    var parts: ReportedParts { differences(from: AgentReport()) }
}
