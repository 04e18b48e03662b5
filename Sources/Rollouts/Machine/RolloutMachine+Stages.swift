internal import FleetModel
internal import OpAMP
internal import Settings

/// From stage to stage, and through the phases of each.
extension RolloutMachine {
    /// How often flow is compared while a stage bakes.
    static let analysisInterval = Duration.seconds(10)
    /// How often it is compared when the stage waits for the verdict.
    static let evaluationInterval = Duration.seconds(5)

    /// Releases a stage.
    mutating func beginStage(_ index: Int, _ facts: (InstanceUID) -> AgentFacts?) {
        rollout.currentStage = index
        rollout.stagePhase = .applying
        rollout.phaseSince = rollout.clock
        rollout.progressAt = rollout.clock
        rollout.cursor = rollout.stages[index].range.lowerBound
        rollout.strikes = [:]
        rollout.isPromoted = false
        rollout.sample = AnalysisSample(changed: [], control: hasFlowChecks ? controlGroup(facts) : [])
        rollout.changes.sample = true
        rollout.version += 1
        rebuildLists()
        rollout.noteUrgent()
        let control = rollout.sample.control.map { rollout.members[$0.member].uid }
        if !control.isEmpty { actions.append(.watch(control, seconds: watchSeconds)) }
        let size = rollout.stages[index].size
        note(.stageStarted, "stage '\(rollout.stages[index].name)' begins with \(Self.agents(size))")
    }

    /// Moves the present stage on, and goes to the next when it has passed.
    mutating func progress(_ facts: (InstanceUID) -> AgentFacts?) {
        let stage = rollout.stages[rollout.currentStage]
        let isBusy = stage.counts[.assigned] + stage.counts[.applying] + stage.counts[.applied] > 0
        if stage.size == 0 {
            pass("it has no agents", facts)
            return
        }
        switch rollout.stagePhase {
        case .applying:
            if isBusy || !isStageAssigned {
                checkProgress(stage)
            } else if hasReached(stage) {
                enter(.baking)
            }
        case .baking:
            if isBusy { break }
            if isUngated || age(of: rollout.phaseSince) >= stage.settings.bake {
                enter(.evaluating)
                evaluate(facts)
            } else if age(of: rollout.analysedAt) >= Self.analysisInterval {
                analyse(facts)
            }
        case .evaluating:
            if isUngated || age(of: rollout.analysedAt) >= Self.evaluationInterval { evaluate(facts) }
        }
    }

    /// Whether a limit for failures is broken, and which.
    var brokenLimit: String? {
        let gate = rollout.spec.gate
        let stage = rollout.stages[rollout.currentStage]
        let failed = gate.maximumFailures.allowed(of: stage.size)
        if stage.failures > failed {
            return "\(stage.failures) of \(Self.agents(stage.size)) failed, \(failed) may: \(firstReason)"
        }
        guard gate.offline == .fail || gate.errorBudget != nil else { return nil }
        let lost = gate.maximumLost.allowed(of: stage.size)
        if gate.offline == .fail, stage.counts[.lost] > lost {
            let number = "\(stage.counts[.lost]) of \(Self.agents(stage.size))"
            return "\(number) went silent after they got the revision, \(lost) may"
        }
        guard let budget = gate.errorBudget else { return nil }
        let counts = rollout.counts
        let bad = rollout.stages.reduce(0) { $0 + $1.failures } + (gate.offline == .fail ? counts[.lost] : 0)
        let allowed = budget.allowed(of: counts.total)
        return bad > allowed
            ? "the error budget is used up: \(bad) of \(Self.agents(counts.total)) failed, \(allowed) may"
            : nil
    }

    /// What a gate that failed leads to.
    mutating func failGate(
        _ reason: String, findings: [GateReport.Finding], _ facts: (InstanceUID) -> AgentFacts?
    ) {
        report(.fail, reason, findings)
        note(.gateFailed, reason)
        var builds = rollout.failedBuilds
        if builds.isEmpty {
            // Nobody failed; the revision did harm to those that ran it.
            for subject in rollout.sample.changed.prefix(AnalysisSample.limit) {
                guard let build = look(subject.member, facts)?.build, !build.isEmpty else { continue }
                if builds.count < 50 { builds[build] = reason }
            }
        }
        for (build, why) in builds.sorted(by: { $0.key < $1.key }) {
            let entry = BadRevisions.Entry(
                revision: rollout.target, build: build, rollout: rollout.id, reason: why, time: now.time)
            actions.append(.bad(entry))
            note(.revisionBad, "\(rollout.target) is not offered to \(build) any more: \(why)")
        }
        switch rollout.spec.onFailure {
        case .pause: transition(to: .paused, .paused, by: RolloutEvent.manager, reason)
        case .rollbackStage: beginRollback(by: RolloutEvent.manager, reason, stageOnly: true)
        case .rollbackAll: beginRollback(by: RolloutEvent.manager, reason, stageOnly: false)
        }
    }

