public import Fleet
public import HTTPAPI

/// Who makes a request of the fleet API, once that is known.
public struct FleetCaller: APICaller {
    public let user: FleetUser
    public let address: String

    public var name: String { user.name }

    public static func nobody(at address: String) -> Self {
        Self(user: FleetUser(name: "anonymous", owner: "", token: "", roles: []), address: address)
    }

    public func objection(to right: FleetPermissions) -> APIProblem? {
        guard !user.permissions.isSuperset(of: right) else { return nil }
        let roles = user.roles.sorted().map { $0.rawValue }.joined(separator: ", ")
        return APIProblem(
            403, "permission", "The permissions do not allow it",
            "\(name) has the roles \(roles.isEmpty ? "of nobody" : roles); this needs \(right)")
    }
}
