internal import FleetModel
internal import OpAMP

/// The small moves that everything else is made of.
extension RolloutMachine {
    /// Brings a member into another phase.
    mutating func move(_ index: Int, to phase: MemberPhase, reason: String? = nil) {
        let member = rollout.members[index]
        rollout.stages[member.stage].counts[member.phase] -= 1
        rollout.stages[member.stage].counts[phase] += 1
        countLabels(index, from: member.phase, to: phase)
        rollout.members[index].phase = phase
        rollout.members[index].since = seconds
        if let reason, rollout.reasons[index] != nil || rollout.reasons.count < Rollout.maximumReasons {
            rollout.reasons[index] = String(reason.prefix(500))
        } else if reason == nil {
            rollout.reasons[index] = nil
        }
        rollout.noteState(index)
    }

    /// Notes whether a member is connected.
    mutating func noteConnection(_ index: Int, _ isConnected: Bool) {
        guard rollout.members[index].isConnected != isConnected else { return }
        rollout.members[index].isConnected = isConnected
        rollout.connected += isConnected ? 1 : -1
        rollout.noteState(index)
    }

    /// Brings the rollout into another state, with an event.
    mutating func transition(
        to state: RolloutState, _ kind: RolloutEvent.Kind, by actor: String, _ reason: String
    ) {
        rollout.state = state
        rollout.reason = String(reason.prefix(1000))
        rollout.stateSince = now.time
        rollout.waiting = ""
        rollout.version += 1
        rollout.noteUrgent()
        note(kind, by: actor, reason)
    }

    /// Notes an event.
    mutating func note(
        _ kind: RolloutEvent.Kind, by actor: String = RolloutEvent.manager, _ reason: String,
        agent: InstanceUID? = nil
    ) {
        let isBegun = rollout.phaseSince > 0
        let event = RolloutEvent(
            time: now.time, kind: kind, actor: actor, reason: reason,
            stage: isBegun ? rollout.stages[rollout.currentStage].name : nil,
            agent: agent.map { "\($0)" })
        rollout.events.append(event)
        // The first tells who began it.
        if rollout.events.count > Rollout.maximumEvents { rollout.events.remove(at: 1) }
        rollout.changes.head = true
        actions.append(.event(event))
    }

    /// Notes what the rollout waits for.
    mutating func wait(for reason: String) {
        guard rollout.waiting != reason else { return }
        rollout.waiting = reason
        rollout.changes.head = true
    }

    /// Makes the lists of a step from the members, as after a restart.
    mutating func rebuildLists() {
        let isGoingBack = rollout.state == .rollingBack
        watched = []
        waiting = []
        deferred = []
        (watchedPlace, waitingPlace, othersPlace) = (0, 0, 0)
        disruptedByLabel = rollout.labelValues.map { [Int](repeating: 0, count: $0.count) }
        let hasBegun = rollout.phaseSince > 0
        for (index, member) in rollout.members.enumerated() {
            countLabels(index, from: .pending, to: member.phase)
            if isWatched(member, isGoingBack) { watched.append(Int32(index)) }
            guard hasBegun, member.phase == .pending, member.stage <= rollout.currentStage else { continue }
            let stage = rollout.stages[member.stage]
            let isPassed = member.stage < rollout.currentStage || index < rollout.cursor
            if isPassed || !stage.range.contains(index) { waiting.append(Int32(index)) }
        }
    }

    /// Whether each round looks at a member.
    func isWatched(_ member: RolloutMember, _ isGoingBack: Bool) -> Bool {
        switch member.phase {
        case .reverting: true
        case .assigned, .applying, .applied, .lost: !isGoingBack
        case .healthy: !isGoingBack && member.stage == rollout.currentStage
        default: false
        }
    }

    /// Whether limits for labels let a member be changed now.
    func labelsHaveRoom(_ index: Int) -> Bool {
        let labels = rollout.limitedLabels
        for (place, label) in labels.enumerated() {
            let value = Int(rollout.labelIndices[index * labels.count + place])
            let limit = rollout.spec.blastRadius.maximumPerLabel[label] ?? .max
            if disruptedByLabel[place].indices.contains(value), disruptedByLabel[place][value] >= limit {
                return false
            }
        }
        return true
    }

    private mutating func countLabels(_ index: Int, from old: MemberPhase, to new: MemberPhase) {
        guard !rollout.labelValues.isEmpty, old.isInFlight != new.isInFlight else { return }
        let count = rollout.labelValues.count
        for place in 0..<count {
            let value = Int(rollout.labelIndices[index * count + place])
            while disruptedByLabel[place].count <= value { disruptedByLabel[place].append(0) }
            disruptedByLabel[place][value] += new.isInFlight ? 1 : -1
        }
    }
}
