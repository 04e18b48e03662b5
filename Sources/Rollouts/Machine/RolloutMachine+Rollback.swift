internal import FleetModel
internal import OpAMP

/// The way back: limited in its speed, but not by windows, and never further than what worked last.
extension RolloutMachine {
    mutating func beginRollback(by actor: String, _ reason: String, stageOnly: Bool) {
        rollout.rollsBackStageOnly = stageOnly && rollout.currentStage > 0
        rollout.cursor = 0
        rollout.tokens = max(rollout.spec.rollback.rate?.perSecond ?? 1, 1)
        let what = rollout.rollsBackStageOnly ? "the stage is taken back" : "all agents are taken back"
        transition(to: .rollingBack, .rollingBack, by: actor, reason)
        note(.rollingBack, by: actor, what)
        rebuildLists()
    }

    mutating func stepRollback(
        _ elapsed: Duration, _ ledger: inout DisruptionLedger, _ facts: (InstanceUID) -> AgentFacts?
    ) {
        lookAtReverting(facts)
        refill(rollout.spec.rollback.rate, elapsed)
        let limit = max(rollout.spec.rollback.maximumParallel.of(rollout.counts.total), 1)
        let allowed = rollout.spec.rollback.rate == nil ? Int.max : Int(max(rollout.tokens, 0))
        var room = min(limit - rollout.counts[.reverting], allowed, Self.assignedPerStep)
        var batches: [UInt16: [InstanceUID]] = [:]
        while room > 0, rollout.cursor < rollout.members.count {
            let index = rollout.cursor
            rollout.cursor += 1
            let member = rollout.members[index]
            guard member.phase.hasTarget, !rollout.rollsBackStageOnly || member.stage == rollout.currentStage
            else { continue }
            let reason = rollout.reasons[index]
            move(index, to: .reverting, reason: reason)
            rollout.members[index].silent = 0
            rollout.members[index].assigned = seconds
            watched.append(Int32(index))
            batches[member.previous, default: []].append(member.uid)
            room -= 1
            rollout.tokens -= 1
            ledger.take(member.phase.isInFlight ? 0 : 1, for: rollout)
        }
        for (previous, uids) in batches.sorted(by: { $0.key < $1.key }) {
            let revision = previous == 0 ? nil : rollout.revisions[Int(previous) - 1]
            actions.append(.revert(uids, to: revision))
        }
        if !batches.isEmpty { rollout.noteUrgent() }
        if rollout.cursor >= rollout.members.count, rollout.counts[.reverting] == 0 { finishRollback() }
    }

    private mutating func lookAtReverting(_ facts: (InstanceUID) -> AgentFacts?) {
        var left = min(watched.count, Self.watchedPerStep)
        var repeated: [UInt16: [InstanceUID]] = [:]
        while left > 0, !watched.isEmpty {
            left -= 1
            if watchedPlace >= watched.count { watchedPlace = 0 }
            let index = Int(watched[watchedPlace])
            if observeReverting(index, look(index, facts)) {
                repeated[rollout.members[index].previous, default: []].append(rollout.members[index].uid)
            }
            if rollout.members[index].phase == .reverting {
                watchedPlace += 1
            } else {
                watched.swapAt(watchedPlace, watched.count - 1)
                watched.removeLast()
            }
        }
        for (previous, uids) in repeated.sorted(by: { $0.key < $1.key }) {
            let revision = previous == 0 ? nil : rollout.revisions[Int(previous) - 1]
            actions.append(.revert(uids, to: revision))
        }
    }

    /// Takes what is known of a member that goes back; says whether it has to be told again.
    private mutating func observeReverting(_ index: Int, _ facts: AgentFacts?) -> Bool {
        let reason = rollout.reasons[index]
        guard let facts else {
            move(index, to: .excluded, reason: "is not known any more")
            return false
        }
        noteConnection(index, facts.isConnected)
        let member = rollout.members[index]
        let isLate = age(ofSecond: member.since) > rollout.spec.gate.healthyDeadline
        guard let previous = rollout.previous(member) else {
            return observeWithdrawn(index, facts, isLate: isLate)
        }
        guard let assignment = facts.assignment, assignment.revision == previous else {
            guard age(ofSecond: member.assigned) >= Self.repeatAfter else { return false }
            rollout.members[index].assigned = seconds
            return true
        }
        guard facts.isConnected else {
            move(index, to: .reverted, reason: reason ?? "is offline, and goes back when it connects")
            return false
        }
        if let last = facts.history.last, last.hash == assignment.hash.bytes {
            if last.outcome == .applied { move(index, to: .reverted, reason: reason) }
            if last.outcome == .failed, last.time >= assignment.time {
                move(index, to: .stuck, reason: "could not go back: \(last.message)")
            }
            if rollout.members[index].phase != .reverting { return false }
        }
        if isLate { move(index, to: .stuck, reason: "has not gone back in time") }
        return false
    }

    /// A member without an earlier revision: it goes back by itself, to what it had before all rollouts.
    private mutating func observeWithdrawn(_ index: Int, _ facts: AgentFacts, isLate: Bool) -> Bool {
        let reason = rollout.reasons[index]
        let member = rollout.members[index]
        if facts.assignment?.rollout == rollout.id {
            guard age(ofSecond: member.assigned) >= Self.repeatAfter else { return false }
            rollout.members[index].assigned = seconds
            return true
        }
        let last = facts.history.last?.outcome
        if last == nil || last == .failed || last == .rolledBack {
            move(index, to: .reverted, reason: reason)
        } else if !facts.isConnected {
            move(index, to: .reverted, reason: reason ?? "is offline")
        } else if isLate {
            move(index, to: .stuck, reason: "runs \(rollout.target) still: it had no earlier revision")
        }
        return false
    }

    private mutating func finishRollback() {
        let counts = rollout.counts
        let stuck = counts[.stuck] > 0 ? "; \(Self.agents(counts[.stuck])) did not go back" : ""
        let reason = rollout.reason + stuck
        if rollout.rollsBackStageOnly {
            let name = rollout.stages[rollout.currentStage].name
            transition(
                to: .paused, .rolledBack, by: RolloutEvent.manager,
                "stage '\(name)' was taken back: \(reason)")
        } else {
            transition(to: .rolledBack, .rolledBack, by: RolloutEvent.manager, reason)
        }
    }
}
