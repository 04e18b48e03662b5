/// What a server may say only to agents that can take it.
public enum ServerOffer: Sendable, Hashable, CaseIterable {
    case remoteConfig, packages, opampConnection, ownMetrics, ownTraces, ownLogs, otherConnections, restart

    /// The capability that an agent has to have.
    public var capability: AgentCapabilities {
        switch self {
        case .remoteConfig: .acceptsRemoteConfig
        case .packages: .acceptsPackages
        case .opampConnection: .acceptsOpAMPConnectionSettings
        case .ownMetrics: .reportsOwnMetrics
        case .ownTraces: .reportsOwnTraces
        case .ownLogs: .reportsOwnLogs
        case .otherConnections: .acceptsOtherConnectionSettings
        case .restart: .acceptsRestartCommand
        }
    }
}

extension ServerToAgent {
    /// The message without what an agent of these capabilities must not get, and without what must not be
    /// together: an error stands alone, a command stands with nothing but id and capabilities.
    public func permitted(for agent: AgentCapabilities) -> ServerToAgent {
        var message = ServerToAgent(instanceUID: instanceUID)
        if let errorResponse {
            message.errorResponse = errorResponse
            return message
        }
        message.capabilities = capabilities
        if let command {
            if agent.contains(ServerOffer.restart.capability) { message.command = command }
            return message
        }
        message.flags = flags
        message.newInstanceUID = newInstanceUID
        message.customCapabilities = customCapabilities
        message.customMessage = customMessage
        if agent.contains(ServerOffer.remoteConfig.capability) { message.remoteConfig = remoteConfig }
        if agent.contains(ServerOffer.packages.capability) { message.packagesAvailable = packagesAvailable }
        message.connectionSettings = connectionSettings?.permitted(for: agent)
        return message
    }
}

extension ConnectionSettingsOffers {
    /// The settings of the classes that an agent of these capabilities takes; `nil` when it takes none of
    /// them.
    public func permitted(for agent: AgentCapabilities) -> ConnectionSettingsOffers? {
        var offers = self
        if !agent.contains(ServerOffer.opampConnection.capability) { offers.opamp = nil }
        if !agent.contains(ServerOffer.ownMetrics.capability) { offers.ownMetrics = nil }
        if !agent.contains(ServerOffer.ownTraces.capability) { offers.ownTraces = nil }
        if !agent.contains(ServerOffer.ownLogs.capability) { offers.ownLogs = nil }
        if !agent.contains(ServerOffer.otherConnections.capability) { offers.otherConnections = [:] }
        return offers.isEmpty ? nil : offers
    }

    private var isEmpty: Bool {
        opamp == nil && ownMetrics == nil && ownTraces == nil && ownLogs == nil && otherConnections.isEmpty
    }
}
