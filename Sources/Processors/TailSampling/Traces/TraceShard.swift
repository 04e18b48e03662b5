internal import Pipeline
internal import Synchronization
internal import Telemetry

/// A trace about which nothing has been decided yet.
struct WaitingTrace: Sendable {
    let id: TraceID
    let serial: UInt64
    let began: Instant
    var parts: [HeldPart] = []
    var spanCount = 0
    var byteCount = 0
    /// It waits among those whose root has come; a second root changes nothing about when it is due.
    var isRooted = false
    /// Somebody has taken it and is about to decide; what comes meanwhile is collected here.
    var isTaken = false

    /// Bytes that a trace takes beside its parts: its place in a table, which may have grown by as much
    /// again, the same in the queue, and its list of parts.
    static let cost =
        2 * (MemoryLayout<WaitingTrace>.stride + MemoryLayout<TraceID>.stride)
        + 2 * MemoryLayout<TraceQueue.Entry>.stride + 32

    mutating func append(_ part: HeldPart) {
        parts.append(part)
        spanCount += part.portion.spanCount
        byteCount += part.portion.byteCount
    }
}

/// A part of all traces, by their ids.
final class TraceShard: Sendable {
    struct State {
        var waiting: [TraceID: WaitingTrace] = [:]
        /// Decisions in the caches that the configuration asks for, and those that are remembered anyway.
        var sampled = DecisionMemory(capacity: 0)
        var notSampled = DecisionMemory(capacity: 0)
        var recent = DecisionMemory(capacity: 0)

        mutating func known(_ id: TraceID) -> KnownDecision? {
            if let entry = sampled.look(up: id) ?? notSampled.look(up: id) {
                return KnownDecision(decision: entry.decision, time: entry.time, isCached: true)
            }
            return recent.look(up: id).map {
                KnownDecision(decision: $0.decision, time: $0.time, isCached: false)
            }
        }

        mutating func remember(_ decision: TraceDecision, of id: TraceID, at now: Instant) {
            let entry = DecisionMemory.Entry(decision: decision, time: now)
            if decision.verdict == .sampled, sampled.capacity > 0 {
                sampled.remember(entry, of: id)
            } else if decision.verdict != .sampled, notSampled.capacity > 0 {
                notSampled.remember(entry, of: id)
            } else {
                recent.remember(entry, of: id)
            }
        }
    }

    let state = Mutex(State())
}

/// A decision from before, for spans that come late.
struct KnownDecision: Sendable {
    let decision: TraceDecision
    let time: Instant
    /// It comes from a cache that the configuration asks for.
    let isCached: Bool
}
