public import FleetModel
public import OpAMP
public import Wire

/// A connection over which agents speak, as the gateway sees it; one may carry many agents.
///
/// `send`, `ping` and `close` may be called from any thread and do not wait.
public protocol AgentConnection: AnyObject, Sendable {
    /// Never used twice in the life of a process.
    var id: UInt64 { get }
    /// Whether the server may say something by itself; otherwise the connection is one request of plain HTTP.
    var isWebSocket: Bool { get }
    /// The address of the other end, for people.
    var peer: String { get }
    /// What it has proved about itself.
    var principal: AgentPrincipal { get }

    /// Sends one message; `false` when so much waits already that it was not taken.
    ///
    /// The chunks together are a protobuf message: the header of the transport is put before them here.
    func send(_ chunks: [Bytes]) -> Bool
    /// Asks whether the other end is alive; what comes back is told by `AgentGateway.heard(_:)`.
    func ping()
    /// Ends the connection with a status of WebSocket.
    func close(code: UInt16, reason: String)
}

/// What is done with a connection after a message.
public enum GatewayAnswer: Sendable {
    /// One message goes back: its chunks, without the header of the transport.
    case send([Bytes])
    /// The connection ends with a status of WebSocket; plain HTTP answers 400, or 401 for 1008.
    case close(code: UInt16, reason: String)
}

/// Who decides which agents are let in; `AccessControl` does.
public protocol AgentAccess: Sendable {
    /// What an agent may be with a credential; decided at once.
    func standing(of uid: InstanceUID, as principal: AgentPrincipal) -> AgentStanding
    /// Decides about an agent whose standing is `.new`.
    func enroll(_ request: EnrollmentRequest) async throws(AccessError) -> AgentStanding
    /// A new token of an agent's own.
    func agentToken(for uid: InstanceUID) async throws(AccessError) -> String
    /// Answers a request for a certificate, in PEM.
    func issueCertificate(
        _ pem: String, for uid: InstanceUID, as principal: AgentPrincipal
    ) async throws(AccessError) -> IssuedCertificate
    /// Lets credentials of an agent count for the id that it gets instead.
    func rename(_ uid: InstanceUID, to successor: InstanceUID) async throws(AccessError)
}

extension AccessControl: AgentAccess {}

/// Where the bytes of an offer come from; `ConfigurationLibrary` has them.
public protocol AgentOffers: Sendable {
    /// All of a message that offers a rendering but the id of the agent; `nil` when it has to be fetched.
    func cachedOffer(_ hash: ContentHash) -> Bytes?
    /// The same, from the store if need be.
    func offer(_ hash: ContentHash) async throws(LibraryError) -> Bytes
    /// A message of an agent in which secrets that were offered to agents cannot be read; the very same
    /// where there is none in it.
    func masked(_ message: Bytes) -> Bytes
    /// Grows when there are secrets that were not known before.
    var secretGeneration: UInt64 { get }
}

extension AgentOffers {
    public var secretGeneration: UInt64 { 0 }
    public func masked(_ message: Bytes) -> Bytes { message }
}

extension ConfigurationLibrary: AgentOffers {}
