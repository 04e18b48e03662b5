import Fleet
import FleetModel
import OpAMP
import Wire

/// A connection that takes everything.
final class QuietConnection: AgentConnection {
    let id: UInt64
    let isWebSocket = true
    let peer = "127.0.0.1"
    let principal = AgentPrincipal.anyone

    init(_ id: UInt64) { self.id = id }

    func send(_ chunks: [Bytes]) -> Bool { true }
    func ping() {}
    func close(code: UInt16, reason: String) {}
}

/// Lets everybody in.
struct OpenAccess: AgentAccess {
    func standing(of uid: InstanceUID, as principal: AgentPrincipal) -> AgentStanding { .admitted }
    func enroll(_ request: EnrollmentRequest) async throws(AccessError) -> AgentStanding { .admitted }
    func agentToken(for uid: InstanceUID) async throws(AccessError) -> String { "" }
    func issueCertificate(
        _ pem: String, for uid: InstanceUID, as principal: AgentPrincipal
    ) async throws(AccessError) -> IssuedCertificate {
        throw .forbidden("there are none here")
    }
    func rename(_ uid: InstanceUID, to successor: InstanceUID) async throws(AccessError) {}
}

/// Offers that say nothing: nothing is offered here.
struct EmptyOffers: AgentOffers {
    func cachedOffer(_ hash: ContentHash) -> Bytes? { Bytes([UInt8]()) }
    func offer(_ hash: ContentHash) async throws(LibraryError) -> Bytes { Bytes([UInt8]()) }
}
