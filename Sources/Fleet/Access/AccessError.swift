public import FleetStore

/// Why something about access could not be done.
public enum AccessError: Error, Sendable, Equatable {
    /// What was asked for is not possible as it is.
    case invalid(String)
    /// There is no such token, enrollment or credential.
    case notFound(String)
    /// There is as much as there may be.
    case full(String)
    /// It has been changed meanwhile.
    case conflict(String)
    /// A rule does not allow it.
    case forbidden(String)
    /// A request for a certificate is not taken; the reason is for the agent.
    case badRequest(String)
    /// The agent has to wait that long.
    case tooMany(after: Duration)
    /// A file of the state directory cannot be read or written.
    case file(String)
    /// The store did not do what it was asked to.
    case store(StoreError)

    init(_ error: StoreError, _ what: String) {
        if case .conflict = error { self = .conflict(what) } else { self = .store(error) }
    }
}

extension AccessError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalid(let reason), .full(let reason), .forbidden(let reason), .badRequest(let reason),
            .file(let reason):
            reason
        case .notFound(let what): "there is no \(what)"
        case .conflict(let what): "\(what) has been changed meanwhile; read it again"
        case .tooMany(let wait): "too soon; try again in \(AccessText.seconds(wait)) s"
        case .store(let error): error.description
        }
    }
}
