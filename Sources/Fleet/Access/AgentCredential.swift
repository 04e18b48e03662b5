internal import FleetModel
internal import FleetStore
public import OpAMP
internal import Settings

/// What one agent proves with who it is; tokens as hashes only.
public struct AgentCredential: Sendable, Hashable {
    /// A token of the agent's own.
    struct Token: Sendable, Hashable {
        let hash: ContentHash
        /// Nanoseconds since 1970-01-01T00:00:00Z.
        let created: UInt64
        /// When it stops being valid, likewise; `nil` is never.
        var expires: UInt64?
        /// Whether the agent has come with it.
        var isUsed: Bool
    }

    /// A certificate that the manager's authority issued.
    public struct Certificate: Sendable, Hashable {
        /// In hexadecimal.
        public let serial: String
        /// Nanoseconds since 1970-01-01T00:00:00Z.
        public let issued: UInt64
        /// Likewise.
        public let expires: UInt64
        /// Whether the agent has come with it.
        public internal(set) var isUsed: Bool
    }

    public let uid: InstanceUID
    var tokens: [Token] = []
    public internal(set) var certificates: [Certificate] = []
    /// When all of it was taken away, in nanoseconds since 1970; `nil` when it was not.
    public internal(set) var revoked: UInt64?
    /// Who took it away, and why.
    public internal(set) var revoker = ""
    public internal(set) var reason = ""
    /// Ids that the manager has given instead of this one: several for machines that were copied with their
    /// credential; at most `mostSuccessors`, the newest last.
    public internal(set) var successors: [InstanceUID] = []

    /// The most ids that the credentials of one may count for.
    public static let mostSuccessors = 256

    init(uid: InstanceUID) { self.uid = uid }

    /// How many tokens are valid.
    public var tokenCount: Int { tokens.count }

    /// Whether the agent has shown a credential of its own, so that an enrollment token is not enough.
    var isProved: Bool { tokens.contains { $0.isUsed } || certificates.contains { $0.isUsed } }
}

extension AgentCredential: TableRow {
    static var kind: DocumentKind { .agentCredential }
    var id: String { uid.description }

    var body: Tree {
        let tokens = tokens.map { token in
            Tree.table([
                "hash": .text(token.hash.description), "created": .number(token.created),
                "expires": DocumentFields.tree(token.expires), "used": .bool(token.isUsed),
            ])
        }
        let certificates = certificates.map { certificate in
            Tree.table([
                "serial": .text(certificate.serial), "issued": .number(certificate.issued),
                "expires": .number(certificate.expires), "used": .bool(certificate.isUsed),
            ])
        }
        return .table([
            "tokens": .list(tokens), "certificates": .list(certificates),
            "revoked": DocumentFields.tree(revoked), "revoker": .text(revoker), "reason": .text(reason),
            "successors": .list(successors.map { .text($0.description) }),
        ])
    }

    init?(id: String, body: Tree) {
        guard let uid = InstanceUID(id) else { return nil }
        self.init(uid: uid)
        let fields = DocumentFields(body)
        tokens = fields.fields("tokens").compactMap { token in
            guard let hash = token.text("hash").flatMap({ ContentHash($0) }) else { return nil }
            return Token(
                hash: hash, created: token.whole("created") ?? 0, expires: token.whole("expires"),
                isUsed: token.flag("used"))
        }
        certificates = fields.fields("certificates").compactMap { certificate in
            guard let serial = certificate.text("serial"), let expires = certificate.whole("expires") else {
                return nil
            }
            return Certificate(
                serial: serial, issued: certificate.whole("issued") ?? 0, expires: expires,
                isUsed: certificate.flag("used"))
        }
        revoked = fields.whole("revoked")
        revoker = fields.text("revoker") ?? ""
        reason = fields.text("reason") ?? ""
        successors = fields.texts("successors").compactMap { InstanceUID($0) }
    }
}
