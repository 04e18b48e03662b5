public import Wire

/// What an agent says to its server.
///
/// Parts that are `nil` have not changed since the message before, or are not reported at all.
public struct AgentToServer: Sendable, Hashable {
    /// Who says it.
    public var instanceUID: InstanceUID
    /// One more than that of the message before.
    public var sequenceNumber: UInt64 = 0
    public var agentDescription: AgentDescription?
    /// In every message; no bits at all is a message that leaves them out.
    public var capabilities: AgentCapabilities = []
    public var health: ComponentHealth?
    public var effectiveConfig: EffectiveConfig?
    public var remoteConfigStatus: RemoteConfigStatus?
    public var packageStatuses: PackageStatuses?
    /// The last message before the agent goes.
    public var isDisconnect = false
    public var flags: AgentToServerFlags = []
    public var connectionSettingsRequest: ConnectionSettingsRequest?
    public var customCapabilities: CustomCapabilities?
    public var customMessage: CustomMessage?
    public var availableComponents: AvailableComponents?
    public var connectionSettingsStatus: ConnectionSettingsStatus?

    public init(instanceUID: InstanceUID) { self.instanceUID = instanceUID }

    /// Reads a message without the header of a frame.
    ///
    /// Fails for what is not protobuf, is beyond the limits, or has no id of 16 bytes.
    public init(decoding bytes: Bytes, limits: MessageLimits = .fromAgent) throws(OpAMPError) {
        let message: AgentMessage = try MessageDecoder.decode(bytes, limits: limits)
        guard message.hasUID else {
            throw OpAMPError(.malformed, "AgentToServer.instance_uid has 0 bytes instead of 16")
        }
        self = message.content
    }

    /// The message without the header of a frame.
    public func encoded() -> Bytes { AgentMessage(content: self, hasUID: true).wireBytes() }
}

/// The message while it is read: its id is not there from the beginning.
private struct AgentMessage: WireMessage {
    static let messageName: StaticString = "AgentToServer"

    var content = AgentToServer(instanceUID: InstanceUID(high: 0, low: 0))
    var hasUID = false

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1:
            content.instanceUID = try decoder.uid(field, "instance_uid")
            hasUID = true
        case 2: content.sequenceNumber = try field.varint("sequence_num")
        case 3: try decoder.message(field, "agent_description", into: &content.agentDescription)
        case 4: content.capabilities = AgentCapabilities(rawValue: try field.varint("capabilities"))
        case 5: try decoder.message(field, "health", into: &content.health)
        case 6: try decoder.message(field, "effective_config", into: &content.effectiveConfig)
        case 7: try decoder.message(field, "remote_config_status", into: &content.remoteConfigStatus)
        case 8: try decoder.message(field, "package_statuses", into: &content.packageStatuses)
        case 9:
            var empty: EmptyMessage?
            try decoder.message(field, "agent_disconnect", into: &empty)
            content.isDisconnect = true
        case 10: content.flags = AgentToServerFlags(rawValue: try field.varint("flags"))
        case 11:
            try decoder.message(
                field, "connection_settings_request", into: &content.connectionSettingsRequest)
        case 12: try decoder.message(field, "custom_capabilities", into: &content.customCapabilities)
        case 13: try decoder.message(field, "custom_message", into: &content.customMessage)
        case 14: try decoder.message(field, "available_components", into: &content.availableComponents)
        case 15:
            try decoder.message(field, "connection_settings_status", into: &content.connectionSettingsStatus)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        writer.put(content.instanceUID, 1)
        writer.put(content.sequenceNumber, 2)
        writer.put(content.agentDescription, 3)
        writer.put(content.capabilities.rawValue, 4)
        writer.put(content.health, 5)
        writer.put(content.effectiveConfig, 6)
        writer.put(content.remoteConfigStatus, 7)
        writer.put(content.packageStatuses, 8)
        if content.isDisconnect { writer.put(EmptyMessage(), 9) }
        writer.put(content.flags.rawValue, 10)
        writer.put(content.connectionSettingsRequest, 11)
        writer.put(content.customCapabilities, 12)
        writer.put(content.customMessage, 13)
        writer.put(content.availableComponents, 14)
        writer.put(content.connectionSettingsStatus, 15)
    }
}
