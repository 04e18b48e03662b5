public import Delivery
public import Engine

/// What the API needs of whoever keeps the dead letters.
public protocol DeadLetterControl: Sendable {
    /// All letters; `nil` without a storage.
    var deadLetterArchive: DeadLetterArchive? { get }
    /// Removes a letter for good; `false` when there is none.
    func discardDeadLetter(_ id: String) -> Bool
    /// Sends a letter once more; `nil` when there is none.
    func replayDeadLetter(_ id: String) async throws(DeadLetterError) -> ReplayedLetter.Outcome?
}

extension Collector: DeadLetterControl {}
