public import HTTPAPI

/// Who makes a request of the admin API, once that is known.
public struct AdminCaller: APICaller, Equatable {
    /// For the audit log: `uid:1000`, `token:deploy`, `certificate:fleet`, `anonymous`.
    public let name: String
    public let role: AdminRole
    /// `ip:port`, or `unix`.
    public let address: String

    public static func nobody(at address: String) -> Self {
        Self(name: "anonymous", role: .read, address: address)
    }

    public func objection(to right: AdminRole) -> APIProblem? {
        guard role < right else { return nil }
        return APIProblem(
            403, "role", "The role does not allow it",
            "\(name) has the role \(role.rawValue); this needs \(right.rawValue)")
    }
}
