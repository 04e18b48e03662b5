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

    private struct State {
        var marks: [String: Mark] = [:]
        /// When levels were offered what showed that they work again.
        var recoveries: [String: Instant] = [:]
    }

    /// More levels than any configuration has; what is known of others is forgotten then.
    private static let limit = 1000

    private let state = Mutex(State())

    /// The order in which a batch is to be offered to `levels`.
    ///
    /// First come those that have not failed, the best first, and before them those better ones whose time
    /// to be tried again has come: each with this batch only. Last come the others, so that no batch is
    /// refused that somebody would take.
    func order(of levels: [String], at now: Instant, interval: Duration) -> [Int] {
        state.withLock { state in
            guard !state.marks.isEmpty else { return Array(levels.indices) }
            var (order, rest, isFound) = ([Int](), [Int](), false)
            for (index, level) in levels.enumerated() {
                guard let mark = state.marks[level] else {
                    order.append(index)
                    isFound = true
                    continue
                }
                if !isFound, mark.retryAt <= now {
                    state.marks[level]?.retryAt = now + interval
                    order.append(index)
                } else {
                    rest.append(index)
                }
            }
            return order + rest
        }
    }

    /// Notes that a level has refused what it was offered at `start`; returns whether it fails with that.
    ///
    /// What it was offered before it was found to work again, and refuses now, says nothing new.
    func failed(_ level: String, offeredAt start: Instant, at now: Instant, interval: Duration) -> Bool {
        state.withLock { state in
            if state.marks[level] != nil { return false }
            if let recovery = state.recoveries[level], start < recovery { return false }
            if state.marks.count >= Self.limit { state.marks = [:] }
            state.marks[level] = Mark(failedAt: now, retryAt: now + interval)
            return true
        }
    }

    /// Notes that a level has taken what it was offered at `start`; returns whether it had failed before.
    func succeeded(_ level: String, offeredAt start: Instant) -> Bool {
        state.withLock { state in
            guard let mark = state.marks[level], mark.failedAt <= start else { return false }
            state.marks[level] = nil
            if state.recoveries.count >= Self.limit { state.recoveries = [:] }
            state.recoveries[level] = start
            return true
        }
    }

    /// The best of `levels` that has not failed.
    func active(_ levels: [String]) -> Int? {
        state.withLock { state in levels.firstIndex { state.marks[$0] == nil } }
    }

    /// Those of `levels` that have failed.
    func failed(_ levels: [String]) -> [Int] {
        state.withLock { state in levels.indices.filter { state.marks[levels[$0]] != nil } }
    }
}
