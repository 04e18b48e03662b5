public import Delivery

/// What became of a dead letter that was to be sent again.
public struct ReplayedLetter: Sendable, Equatable {
    /// How far it came.
    public enum Outcome: Sendable, Equatable {
        /// The other side has taken it, but for the items it rejected; the letter is removed.
        case delivered(rejectedItems: Int, message: String)
        /// The other side has refused it for good once more; the letter stays.
        case refused(reason: String)
        /// The other side was not reached, or cannot take it now; the letter stays.
        case unreached(reason: String)
    }

    public let letter: DeadLetter
    public let outcome: Outcome
}
