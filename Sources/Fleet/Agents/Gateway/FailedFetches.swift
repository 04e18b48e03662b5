internal import FleetModel
internal import Pipeline
internal import Synchronization

/// Paces fetching what could not be had: each message of each agent that ought to have it would try again.
///
/// At most `limit` hashes are remembered; with more of them the first are tried again early.
final class FailedFetches: Sendable {
    static let limit = 1024
    /// How long it is not tried again.
    static let pause = Duration.seconds(10)

    private let ends = Mutex<[ContentHash: Instant]>([:])

    /// Whether it may be tried.
    func allows(_ hash: ContentHash, at now: Instant) -> Bool {
        ends.withLock { ends in ends.isEmpty || ends[hash].map { $0 <= now } ?? true }
    }

    func failed(_ hash: ContentHash, at now: Instant) {
        ends.withLock { ends in
            if ends.count >= Self.limit { ends = ends.filter { $0.value > now } }
            if ends.count >= Self.limit { ends = [:] }
            ends[hash] = now + Self.pause
        }
    }

    func succeeded(_ hash: ContentHash) {
        ends.withLock { ends in ends[hash] = nil }
    }
}
