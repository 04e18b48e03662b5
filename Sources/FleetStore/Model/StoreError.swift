/// Why the store did not do what it was asked to.
///
/// Texts name the database and never hold a password.
public enum StoreError: Error, Sendable, Equatable {
    /// The place is not one, or the database there cannot be used.
    case cannotOpen(String)
    /// A newer Apus has changed the tables already.
    case newerSchema(found: Int, known: Int)
    /// A document is not as expected; read it again and decide anew.
    case conflict(DocumentKind, String)
    /// More than the store takes; see `StoreLimits`.
    case tooLarge(String)
    /// The database does not answer; nothing was changed. The same call may work later.
    case unreachable(String)
    /// The connection was lost while the change was being confirmed: it may have happened or not.
    case uncertain(String)
    /// The database refused.
    case failed(String)
    /// What is stored is not what this program stores.
    case damaged(String)
    /// The store was closed.
    case closed
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotOpen(let reason): "cannot open the store: \(reason)"
        case .newerSchema(let found, let known):
            "the store has schema \(found) and this Apus knows up to \(known): use a newer Apus"
        case .conflict(let kind, let id): "\(kind.rawValue) '\(id)' has been changed meanwhile"
        case .tooLarge(let what): "too large for the store: \(what)"
        case .unreachable(let reason): "the database does not answer: \(reason)"
        case .uncertain(let reason):
            "the connection was lost during a change, which may have happened: \(reason)"
        case .failed(let reason): "the database refused: \(reason)"
        case .damaged(let what): "the store holds what it should not: \(what)"
        case .closed: "the store is closed"
        }
    }
}
