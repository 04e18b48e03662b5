internal import Fleet
internal import FleetStore
public import HTTPAPI
internal import Pipeline
public import Transport

extension FleetContext: APIContext {
    public typealias Caller = FleetCaller

    public static let wording = APIWording(
        name: "the fleet API", subject: "fleet", hostOption: "api::hosts",
        tokenHint: "apus fleet tokens create makes one",
        tlsHint: "give api::tls a certificate and a key")

    public var hostNames: Set<String> { Set(hosts.map { $0.lowercased() }) }

    public var executor: LoopExecutor? { nil }

    public func caller(of head: ServerRequestHead) throws(CallerFailure) -> FleetCaller {
        let peer = head.connection
        // A token that is sent counts before the certificate of the connection: a wrong one is a mistake to
        // hear of.
        if head.fields["authorization"] == nil,
            let user = certificates.user(
                commonName: peer.certificateName, alternativeNames: peer.certificateAlternativeNames)
        {
            return FleetCaller(user: user, address: head.peer)
        }
        do throws(AccessControl.UserRefusal) {
            let user = try access.user(authorization: head.fields["authorization"])
            return FleetCaller(user: user, address: head.peer)
        } catch {
            throw error == .missing ? .missing : .invalid
        }
    }

    public func record(_ entry: APIAuditEntry) async {
        let result: AuditEvent.Result =
            switch entry.outcome {
            case .done: .done
            case .failed: .failed
            case .denied: .denied
            }
        let detail = entry.detail.isEmpty ? "" : ": \(entry.detail)"
        let event = AuditEvent(
            actor: entry.actor, origin: entry.address, action: entry.action, target: entry.target,
            result: result, request: entry.requestID, message: "\(entry.status)\(detail)")
        do throws(StoreError) {
            try await audit.record(event)
        } catch {
            auditFailed(error)
        }
    }

    public func denied(_ entry: APIAuditEntry) {}
}
