/// Why a batch was refused, and what its sender should do with it.
///
/// The decision is part of the type: a component cannot refuse without saying whether trying again helps.
public enum Rejection: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing is wrong with the data; the sender keeps it and tries again, after `after` when given.
    case later(reason: String, after: Duration? = nil)
    /// The data will never be accepted; the sender gives it up.
    case never(reason: String)

    /// What was in the way, for people.
    public var reason: String {
        switch self {
        case .later(let reason, _), .never(let reason): reason
        }
    }

    public var description: String {
        switch self {
        case .later(let reason, nil): "refused for now: \(reason)"
        case .later(let reason, .some(let delay)): "refused for now: \(reason); try again after \(delay)"
        case .never(let reason): "refused: \(reason)"
        }
    }
}
