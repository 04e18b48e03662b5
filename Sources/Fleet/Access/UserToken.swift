internal import FleetModel
internal import FleetStore
internal import Settings

/// A token of a person or a program that uses the fleet API, as it is kept: everything but the token.
public struct UserToken: Sendable, Hashable {
    /// Names the token; part of its text.
    public let id: String
    /// For people and the audit log.
    public let name: String
    /// The person or program it was made for; "another person" has another owner.
    public let owner: String
    public let roles: Set<FleetRole>
    /// Who made it.
    public let author: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let created: UInt64
    /// When it stops being valid, likewise; `nil` is never.
    public let expires: UInt64?
    /// The SHA-256 of the token's text.
    let hash: ContentHash

    /// Whether it is valid no more at a time given in nanoseconds since 1970.
    public func hasExpired(at time: UInt64) -> Bool { expires.map { $0 <= time } ?? false }

    /// Who comes with it.
    public var user: FleetUser { FleetUser(name: "token:\(name)", owner: owner, token: id, roles: roles) }
}

extension UserToken: TableRow {
    static var kind: DocumentKind { .userToken }

    var body: Tree {
        .table([
            "name": .text(name), "owner": .text(owner),
            "roles": .list(roles.sorted().map { .text($0.rawValue) }), "author": .text(author),
            "created": .number(created), "expires": DocumentFields.tree(expires),
            "hash": .text(hash.description),
        ])
    }

    init?(id: String, body: Tree) {
        let fields = DocumentFields(body)
        guard let hash = fields.text("hash").flatMap({ ContentHash($0) }), let name = fields.text("name")
        else {
            return nil
        }
        self.init(
            id: id, name: name, owner: fields.text("owner") ?? name,
            roles: Set(fields.texts("roles").compactMap { FleetRole(rawValue: $0) }),
            author: fields.text("author") ?? "", created: fields.whole("created") ?? 0,
            expires: fields.whole("expires"), hash: hash)
    }
}

/// What a new token of a person or a program is to be.
public struct UserTokenRequest: Sendable, Hashable {
    public var name: String
    /// The name, when it is empty.
    public var owner: String
    public var roles: Set<FleetRole>
    /// How long it is valid; `nil` is for ever.
    public var life: Duration?

    public init(name: String, owner: String = "", roles: Set<FleetRole>, life: Duration? = nil) {
        self.name = name
        self.owner = owner
        self.roles = roles
        self.life = life
    }
}
