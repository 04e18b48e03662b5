/// The parts of a report that an agent may leave out while they do not change.
public struct ReportedParts: OptionSet, Sendable, Hashable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let description = Self(rawValue: 0x1)
    public static let health = Self(rawValue: 0x2)
    public static let effectiveConfig = Self(rawValue: 0x4)
    public static let remoteConfigStatus = Self(rawValue: 0x8)
    public static let packageStatuses = Self(rawValue: 0x10)
    public static let customCapabilities = Self(rawValue: 0x20)
    public static let availableComponents = Self(rawValue: 0x40)
    public static let connectionSettingsStatus = Self(rawValue: 0x80)

    public static let all = Self(rawValue: 0xFF)
}

extension AgentToServer {
    /// The parts that the message has.
    public var parts: ReportedParts {
        var parts: ReportedParts = []
        if agentDescription != nil { parts.insert(.description) }
        if health != nil { parts.insert(.health) }
        if effectiveConfig != nil { parts.insert(.effectiveConfig) }
        if remoteConfigStatus != nil { parts.insert(.remoteConfigStatus) }
        if packageStatuses != nil { parts.insert(.packageStatuses) }
        if customCapabilities != nil { parts.insert(.customCapabilities) }
        if availableComponents != nil { parts.insert(.availableComponents) }
        if connectionSettingsStatus != nil { parts.insert(.connectionSettingsStatus) }
        return parts
    }

    /// Whether there is nothing to do for it but to answer: a heartbeat or a poll.
    public var isHeartbeat: Bool {
        parts.isEmpty && !isDisconnect && flags.isEmpty && connectionSettingsRequest == nil
            && customMessage == nil
    }
}
