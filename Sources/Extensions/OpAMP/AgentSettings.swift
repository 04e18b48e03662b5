internal import OpAMP
internal import Pipeline
internal import Settings
internal import Wire

/// What of the settings of an agent may change while it runs, and what follows from them.
struct AgentSettings: Sendable {
    /// What the session tells the server; bits are set for what is really there.
    let capabilities: AgentCapabilities
    let customCapabilities: [String]
    /// `nil` for never.
    var heartbeat: Duration?
    /// What a server gave and is used.
    var accepted: AcceptedConnection?
    /// What a server gave and is being tried.
    var candidate: AcceptedConnection?
    var candidatePlace: AgentPlace?
    /// The key whose certificate has been asked for, in PEM.
    var pendingKey: String?
    /// When it is time to see whether a certificate has to be asked for; `nil` before the first connection.
    var nextOrder: Instant?
    /// When one was asked for last, and how long it is waited for the next.
    var orderedAt: Instant?
    var orderPause = AgentDriver.orderPause
    /// Whether a certificate is wanted although the present one is good, because the id is another one.
    var isOrderForced = false
    /// Names the configured servers.
    let origin: String

    init(_ parts: AgentDriver.Parts) {
        let configuration = parts.configuration
        let wanted = configuration.capabilities
        var bits: AgentCapabilities = [.reportsStatus]
        if wanted.reportsHealth { bits.insert(.reportsHealth) }
        if wanted.reportsHeartbeat { bits.insert(.reportsHeartbeat) }
        if parts.managed != nil {
            if wanted.reportsEffectiveConfig { bits.insert(.reportsEffectiveConfig) }
            if wanted.reportsAvailableComponents { bits.insert(.reportsAvailableComponents) }
            if wanted.reportsRemoteConfig { bits.insert(.reportsRemoteConfig) }
            if wanted.acceptsRemoteConfig { bits.insert(.acceptsRemoteConfig) }
            if wanted.acceptsRestartCommand { bits.insert(.acceptsRestartCommand) }
        }
        if wanted.acceptsConnectionSettings {
            bits.formUnion([.acceptsOpAMPConnectionSettings, .reportsConnectionSettingsStatus])
        }
        capabilities = bits
        let canChange = bits.contains(.acceptsRemoteConfig)
        customCapabilities =
            parts.managed == nil
            ? []
            : [canChange ? ConfigurationMessages.capability : nil, FlowReport.capability].compactMap { $0 }
        let interval = configuration.pollingInterval ?? configuration.heartbeatInterval
        heartbeat = wanted.reportsHeartbeat && interval > .zero ? interval : nil
        let servers = configuration.places.map { $0.tree(.revealed)?.json() ?? "" }
        origin = Hexadecimal.text(of: SHA256Digest.of(servers.joined(separator: "\n")))
    }
}
