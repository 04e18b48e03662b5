internal import HTTPAPI
internal import Pipeline
internal import Transport

/// Finds out who makes a request: the user of a unix socket, a bearer token, a client certificate.
struct Authentication: Sendable {
    let tokens: TokenStore
    let rules: AdminAccess
    let clock: any PipelineClock

    func caller(of head: ServerRequestHead) throws(CallerFailure) -> AdminCaller {
        let peer = head.connection
        // Credentials that are sent count, even where none are needed: a wrong one is a mistake to hear of.
        if let value = head.fields["authorization"] { return try bearer(value, peer.address) }
        if let user = peer.userID, rules.users.contains(user) {
            return AdminCaller(name: "uid:\(user)", role: .configure, address: peer.address)
        }
        if let name = peer.certificateName, let role = rules.certificates[name] {
            return AdminCaller(name: "certificate:\(name)", role: role, address: peer.address)
        }
        if let role = rules.anonymous {
            return AdminCaller(name: "anonymous", role: role, address: peer.address)
        }
        throw .missing
    }

    private func bearer(_ value: String, _ address: String) throws(CallerFailure) -> AdminCaller {
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer",
            let token = tokens.find(String(parts[1]), at: clock.unixNanoseconds)
        else { throw .invalid }
        return AdminCaller(name: "token:\(token.name)", role: token.role, address: address)
    }
}

/// Who may use the admin API without a token.
public struct AdminAccess: Sendable {
    /// Users of the unix socket that may do everything.
    public var users: Set<UInt32>
    /// Roles by the common names of client certificates.
    public var certificates: [String: AdminRole] = [:]
    /// The role of those who say nothing about themselves; `nil` turns them away.
    public var anonymous: AdminRole?
    /// Names that requests may be addressed to, beside IP addresses and `localhost`.
    public var hosts: Set<String> = []

    /// The users given, on unix sockets; everybody else needs a token.
    public init(users: Set<UInt32>) { self.users = users }
}
