internal import Pipeline
internal import Settings

/// A bearer token as it is kept: everything but the token.
public struct AdminToken: Sendable, Equatable {
    /// Names the token; part of its text.
    public let id: String
    /// For people and the audit log.
    public let name: String
    public let role: AdminRole
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let created: UInt64
    /// When it stops being valid, likewise; `nil` is never.
    public let expires: UInt64?
    /// The SHA-256 of the token's text, in hexadecimal.
    let hash: String

    /// Whether the token is valid no more at a time given in nanoseconds since 1970.
    public func hasExpired(at time: UInt64) -> Bool { expires.map { $0 <= time } ?? false }

    /// One line of the file.
    var line: String {
        var entries: [Tree.Entry] = [
            .init("id", .text(id)), .init("name", .text(name)), .init("role", .text(role.rawValue)),
            .init("created", .number(created)), .init("hash", .text(hash)),
        ]
        if let expires { entries.append(.init("expires", .number(expires))) }
        return Tree(.table(entries)).json() + "\n"
    }

    init(id: String, name: String, role: AdminRole, created: UInt64, expires: UInt64?, hash: String) {
        self.id = id
        self.name = name
        self.role = role
        self.created = created
        self.expires = expires
        self.hash = hash
    }

    /// Reads a line of the file; `nil` when it is not one.
    init?(line: String) {
        guard
            let tree = try? Tree(json: line, source: ConfigurationSource(.inline, "token")),
            let id = tree["id"]?.text, let name = tree["name"]?.text, let hash = tree["hash"]?.text,
            let role = tree["role"]?.text.flatMap(AdminRole.init(rawValue:)),
            let created = tree["created"]?.text.flatMap(UInt64.init)
        else { return nil }
        self.init(
            id: id, name: name, role: role, created: created,
            expires: tree["expires"]?.text.flatMap(UInt64.init), hash: hash)
    }
}
