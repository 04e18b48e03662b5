public import Wire

/// What a server says to an agent.
///
/// A message with nothing but the id acknowledges what the agent said.
public struct ServerToAgent: Sendable, Hashable {
    /// To whom; some servers leave it out.
    public var instanceUID: InstanceUID?
    /// Why the message was not taken; the only part there is.
    public var errorResponse: ServerErrorResponse?
    public var remoteConfig: AgentRemoteConfig?
    public var connectionSettings: ConnectionSettingsOffers?
    public var packagesAvailable: PackagesAvailable?
    public var flags: ServerToAgentFlags = []
    /// In the first message; later no bits at all means that nothing has changed.
    public var capabilities: ServerCapabilities = []
    /// The id that the agent is to have from now on.
    public var newInstanceUID: InstanceUID?
    /// The only part there is besides the id and capabilities.
    public var command: ServerCommand?
    public var customCapabilities: CustomCapabilities?
    public var customMessage: CustomMessage?

    public init(instanceUID: InstanceUID? = nil) { self.instanceUID = instanceUID }

    /// Reads a message without the header of a frame.
    public init(decoding bytes: Bytes, limits: MessageLimits = .fromServer) throws(OpAMPError) {
        let message: ServerMessage = try MessageDecoder.decode(bytes, limits: limits)
        self = message.content
    }

    /// The message without the header of a frame.
    public func encoded() -> Bytes { ServerMessage(content: self).wireBytes() }

    /// All of the message but the id, for many agents: after `uidField` it makes the message of one.
    ///
    /// Fields of protobuf can be put one after the other, so fragments can follow each other as well, such as
    /// a configuration and a custom message.
    public func encodedFragment() -> Bytes {
        var fragment = ServerMessage(content: self)
        fragment.content.instanceUID = nil
        return fragment.wireBytes()
    }

    /// The field with the id of an agent, by itself an acknowledgement.
    public static func uidField(_ uid: InstanceUID) -> Bytes {
        var writer = Writer(capacity: 18)
        writer.put(uid, 1)
        return writer.finish()
    }
}

private struct ServerMessage: WireMessage {
    static let messageName: StaticString = "ServerToAgent"

    var content = ServerToAgent()

    mutating func take(_ field: Field, _ decoder: inout MessageDecoder) throws(OpAMPError) {
        switch field.number {
        case 1 where field.range.isEmpty: try field.expect(.lengthDelimited, "instance_uid")
        case 1: content.instanceUID = try decoder.uid(field, "instance_uid")
        case 2: try decoder.message(field, "error_response", into: &content.errorResponse)
        case 3: try decoder.message(field, "remote_config", into: &content.remoteConfig)
        case 4: try decoder.message(field, "connection_settings", into: &content.connectionSettings)
        case 5: try decoder.message(field, "packages_available", into: &content.packagesAvailable)
        case 6: content.flags = ServerToAgentFlags(rawValue: try field.varint("flags"))
        case 7: content.capabilities = ServerCapabilities(rawValue: try field.varint("capabilities"))
        case 8:
            var identification: IdentificationMessage?
            try decoder.message(field, "agent_identification", into: &identification)
            content.newInstanceUID = identification?.uid ?? content.newInstanceUID
        case 9:
            var command = content.command.map { CommandMessage($0) }
            try decoder.message(field, "command", into: &command)
            content.command = command?.command
        case 10: try decoder.message(field, "custom_capabilities", into: &content.customCapabilities)
        case 11: try decoder.message(field, "custom_message", into: &content.customMessage)
        default: break
        }
    }

    func write(to writer: inout Writer) {
        if let uid = content.instanceUID { writer.put(uid, 1) }
        writer.put(content.errorResponse, 2)
        writer.put(content.remoteConfig, 3)
        writer.put(content.connectionSettings, 4)
        writer.put(content.packagesAvailable, 5)
        writer.put(content.flags.rawValue, 6)
        writer.put(content.capabilities.rawValue, 7)
        writer.put(content.newInstanceUID.map { IdentificationMessage($0) }, 8)
        writer.put(content.command.map { CommandMessage($0) }, 9)
        writer.put(content.customCapabilities, 10)
        writer.put(content.customMessage, 11)
    }
}
