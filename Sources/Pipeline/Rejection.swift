/// Why a batch was refused, and what its sender should do with it.
///
/// The decision is part of the type: a component cannot refuse without saying whether trying again helps.
public enum Rejection: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nothing is wrong with the data; the sender keeps it and tries again, after `after` when given.
    case later(reason: String, after: Duration? = nil)
    /// The data will never be accepted; the sender gives it up.
    ///
    /// `items` is how many, when a destination took the others: then it is not the whole that was refused.
    case never(reason: String, items: Int? = nil)

    /// What was in the way, for people.
    public var reason: String {
        switch self {
        case .later(let reason, _), .never(let reason, _): reason
        }
    }

    public var description: String {
        switch self {
        case .later(let reason, nil): "refused for now: \(reason)"
        case .later(let reason, .some(let delay)): "refused for now: \(reason); try again after \(delay)"
        case .never(let reason, nil): "refused: \(reason)"
        case .never(let reason, .some(let items)): "refused \(items) items: \(reason)"
        }
    }
}
