public import Fleet
public import Wire

/// What becomes of the messages of agents; `AgentGateway` is it.
///
/// All methods are called on the connection's loop, and must not block it.
public protocol AgentReception: Sendable {
    /// Takes a message without the header of the transport, and says what is to be done.
    func receive(_ message: Bytes, over connection: any AgentConnection) -> GatewayAnswer
    /// The other end gave a sign of life after `AgentConnection.ping()`.
    func heard(_ connection: any AgentConnection)
    /// A WebSocket is closed; called once for each that a message came over.
    func closed(_ connection: any AgentConnection)
}

extension AgentGateway: AgentReception {}

/// Who is let in; `AccessControl` decides it.
public protocol AgentDoor: Sendable {
    /// What a connection of agents has proved, from the head of its first request; decided at once.
    func agent(
        authorization: String?, certificateName: String?, certificateSerial: String?, address: String
    ) throws(AgentRefusal) -> AgentPrincipal
}

extension AccessControl: AgentDoor {}
