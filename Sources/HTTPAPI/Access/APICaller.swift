/// Who makes a request, once that is known.
public protocol APICaller: Sendable {
    /// What a route may need of a caller, such as a role.
    associatedtype Right: Sendable

    /// For the audit log: `uid:1000`, `token:deploy`, `certificate:fleet`, `anonymous`.
    var name: String { get }
    /// `ip:port`, or `unix`.
    var address: String { get }

    /// Somebody who may do nothing but what everybody may.
    static func nobody(at address: String) -> Self

    /// Why this caller may not use a route that needs a right; `nil` when it may.
    func objection(to right: Right) -> APIProblem?
}

/// Why a request has no caller.
public enum CallerFailure: Error, Sendable, Equatable {
    /// There is nothing that says who it is.
    case missing
    /// What there is, is not valid (any more).
    case invalid
}
