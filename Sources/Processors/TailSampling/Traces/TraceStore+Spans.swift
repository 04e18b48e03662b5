internal import Pipeline
internal import Synchronization
internal import Telemetry

extension TraceStore {
    /// What became of the spans of one trace that came in.
    enum Arrival: Sendable {
        /// They wait with others of their trace; `isNew` when they are the first.
        case held(isNew: Bool)
        /// Their trace is too large now: everything of it, and it is not sampled.
        case tooLarge([HeldPart])
        /// It was decided about their trace before.
        case late(HeldPart, KnownDecision)
    }

    /// Which rules hold for spans that come in.
    struct Intake: Sendable {
        let wait: WaitRule
        /// Bytes after which a trace is given up; 0 is no limit.
        let largestTrace: Int
    }

    static func shard(of id: TraceID) -> Int {
        // Ids need not be random in every byte.
        Int(truncatingIfNeeded: ((id.high ^ id.low) &* 0x9E37_79B9_7F4A_7C15) &>> 60)
    }

    /// Puts spans in, each shard locked once, and schedules what is new on `lane`.
    func put(
        _ parts: [HeldPart], on lane: Int, at now: Instant, _ intake: Intake,
        _ receive: (Arrival) -> Void
    ) {
        var begun: [TraceQueue.Entry] = []
        var rooted: [TraceQueue.Entry] = []
        for numbers in Self.byShard(parts) where !numbers.isEmpty {
            let shard = shards[Self.shard(of: parts[numbers[0]].portion.id)]
            var arrivals: [Arrival] = []
            shard.state.withLock { state in
                for number in numbers {
                    let arrival = add(parts[number], to: &state, at: now, intake, &begun, &rooted)
                    arrivals.append(arrival)
                }
            }
            for arrival in arrivals { receive(arrival) }
        }
        guard !begun.isEmpty || !rooted.isEmpty else { return }
        schedule(lane) { [begun, rooted] schedule in
            for entry in begun { schedule.begun.append(entry) }
            for entry in rooted { schedule.rooted.append(entry) }
        }
        compact(lane)
    }

    private static func byShard(_ parts: [HeldPart]) -> [[Int]] {
        if parts.count == 1 { return [[0]] }
        var result: [[Int]] = Array(repeating: [], count: shardCount)
        for (number, part) in parts.enumerated() { result[shard(of: part.portion.id)].append(number) }
        return result
    }

    private func add(
        _ part: HeldPart, to state: inout TraceShard.State, at now: Instant, _ intake: Intake,
        _ begun: inout [TraceQueue.Entry], _ rooted: inout [TraceQueue.Entry]
    ) -> Arrival {
        let id = part.portion.id
        var isNew = false
        if state.waiting[id] == nil {
            if let known = state.known(id) { return .late(part, known) }
            isNew = true
            let serial = serials.wrappingAdd(1, ordering: .relaxed).newValue
            state.waiting[id] = WaitingTrace(id: id, serial: serial, began: now)
            traces.wrappingAdd(1, ordering: .relaxed)
        }
        state.waiting[id]?.append(part)
        guard let trace = state.waiting[id], !trace.isTaken else { return .held(isNew: isNew) }
        if intake.largestTrace > 0, trace.byteCount > intake.largestTrace {
            state.waiting[id] = nil
            traces.wrappingSubtract(1, ordering: .relaxed)
            state.remember(.notSampled, of: id, at: now)
            return .tooLarge(trace.parts)
        }
        if isNew { begun.append(.init(since: now, id: id, serial: trace.serial)) }
        if part.portion.hasRoot, !trace.isRooted, intake.wait.looksAtRoots,
            now + intake.wait.afterRoot < trace.began + intake.wait.total
        {
            state.waiting[id]?.isRooted = true
            rooted.append(.init(since: now, id: id, serial: trace.serial))
        }
        return .held(isNew: isNew)
    }

    /// Takes a trace out to decide about it; `nil` when somebody else has, or it is over.
    func take(_ id: TraceID, serial: UInt64) -> WaitingTrace? {
        shards[Self.shard(of: id)].state.withLock { state in
            guard let trace = state.waiting[id], trace.serial == serial, !trace.isTaken else { return nil }
            state.waiting[id]?.isTaken = true
            state.waiting[id]?.parts = []
            return trace
        }
    }

    /// Ends a trace that was taken; returns what came meanwhile.
    func settle(_ trace: WaitingTrace, _ decision: TraceDecision, at now: Instant) -> [HeldPart] {
        shards[Self.shard(of: trace.id)].state.withLock { state in
            let late = state.waiting.removeValue(forKey: trace.id)?.parts ?? []
            traces.wrappingSubtract(1, ordering: .relaxed)
            state.remember(decision, of: trace.id, at: now)
            return late
        }
    }

    /// Ends a trace that was taken because there was no room, as if it had never been; returns what came
    /// meanwhile.
    func forget(_ trace: WaitingTrace) -> [HeldPart] {
        shards[Self.shard(of: trace.id)].state.withLock { state in
            traces.wrappingSubtract(1, ordering: .relaxed)
            return state.waiting.removeValue(forKey: trace.id)?.parts ?? []
        }
    }

    /// Decides about a trace whose spans are not all there.
    ///
    /// - Returns: the decision that holds, which somebody else may have made first, and what waited; `nil`
    ///   when somebody else is about to decide.
    func decideNow(
        _ id: TraceID, _ decision: TraceDecision, at now: Instant
    ) -> (decision: TraceDecision, waited: [HeldPart])? {
        shards[Self.shard(of: id)].state.withLock { state in
            if let trace = state.waiting[id] {
                guard !trace.isTaken else { return nil }
                state.waiting[id] = nil
                traces.wrappingSubtract(1, ordering: .relaxed)
                state.remember(decision, of: id, at: now)
                return (decision, trace.parts)
            }
            if let known = state.known(id) { return (known.decision, []) }
            state.remember(decision, of: id, at: now)
            return (decision, [])
        }
    }

    /// How many spans of a trace wait, and whether it was decided about before.
    func progress(of id: TraceID) -> (waiting: Int, isDecided: Bool) {
        shards[Self.shard(of: id)].state.withLock { state in
            if let trace = state.waiting[id] { return (trace.spanCount, false) }
            return (0, state.known(id) != nil)
        }
    }

    /// Makes room for so many traces, so that tables need not grow later.
    func reserve(_ traces: Int) {
        for shard in shards {
            shard.state.withLock { $0.waiting.reserveCapacity(traces / Self.shardCount) }
        }
    }

    /// Sets how many decisions are remembered: in the two caches, and besides.
    func remember(sampled: Int, notSampled: Int, others: Int) {
        func share(_ total: Int) -> Int { (max(total, 0) + Self.shardCount - 1) / Self.shardCount }
        for shard in shards {
            shard.state.withLock { state in
                state.sampled.resize(to: share(sampled))
                state.notSampled.resize(to: share(notSampled))
                state.recent.resize(to: share(others))
            }
        }
    }

    /// Takes out of the queues of a lane what is over, when most of them is.
    private func compact(_ lane: Int) {
        let limit = max(4 * traceCount, 4096)
        let isNeeded = schedule(lane) { max($0.begun.count, $0.rooted.count) > limit }
        guard isNeeded else { return }
        schedule(lane) { schedule in
            schedule.begun.removeAll { isOver($0) }
            schedule.rooted.removeAll { isOver($0) }
        }
    }

    private func isOver(_ entry: TraceQueue.Entry) -> Bool {
        shards[Self.shard(of: entry.id)].state.withLock { $0.waiting[entry.id]?.serial != entry.serial }
    }
}
