internal import Pipeline
internal import Telemetry

/// Traces in the order in which they began to wait.
struct TraceQueue: Sendable {
    struct Entry: Sendable {
        let since: Instant
        let id: TraceID
        /// Tells a trace from an earlier one of the same id.
        let serial: UInt64
    }

    private var entries: [Entry] = []
    private var head = 0

    var first: Entry? { head < entries.count ? entries[head] : nil }

    var count: Int { entries.count - head }

    mutating func append(_ entry: Entry) { entries.append(entry) }

    mutating func removeFirst() -> Entry? {
        guard let first else { return nil }
        head += 1
        if head == entries.count {
            entries.removeAll(keepingCapacity: head < 4096)
            head = 0
        } else if head >= 1024, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return first
    }

    /// Takes out those for which `isOver` holds.
    mutating func removeAll(where isOver: (Entry) -> Bool) {
        entries.removeFirst(head)
        head = 0
        entries.removeAll(where: isOver)
    }
}

/// The traces that one lane decides about: those whose first span, or whose root, it was given.
struct TraceSchedule: Sendable {
    /// Those that wait for more since their first span, and since their root.
    var begun = TraceQueue()
    var rooted = TraceQueue()
    /// The generation of the processor that decides; see `TraceStore`.
    var owner: UInt64 = 0
}
