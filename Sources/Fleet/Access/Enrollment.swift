internal import FleetStore
public import OpAMP
internal import Settings

/// An agent that came with an enrollment token, and what was decided about it.
public struct Enrollment: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// For a person to decide.
        case waiting
        case approved
        case rejected
    }

    public let uid: InstanceUID
    public internal(set) var state: State
    /// The id of the token.
    public let token: String
    /// What it calls itself.
    public let name: String
    /// From where it came.
    public let address: String
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let requested: UInt64
    /// When it was decided, likewise; 0 when it was not.
    public internal(set) var decided: UInt64
    /// Who decided; the token for one that decides by itself.
    public internal(set) var decider: String
    /// Why it was rejected.
    public internal(set) var reason: String
}

extension Enrollment: TableRow {
    static var kind: DocumentKind { .enrollment }
    var id: String { uid.description }

    var body: Tree {
        .table([
            "state": .text(state.rawValue), "token": .text(token), "name": .text(name),
            "address": .text(address), "requested": .number(requested), "decided": .number(decided),
            "decider": .text(decider), "reason": .text(reason),
        ])
    }

    init?(id: String, body: Tree) {
        let fields = DocumentFields(body)
        guard let uid = InstanceUID(id), let state = fields.text("state").flatMap({ State(rawValue: $0) })
        else { return nil }
        self.init(
            uid: uid, state: state, token: fields.text("token") ?? "", name: fields.text("name") ?? "",
            address: fields.text("address") ?? "", requested: fields.whole("requested") ?? 0,
            decided: fields.whole("decided") ?? 0, decider: fields.text("decider") ?? "",
            reason: fields.text("reason") ?? "")
    }
}

/// An agent that is new here.
public struct EnrollmentRequest: Sendable, Hashable {
    public var uid: InstanceUID
    public var principal: AgentPrincipal
    /// What it calls itself, such as its `service.name` and `host.name`; cut to 256 bytes.
    public var name: String
    /// From where it came.
    public var address: String

    public init(uid: InstanceUID, principal: AgentPrincipal, name: String, address: String) {
        self.uid = uid
        self.principal = principal
        self.name = name
        self.address = address
    }
}
