internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The lanes' end of a tap: decides what of the passing telemetry is shown, and never holds anything up.
final class TapFeed: Sendable {
    private struct Budget {
        var second: Int64 = .min
        var left = 0
    }

    let id: Int
    private let limits: Tap.Limits
    private let clock: any PipelineClock
    private let start: Instant
    private let continuation: AsyncStream<Batch>.Continuation
    private let budget = Mutex(Budget())
    private let seen = Counter()
    private let skipped = Counter()

    init(
        id: Int, _ limits: Tap.Limits, _ clock: any PipelineClock,
        _ continuation: AsyncStream<Batch>.Continuation
    ) {
        self.id = id
        self.limits = limits
        self.clock = clock
        start = clock.now
        self.continuation = continuation
    }

    /// Shows what the limits allow of `batch`; called on a lane.
    func observe(_ batch: borrowing Batch) {
        seen.add(batch.itemCount)
        guard limits.sample >= 1 || clock.random() < limits.sample else { return }
        let allowed = take(batch.itemCount)
        skipped.add(batch.itemCount - allowed)
        guard allowed > 0 else { return }
        var shown = copy batch
        // Whoever looks must not keep senders waiting for their answer.
        shown.claims = []
        if allowed < shown.itemCount { shown = shown.removeFirst(items: allowed) }
        if case .dropped(let old) = continuation.yield(shown) { skipped.add(old.itemCount) }
    }

    /// Items that passed, and items that the limit of the rate or a slow reader kept from being shown.
    var counts: (seen: Int, skipped: Int) { (seen.value, skipped.value) }

    private func take(_ items: Int) -> Int {
        let second = Int64((clock.now - start) / .seconds(1))
        return budget.withLock { budget in
            if budget.second != second { budget = Budget(second: second, left: limits.itemsPerSecond) }
            let taken = min(items, budget.left)
            budget.left -= taken
            return taken
        }
    }
}
