internal import Pipeline

/// When the counters are told beside heartbeats: more often while somebody watches.
struct FlowSchedule: Sendable {
    private var interval: Duration?
    private var end = Instant(offset: .zero)
    /// When they are due; `nil` when nobody watches.
    private(set) var next: Instant?
    /// What was told last.
    var told: CollectorFlow?

    /// Somebody watches from now on; of several the most frequent and the longest count.
    mutating func watch(_ watch: FlowWatch, now: Instant) {
        let isWatching = next != nil
        interval = isWatching ? min(interval ?? watch.interval, watch.interval) : watch.interval
        end = isWatching ? max(end, now + watch.length) : now + watch.length
        next = now
    }

    /// Whether the counters are due; then the next time is set.
    mutating func isDue(now: Instant) -> Bool {
        guard let next, let interval, now >= next else { return false }
        self.next = now + interval > end ? nil : now + interval
        return true
    }
}
