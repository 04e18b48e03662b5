internal import Pipeline
internal import Synchronization

/// Which levels of a failover connector have failed, as all its lanes know it.
///
/// Levels are known by their pipelines, so what is known of them holds for other settings too.
final class LevelHealth: Sendable {
    private struct Mark {
        let failedAt: Instant
        var retryAt: Instant
    }

    /// More levels than any configuration has; what is known of others is forgotten then.
    private static let limit = 1000

    private let marks = Mutex<[String: Mark]>([:])

    /// The order in which a batch is to be offered to `levels`.
    ///
    /// First come those that have not failed, the best first, and before them those better ones whose time
    /// to be tried again has come: each with this batch only. Last come the others, so that no batch is
    /// refused that somebody would take.
    func order(of levels: [String], at now: Instant, interval: Duration) -> [Int] {
        marks.withLock { marks in
            guard !marks.isEmpty else { return Array(levels.indices) }
            var (order, rest, isFound) = ([Int](), [Int](), false)
            for (index, level) in levels.enumerated() {
                guard let mark = marks[level] else {
                    order.append(index)
                    isFound = true
                    continue
                }
                if !isFound, mark.retryAt <= now {
                    marks[level]?.retryAt = now + interval
                    order.append(index)
                } else {
                    rest.append(index)
                }
            }
            return order + rest
        }
    }

    /// Notes that a level has failed; returns whether that is new.
    func failed(_ level: String, at now: Instant, interval: Duration) -> Bool {
        marks.withLock { marks in
            if marks[level] != nil { return false }
            if marks.count >= Self.limit { marks = [:] }
            marks[level] = Mark(failedAt: now, retryAt: now + interval)
            return true
        }
    }

    /// Notes that a level has taken what it was offered at `start`; returns whether it had failed before.
    func succeeded(_ level: String, offeredAt start: Instant) -> Bool {
        marks.withLock { marks in
            guard let mark = marks[level], mark.failedAt <= start else { return false }
            marks[level] = nil
            return true
        }
    }

    /// The best of `levels` that has not failed.
    func active(_ levels: [String]) -> Int? {
        marks.withLock { marks in levels.firstIndex { marks[$0] == nil } }
    }

    /// Those of `levels` that have failed.
    func failed(_ levels: [String]) -> [Int] {
        marks.withLock { marks in levels.indices.filter { marks[levels[$0]] != nil } }
    }
}
