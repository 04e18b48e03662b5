internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The traces of one pipeline that wait for their decisions, and the decisions that are remembered.
///
/// All lanes share it, because the spans of a trace come in on any of them: traces are spread over shards by
/// their ids, each with a lock that a batch takes once. A trace is decided by the lane that is the first to
/// have to: the one that had its first span, or the one that had its root when that shortens the wait.
///
/// It also outlives changes of the configuration: the processor that replaces another one finds the store of
/// its predecessor and goes on with it. Processors have generations; on each lane the newest that has begun
/// decides, and those before it only put in what they are still given.
final class TraceStore: Sendable {
    static let shardCount = 16

    let memory = HeldMemory()
    let shards = (0..<TraceStore.shardCount).map { _ in TraceShard() }
    private let schedules: [LaneSchedule]
    let traces = Atomic<Int>(0)
    let serials = Atomic<UInt64>(0)
    private let generations = Atomic<UInt64>(0)
    private let limiters = Mutex<[String: Shared<TokenBucket>]>([:])
    private let rates = Mutex<[String: Shared<SecondsCount>]>([:])

    init(lanes: Int) {
        schedules = (0..<max(lanes, 1)).map { _ in LaneSchedule() }
    }

    /// Traces that wait.
    var traceCount: Int { traces.load(ordering: .relaxed) }

    /// Bytes that all of them take, with the requests of which they are a part.
    var heldBytes: Int { memory.bytes + traceCount * WaitingTrace.cost }

    func nextGeneration() -> UInt64 { generations.wrappingAdd(1, ordering: .relaxed).newValue }

    // MARK: - State of policies

    /// What a policy remembers, for as long as there is one of its name.
    private struct Shared<Object: AnyObject & Sendable>: Sendable {
        weak let object: Object?
    }

    /// The bucket of a policy; it stays the same when the policy is configured anew.
    func bucket(of policy: String) -> TokenBucket { Self.find(policy, in: limiters) { TokenBucket() } }

    /// What parts of a composite policy have sampled in the present second.
    func seconds(of policy: String) -> SecondsCount { Self.find(policy, in: rates) { SecondsCount() } }

    private static func find<Object>(
        _ policy: String, in objects: borrowing Mutex<[String: Shared<Object>]>, make: () -> Object
    ) -> Object {
        objects.withLock { objects in
            if let known = objects[policy]?.object { return known }
            // Policies come and go with changes of the configuration.
            objects = objects.filter { $0.value.object != nil }
            let object = make()
            objects[policy] = Shared(object: object)
            return object
        }
    }

    // MARK: - Lanes

    /// Lets a processor decide on its lane from now on, unless a newer one does; whether it is new there.
    func begin(_ generation: UInt64, on lane: Int, _ wait: WaitRule) -> Bool {
        schedule(lane) { schedule in
            guard schedule.owner < generation else { return false }
            schedule.owner = generation
            // The one before may have looked at roots; these wait for their full time now.
            if !wait.looksAtRoots { schedule.rooted = TraceQueue() }
            return true
        }
    }

    /// Whether a processor decides on its lane: it has begun and no newer one has.
    ///
    /// One that was built for a change which failed has never begun, and must not touch what waits.
    func isOwner(_ generation: UInt64, on lane: Int) -> Bool {
        schedule(lane) { $0.owner == generation }
    }

    /// Whether something may wait that the lane decides about.
    func hasSchedule(on lane: Int) -> Bool {
        schedule(lane) { $0.begun.first != nil || $0.rooted.first != nil }
    }

    /// When the first trace of a lane is due.
    func due(on lane: Int, _ wait: WaitRule) -> Instant? {
        schedule(lane) { schedule in
            let begun = schedule.begun.first.map { $0.since + wait.total }
            let rooted =
                wait.looksAtRoots ? schedule.rooted.first.map { $0.since + wait.afterRoot } : nil
            guard let begun, let rooted else { return begun ?? rooted }
            return min(begun, rooted)
        }
    }

    /// Takes the next trace that is due on a lane, or any without `now`; `nil` when there is none.
    func takeDue(on lane: Int, _ wait: WaitRule, at now: Instant?) -> WaitingTrace? {
        while let entry = schedule(lane, { Self.next(&$0, wait, now) }) {
            if let trace = take(entry.id, serial: entry.serial) { return trace }
        }
        return nil
    }

    private static func next(
        _ schedule: inout TraceSchedule, _ wait: WaitRule, _ now: Instant?
    ) -> TraceQueue.Entry? {
        guard let now else { return schedule.begun.removeFirst() ?? schedule.rooted.removeFirst() }
        if wait.looksAtRoots, let first = schedule.rooted.first, first.since + wait.afterRoot <= now {
            return schedule.rooted.removeFirst()
        }
        if let first = schedule.begun.first, first.since + wait.total <= now {
            return schedule.begun.removeFirst()
        }
        return nil
    }

    /// Takes the trace that has waited longest, on `lane` or, when none waits there, on another.
    func takeOldest(on lane: Int) -> WaitingTrace? {
        for offset in schedules.indices {
            let index = (lane + offset) % schedules.count
            while let entry = schedule(index, { $0.begun.removeFirst() }) {
                if let trace = take(entry.id, serial: entry.serial) { return trace }
            }
        }
        return nil
    }

    func schedule<Result: Sendable>(_ lane: Int, _ body: (inout TraceSchedule) -> Result) -> Result {
        schedules[min(lane, schedules.count - 1)].state.withLock { body(&$0) }
    }
}

/// How long traces wait: since their first span, and since their root, which counts when it is not zero.
struct WaitRule: Sendable {
    let total: Duration
    let afterRoot: Duration

    var looksAtRoots: Bool { afterRoot > .zero }
}

private final class LaneSchedule: Sendable {
    let state = Mutex(TraceSchedule())
}