    /// Keeps what a gate saw.
    mutating func report(_ verdict: GateReport.Verdict, _ reason: String, _ findings: [GateReport.Finding]) {
        let stage = rollout.stages[rollout.currentStage]
        rollout.reports.append(
            GateReport(
                stage: rollout.currentStage, time: now.time, verdict: verdict,
                reason: String(reason.prefix(1000)), healthy: stage.counts[.healthy], failed: stage.failures,
                lost: stage.counts[.lost], findings: findings))
        let same = rollout.reports.indices.filter { rollout.reports[$0].stage == rollout.currentStage }
        if same.count > Rollout.maximumReports { rollout.reports.remove(at: same[0]) }
        rollout.changes.head = true
    }

    /// Goes to the next stage, or to the end.
    mutating func pass(_ how: String, _ facts: (InstanceUID) -> AgentFacts?) {
        note(.stagePassed, "stage '\(rollout.stages[rollout.currentStage].name)' has passed: \(how)")
        if rollout.currentStage + 1 < rollout.stages.count {
            beginStage(rollout.currentStage + 1, facts)
        } else {
            succeed()
        }
    }

    static func agents(_ count: Int) -> String { count == 1 ? "1 agent" : "\(count) agents" }

    /// Whether a person said that the present stage needs no gate.
    var isUngated: Bool { rollout.isPromoted || rollout.isFullyPromoted }

    mutating func enter(_ phase: StagePhase) {
        rollout.stagePhase = phase
        rollout.phaseSince = rollout.clock
        rollout.noteUrgent()
    }

    /// Whether enough of the stage could be reached to go on.
    private mutating func hasReached(_ stage: RolloutStage) -> Bool {
        if rollout.stages.contains(where: { $0.counts[.healthy] > 0 }) { return true }
        if stage.failures > 0, stage.counts[.pending] + stage.counts[.lost] == 0 {
            // Within the limit, but nobody has shown that the revision works.
            transition(
                to: .paused, .paused, by: RolloutEvent.manager,
                "no agent of the stage became healthy: \(firstReason)")
            return false
        }
        wait(for: "an agent of the stage to connect")
        if age(of: rollout.phaseSince) > rollout.spec.gate.progressDeadline {
            transition(
                to: .paused, .paused, by: RolloutEvent.manager,
                "no agent of the stage could be reached within \(rollout.spec.gate.progressDeadline.goSyntax)"
            )
        }
        return false
    }

    private mutating func checkProgress(_ stage: RolloutStage) {
        guard stage.counts.inFlight > 0, age(of: rollout.progressAt) > rollout.spec.gate.progressDeadline
        else {
            return
        }
        let deadline = rollout.spec.gate.progressDeadline.goSyntax
        let reason = "no agent became healthy within \(deadline), \(stage.counts.inFlight) are changing"
        report(.fail, reason, [])
        transition(to: .paused, .paused, by: RolloutEvent.manager, reason)
    }

    private mutating func succeed() {
        // They are no risk to others any more: their stages have passed.
        var late: [InstanceUID] = []
        for index in rollout.members.indices where rollout.members[index].phase == .pending {
            move(index, to: .assigned, reason: "gets the revision when it connects")
            late.append(rollout.members[index].uid)
        }
        if !late.isEmpty { actions.append(.assign(late)) }
        let healthy = rollout.counts[.healthy]
        let rest = late.isEmpty ? "" : "; \(late.count) that are offline get it when they connect"
        transition(
            to: .succeeded, .succeeded, by: RolloutEvent.manager,
            "\(Self.agents(healthy)) run \(rollout.target)\(rest)")
    }

    /// The reason of the first agent that failed in the present stage.
    private var firstReason: String {
        let failed = rollout.reasons.keys.sorted().first { index in
            rollout.members[index].phase == .failed && rollout.members[index].stage <= rollout.currentStage
        }
        guard let failed, let reason = rollout.reasons[failed] else { return "see the agents" }
        return "\(rollout.members[failed].uid) \(reason)"
    }
}
