public import FleetStore
internal import Settings

/// Why a question about configurations, groups or values has no answer.
public enum LibraryError: Error, Sendable {
    /// There is no such thing: a configuration, a revision, a group, a value.
    case notFound(String)
    /// It cannot be taken as it is; every reason with its place.
    case invalid([ConfigurationFinding])
    /// It has been changed meanwhile: read it again and decide anew.
    case conflict(String)
    /// There is as much as there may be.
    case full(String)
    /// It is still needed; by what.
    case inUse(String)
    /// A variable of the revision has no value, or a wrong one, for an agent.
    case variables([ConfigurationFinding])
    /// A secret that the configuration names cannot be had.
    case secret(String)
    /// The store did not do what it was asked to.
    case store(StoreError)
}

extension LibraryError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notFound(let what): "there is no \(what)"
        case .invalid(let findings), .variables(let findings):
            findings.filter { $0.severity == .error }.map { "\($0.diagnostic)" }.joined(separator: "\n")
        case .conflict(let what): "\(what) has been changed meanwhile; read it again"
        case .full(let what): what
        case .inUse(let what): what
        case .secret(let reason): reason
        case .store(let error): error.description
        }
    }

    /// What a failure of the store means for something with this name.
    init(_ error: StoreError, _ what: String) {
        if case .conflict = error { self = .conflict(what) } else { self = .store(error) }
    }
}
