internal import FleetModel
internal import OpAMP
internal import Settings

/// Giving agents the revision, as fast as every limit allows.
extension RolloutMachine {
    mutating func assignMore(
        _ elapsed: Duration, _ ledger: inout DisruptionLedger, _ facts: (InstanceUID) -> AgentFacts?
    ) {
        guard !isStageAssigned || !waiting.isEmpty else { return }
        refill(rollout.stages[rollout.currentStage].settings.rate, elapsed)
        guard rollout.spec.windows.areOpen(at: now.time) else {
            // Time that nobody could use is no lack of progress.
            if rollout.stages[rollout.currentStage].counts.inFlight == 0 {
                rollout.progressAt = rollout.clock
            }
            waitForWindow()
            return
        }
        var room = min(ledger.room(for: rollout), parallelRoom, tokenRoom, Self.assignedPerStep)
        guard room > 0 else {
            wait(for: ledger.room(for: rollout) == 0 ? "room in the disruption budget" : "")
            return
        }
        wait(for: "")
        let before = room
        var batch: [InstanceUID] = []
        retryHeldBack(&room, &batch, facts)
        walkStage(&room, &batch, facts)
        guard !batch.isEmpty else { return }
        ledger.take(before - room, for: rollout)
        rollout.tokens -= Double(before - room)
        rollout.noteUrgent()
        actions.append(.assign(batch))
        let watchable = batch.prefix(AnalysisSample.limit)
        if hasFlowChecks { actions.append(.watch(Array(watchable), seconds: watchSeconds)) }
    }

    /// Whether every agent of the present stage has been looked at.
    var isStageAssigned: Bool {
        deferred.isEmpty && rollout.cursor >= rollout.stages[rollout.currentStage].range.upperBound
    }

    /// Whether any check of the gate compares flow.
    var hasFlowChecks: Bool {
        rollout.spec.gate.analysis.contains { $0 != .restarts && $0 != .componentStatus }
    }

    /// For how long counters are needed.
    var watchSeconds: Int {
        let gate = rollout.spec.gate
        let bake = rollout.stages[rollout.currentStage].settings.bake
        let total = gate.healthyDeadline + bake + gate.analysisDeadline
        return Int(min(total.components.seconds, 3600))
    }

    /// Lets the rate allow more, up to what it allows in a second.
    mutating func refill(_ rate: AssignmentRate?, _ elapsed: Duration) {
        guard let rate else { return }
        let gained = rate.perSecond * Double(elapsed.nanoseconds) / 1e9
        rollout.tokens = min(rollout.tokens + gained, max(rate.perSecond, 1))
    }

    private var tokenRoom: Int {
        rollout.stages[rollout.currentStage].settings.rate == nil ? .max : Int(max(rollout.tokens, 0))
    }

    private var parallelRoom: Int {
        let stage = rollout.stages[rollout.currentStage]
        guard let maximum = stage.settings.maximumParallel else { return .max }
        return max(maximum.of(stage.size), 1) - stage.counts.inFlight
    }

    private mutating func waitForWindow() {
        guard !rollout.waiting.hasPrefix("a window") else { return }
        let next = rollout.spec.windows.nextOpening(after: now.time)
        let when = next.map { "in \(Duration.seconds(Int64(($0 - now.time) / 1_000_000_000)).goSyntax)" }
        wait(for: "a window, which opens \(when ?? "later than in eight days")")
    }

    /// Sees whether those are back that were offline, or that a label held back.
    private mutating func retryHeldBack(
        _ room: inout Int, _ batch: inout [InstanceUID], _ facts: (InstanceUID) -> AgentFacts?
    ) {
        let held = deferred
        deferred = []
        for index in held {
            if room > 0, labelsHaveRoom(Int(index)) {
                consider(Int(index), look(Int(index), facts), &room, &batch)
            } else {
                deferred.append(index)
            }
        }
        var left = min(waiting.count, Self.waitingPerStep)
        while left > 0, room > 0, !waiting.isEmpty {
            left -= 1
            if waitingPlace >= waiting.count { waitingPlace = 0 }
            let index = Int(waiting[waitingPlace])
            if rollout.members[index].phase == .pending, let known = look(index, facts) {
                noteConnection(index, known.isConnected)
                guard known.isConnected, labelsHaveRoom(index) else {
                    waitingPlace += 1
                    continue
                }
                assign(index, known)
                batch.append(known.uid)
                room -= 1
            }
            waiting.swapAt(waitingPlace, waiting.count - 1)
            waiting.removeLast()
        }
    }

    /// Goes on through the present stage.
    private mutating func walkStage(
        _ room: inout Int, _ batch: inout [InstanceUID], _ facts: (InstanceUID) -> AgentFacts?
    ) {
        let end = rollout.stages[rollout.currentStage].range.upperBound
        while room > 0, rollout.cursor < end, lookups < Self.watchedPerStep + Self.assignedPerStep,
            deferred.count < Self.maximumDeferred
        {
            let index = rollout.cursor
            rollout.cursor += 1
            guard rollout.members[index].phase == .pending else { continue }
            consider(index, look(index, facts), &room, &batch)
        }
    }

    private mutating func consider(
        _ index: Int, _ facts: AgentFacts?, _ room: inout Int, _ batch: inout [InstanceUID]
    ) {
        guard let facts else {
            move(index, to: .excluded, reason: "is not known any more")
            return
        }
        noteConnection(index, facts.isConnected)
        guard facts.isConnected else {
            waiting.append(Int32(index))
            return
        }
        guard labelsHaveRoom(index) else {
            deferred.append(Int32(index))
            return
        }
        assign(index, facts)
        batch.append(facts.uid)
        room -= 1
    }

    private mutating func assign(_ index: Int, _ facts: AgentFacts) {
        move(index, to: .assigned)
        rollout.members[index].assigned = seconds
        rollout.members[index].worstBefore = facts.worst
        rollout.members[index].silent = 0
        rollout.members[index].trouble = 0
        watched.append(Int32(index))
        guard rollout.sample.changed.count < AnalysisSample.limit else { return }
        rollout.sample.changed.append(AnalysisSample.Subject(member: index, before: baseline(facts)))
        rollout.changes.sample = true
    }
}
