internal import FleetModel
public import OpAMP

/// What people may tell a rollout to do; each says what it makes of it, or why it cannot.
extension RolloutMachine {
    /// Begins a draft, or asks for approval when that is needed.
    public mutating func begin(
        by actor: String, needsApproval: Bool = false, at now: Moment
    ) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        guard rollout.state == .draft else { throw wrong("begun") }
        if needsApproval || rollout.spec.needsApproval {
            transition(to: .awaitingApproval, .created, by: actor, "a second person has to approve it")
        } else {
            transition(to: .validating, .created, by: actor, rollout.spec.note)
        }
        return takeActions()
    }

    /// Approves; the author cannot.
    public mutating func approve(by actor: String, at now: Moment) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        guard rollout.state == .awaitingApproval else { throw wrong("approved") }
        guard actor != rollout.author else {
            throw .forbidden("\(actor) wrote rollout \(rollout.id); another person has to approve it")
        }
        rollout.approver = actor
        transition(to: .validating, .approved, by: actor, "approved by \(actor)")
        return takeActions()
    }

    /// Goes on in an emergency without the yes of a second person.
    ///
    /// - Parameters:
    ///   - actor: Who does it, as in the audit log.
    ///   - owner: The person; the author may.
    ///   - reason: Why, for everybody and for ever; not empty.
    ///   - now: The time.
    /// - Returns: What is to be done.
    /// - Throws: `.wrongState` when it waits for nobody, `.invalid` without a reason.
    public mutating func breakGlass(
        by actor: String, owner: String, reason: String, at now: Moment
    ) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        guard rollout.state == .awaitingApproval else { throw wrong("approved") }
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw .invalid("a reason is needed to go on without a second person")
        }
        rollout.brokenGlass = BrokenGlass(
            actor: actor, owner: owner, reason: String(reason.prefix(1000)), time: now.time)
        transition(
            to: .validating, .brokenGlass, by: actor,
            "\(owner) goes on without a second person: \(reason)")
        return takeActions()
    }

    /// Lets nobody else have the revision until it is resumed.
    public mutating func pause(
        by actor: String, reason: String, at now: Moment
    ) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        switch rollout.state {
        case .validating, .running, .pausedRecovery, .frozen:
            if rollout.state == .validating { rollout.resumeTo = .validating }
            if rollout.state == .running { rollout.resumeTo = .running }
            transition(to: .paused, .paused, by: actor, reason.isEmpty ? "paused by \(actor)" : reason)
        default: throw wrong("paused")
        }
        return takeActions()
    }

    /// Goes on after a pause, a freeze or a recovery.
    ///
    /// A stage that was taken back begins anew, without the agents that failed.
    public mutating func resume(by actor: String, at now: Moment) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        switch rollout.state {
        case .paused:
            if rollout.rollsBackStageOnly { renewStage() }
            let state = rollout.phaseSince > 0 ? .running : rollout.resumeTo
            rollout.validation.askedAt = 0
            rollout.validation.answers = [:]
            rollout.progressAt = rollout.clock
            if rollout.stagePhase == .evaluating { rollout.phaseSince = rollout.clock }
            transition(to: state, .resumed, by: actor, "resumed by \(actor)")
        case .frozen: thaw(by: actor, "resumed by \(actor)")
        case .pausedRecovery: recovered(by: actor, "resumed by \(actor)")
        default: throw wrong("resumed")
        }
        return takeActions()
    }

    /// Goes on without the gate of the present stage, or without any gate.
    ///
    /// Limits for failures still hold.
    public mutating func promote(
        by actor: String, all: Bool = false, at now: Moment
    ) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        guard rollout.state == .running || rollout.state == .paused, rollout.phaseSince > 0,
            !rollout.rollsBackStageOnly
        else { throw wrong("promoted") }
        rollout.isPromoted = true
        if all { rollout.isFullyPromoted = true }
        rollout.progressAt = rollout.clock
        let name = rollout.stages[rollout.currentStage].name
        transition(
            to: .running, .promoted, by: actor,
            all ? "promoted by \(actor), with all later stages" : "stage '\(name)' promoted by \(actor)")
        return takeActions()
    }

    /// Ends it; agents stay as they are.
    public mutating func abort(
        by actor: String, reason: String, at now: Moment
    ) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        guard !rollout.state.isTerminal else { throw wrong("aborted") }
        transition(to: .aborted, .aborted, by: actor, reason.isEmpty ? "aborted by \(actor)" : reason)
        return takeActions()
    }

    /// Takes all agents back.
    public mutating func rollBack(
        by actor: String, reason: String, at now: Moment
    ) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        guard rollout.state.isActive, rollout.state != .rollingBack, rollout.state != .awaitingApproval else {
            throw wrong("taken back")
        }
        rollout.rollsBackStageOnly = false
        beginRollback(by: actor, reason.isEmpty ? "taken back by \(actor)" : reason, stageOnly: false)
        return takeActions()
    }

    /// Ends it because another one takes its agents.
    public mutating func supersede(by other: String, actor: String, at now: Moment) -> [RolloutAction] {
        self.now = now
        guard !rollout.state.isTerminal else { return [] }
        transition(to: .superseded, .superseded, by: actor, "rollout \(other) takes its place")
        return takeActions()
    }

    /// Gives the revision once more to an agent that failed.
    public mutating func retry(
        _ uid: InstanceUID, by actor: String, at now: Moment
    ) throws(RolloutError) -> [RolloutAction] {
        self.now = now
        guard rollout.state == .running || rollout.state == .paused else { throw wrong("retried") }
        guard let index = rollout.index(of: uid) else {
            throw .invalid("agent \(uid) is not part of rollout \(rollout.id)")
        }
        let member = rollout.members[index]
        guard member.phase == .failed else {
            throw .wrongState("agent \(uid) is \(member.phase.name), only failed ones can be tried again")
        }
        rollout.stages[member.stage].failures = max(rollout.stages[member.stage].failures - 1, 0)
        move(index, to: .assigned)
        rollout.members[index].assigned = seconds
        rollout.members[index].silent = 0
        rollout.members[index].trouble = 0
        if !watched.contains(Int32(index)) { watched.append(Int32(index)) }
        rollout.noteUrgent()
        note(.agentRetried, by: actor, "the agent gets \(rollout.target) once more", agent: uid)
        actions.append(.retry([uid]))
        return takeActions()
    }

    /// Says that an agent could not be given the revision at all, as when a variable has no value for it.
    public mutating func rejected(_ uid: InstanceUID, reason: String, at now: Moment) -> [RolloutAction] {
        self.now = now
        guard let index = rollout.index(of: uid), rollout.members[index].phase.hasTarget,
            rollout.members[index].phase != .failed
        else { return [] }
        fail(index, nil, reason)
        return takeActions()
    }

    /// Takes agents that turned up after the start.
    public mutating func join(_ candidates: [Candidate], at now: Moment) -> [RolloutAction] {
        self.now = now
        guard rollout.spec.lateJoiners != .ignore, rollout.state.isActive, rollout.state != .rollingBack
        else {
            return []
        }
        let room = Rollout.maximumMembers - rollout.members.count
        let joining = candidates.filter { $0.exclusion == nil }.prefix(max(room, 0))
        guard !joining.isEmpty else { return [] }
        let order = StageOrder(id: rollout.id, stages: rollout.stages.map(\.settings))
        var known = LabelIndices(rollout.labelValues)
        let total = rollout.counts.total
        for candidate in joining {
            let stage =
                rollout.spec.lateJoiners == .wait
                ? rollout.stages.count - 1 : order.stage(of: candidate.uid, total: total)
            rollout.append(candidate, stage: stage, known: &known)
            rollout.stages[stage].counts[.pending] += 1
            if candidate.isConnected { rollout.connected += 1 }
            rollout.noteJoined(rollout.members.count - 1)
        }
        rebuildLists()
        rollout.noteUrgent()
        note(.agentsJoined, "\(Self.agents(joining.count)) turned up and joined")
        return takeActions()
    }

    /// Lets the stage that was taken back begin anew.
    private mutating func renewStage() {
        rollout.rollsBackStageOnly = false
        let current = rollout.currentStage
        for index in rollout.members.indices {
            let member = rollout.members[index]
            guard member.stage == current, member.phase == .reverted, rollout.reasons[index] == nil else {
                continue
            }
            move(index, to: .pending)
        }
        rollout.stages[current].failures = 0
        rollout.stagePhase = .applying
        rollout.phaseSince = rollout.clock
        rollout.cursor = rollout.stages[current].range.lowerBound
        rollout.sample.changed = []
        rollout.changes.sample = true
        rollout.strikes = [:]
        rebuildLists()
    }

    private func wrong(_ what: String) -> RolloutError {
        .wrongState("rollout \(rollout.id) is \(rollout.state.rawValue) and cannot be \(what)")
    }
}
