internal import FleetModel
internal import FleetStore
internal import Settings

/// A token that new agents come with, as it is kept: everything but the token.
public struct EnrollmentToken: Sendable, Hashable {
    /// Names the token; part of its text.
    public let id: String
    public let name: String
    /// What agents that come with it are labelled with.
    public let labels: [String: String]
    /// From where agents may come with it; empty for everywhere.
    public let networks: [AddressRange]
    /// Whether agents are let in without a person's yes.
    public let isAutomatic: Bool
    /// Whether it may stay the credential of agents that cannot take one of their own.
    public let keep: Bool
    /// How many agents may enroll with it; `nil` for any number.
    public let mostUses: Int?
    /// How many have; counted only where there is a limit.
    public internal(set) var uses: Int
    public let author: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let created: UInt64
    /// When nobody new can enroll with it, likewise; `nil` is never.
    public let expires: UInt64?
    let hash: ContentHash

    /// Whether nobody new can enroll with it at a time given in nanoseconds since 1970.
    public func hasExpired(at time: UInt64) -> Bool { expires.map { $0 <= time } ?? false }
    /// Whether as many agents have enrolled as may.
    public var isUsedUp: Bool { mostUses.map { uses >= $0 } ?? false }
}

extension EnrollmentToken: TableRow {
    static var kind: DocumentKind { .enrollmentToken }

    var body: Tree {
        .table([
            "name": .text(name), "labels": DocumentFields.tree(labels),
            "networks": .list(networks.map { .text($0.description) }), "automatic": .bool(isAutomatic),
            "keep": .bool(keep), "most_uses": DocumentFields.tree(mostUses.map { UInt64($0) }),
            "uses": .number(uses), "author": .text(author), "created": .number(created),
            "expires": DocumentFields.tree(expires), "hash": .text(hash.description),
        ])
    }

    init?(id: String, body: Tree) {
        let fields = DocumentFields(body)
        guard let hash = fields.text("hash").flatMap({ ContentHash($0) }), let name = fields.text("name")
        else {
            return nil
        }
        let networks = fields.texts("networks").map { AddressRange($0) }
        // A range that cannot be read must not open the token to everywhere.
        guard !networks.contains(nil) else { return nil }
        self.init(
            id: id, name: name, labels: fields.map("labels"), networks: networks.compactMap { $0 },
            isAutomatic: fields.flag("automatic"), keep: fields.flag("keep"),
            mostUses: fields.whole("most_uses").flatMap { Int(exactly: $0) },
            uses: fields.whole("uses").flatMap { Int(exactly: $0) } ?? 0, author: fields.text("author") ?? "",
            created: fields.whole("created") ?? 0, expires: fields.whole("expires"), hash: hash)
    }
}

/// What a new enrollment token is to be.
public struct EnrollmentTokenRequest: Sendable, Hashable {
    public var name: String
    public var labels: [String: String] = [:]
    public var networks: [AddressRange] = []
    public var isAutomatic = false
    public var keep = false
    public var mostUses: Int?
    /// How long agents can enroll with it; `nil` is for ever.
    public var life: Duration?

    public init(name: String) { self.name = name }
}
