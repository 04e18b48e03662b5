internal import FleetModel
internal import OpAMP

/// Comparing what goes through agents before and after, and with the others.
extension RolloutMachine {
    /// How far back a baseline reaches.
    static let baselineSpan: UInt64 = 600_000_000_000
    /// How far back the present reaches.
    static let presentSpan: UInt64 = 120_000_000_000
    /// What comes right after the change says nothing.
    static let settling: UInt64 = 5_000_000_000
    /// The shortest stretch of counters that means something, in seconds.
    static let leastSeconds = 10.0
    /// An agent that is watched and has said nothing for so long has nothing new to say.
    static let heldAfter: UInt64 = 60_000_000_000
    /// How often in a row a comparison has to fail.
    static let confirmations = 3

    /// What went through an agent so far.
    func baseline(_ facts: AgentFacts) -> FlowRates? {
        FlowRates(
            facts.flow, from: now.time - min(Self.baselineSpan, now.time), to: now.time, isHeld: false,
            least: Self.leastSeconds)
    }

    /// Agents that no stage so far has reached, from the end of the list.
    mutating func controlGroup(_ facts: (InstanceUID) -> AgentFacts?) -> [AnalysisSample.Subject] {
        let end = rollout.stages.last?.range.upperBound ?? 0
        let begin = max(rollout.stages[rollout.currentStage].range.upperBound, end - 2 * AnalysisSample.limit)
        guard begin < end else { return [] }
        var group: [AnalysisSample.Subject] = []
        for index in (begin..<end).reversed() where group.count < AnalysisSample.limit {
            guard rollout.members[index].phase == .pending, let known = look(index, facts),
                known.isConnected, known.speaksCustom
            else { continue }
            group.append(AnalysisSample.Subject(member: index, before: baseline(known)))
        }
        return group
    }

    /// Compares while the stage bakes: only harm has consequences.
    mutating func analyse(_ facts: (InstanceUID) -> AgentFacts?) {
        let findings = compare(facts)
        guard let reason = confirmedHarm(findings) else { return }
        failGate(reason, findings: findings, facts)
    }

    /// Compares when the stage has nothing to wait for but the verdict.
    mutating func evaluate(_ facts: (InstanceUID) -> AgentFacts?) {
        if isUngated {
            report(.pass, "promoted without a gate", [])
            pass("promoted", facts)
            return
        }
        let findings = compare(facts)
        if let reason = confirmedHarm(findings) {
            failGate(reason, findings: findings, facts)
            return
        }
        switch FlowAnalysis.verdict(findings) {
        case .pass:
            report(.pass, "", findings)
            pass("all gates are content", facts)
        case .fail: break
        case .inconclusive:
            guard age(of: rollout.phaseSince) >= rollout.spec.gate.analysisDeadline else {
                wait(for: "enough data for a verdict")
                return
            }
            decideWithoutData(findings, facts)
        }
    }

    private mutating func decideWithoutData(
        _ findings: [GateReport.Finding], _ facts: (InstanceUID) -> AgentFacts?
    ) {
        let why = findings.first { $0.verdict == .inconclusive }?.summary ?? "no agent has reported"
        let reason = "too little data for a verdict: \(why)"
        note(.inconclusive, reason)
        switch rollout.spec.gate.onInconclusive {
        case .pass:
            report(.pass, reason, findings)
            pass("with too little data for a verdict, which the gate allows", facts)
        case .fail: failGate(reason, findings: findings, facts)
        case .pause:
            report(.inconclusive, reason, findings)
            transition(to: .paused, .paused, by: RolloutEvent.manager, reason)
        }
    }

    private mutating func compare(_ facts: (InstanceUID) -> AgentFacts?) -> [GateReport.Finding] {
        rollout.analysedAt = rollout.clock
        guard hasFlowChecks else { return [] }
        var analysis = FlowAnalysis(
            changed: [], control: [], settings: rollout.spec.gate,
            expectsDrop: rollout.spec.expectation == .drop)
        for subject in rollout.sample.changed where rollout.members[subject.member].phase == .healthy {
            guard let known = look(subject.member, facts), known.isConnected else { continue }
            let applied = known.history.last { $0.outcome == .applied }?.time ?? now.time
            let begin = max(applied + Self.settling, now.time - min(Self.presentSpan, now.time))
            analysis.changed.append(
                FlowAnalysis.Pair(before: subject.before, after: present(known, from: begin)))
        }
        let begin = now.time - min(Self.presentSpan, now.time)
        for subject in rollout.sample.control where rollout.members[subject.member].phase == .pending {
            guard let known = look(subject.member, facts), known.isConnected else { continue }
            analysis.control.append(
                FlowAnalysis.Pair(before: subject.before, after: present(known, from: begin)))
        }
        let findings = analysis.findings()
        for finding in findings {
            rollout.strikes[finding.check] =
                finding.verdict == .fail ? (rollout.strikes[finding.check] ?? 0) + 1 : nil
        }
        return findings
    }

    /// What goes through an agent now.
    private func present(_ facts: AgentFacts, from begin: UInt64) -> FlowRates? {
        guard let last = facts.flow.samples.last?.time else { return nil }
        if last + Self.heldAfter <= now.time, begin + Self.heldAfter <= now.time {
            // Nothing has changed since, so the last sample still holds: everything stands still.
            var flow = FlowHistory()
            if var still = facts.flow.samples.last {
                still.time = begin
                flow.add(still)
                still.time = now.time
                flow.add(still)
            }
            return FlowRates(flow, from: begin, to: now.time, isHeld: true, least: Self.leastSeconds)
        }
        return FlowRates(
            facts.flow, from: begin, to: now.time, isHeld: false, least: Self.leastSeconds)
    }

    /// The harm that several comparisons in a row have seen; `nil` when there is none yet.
    private func confirmedHarm(_ findings: [GateReport.Finding]) -> String? {
        findings.first { $0.verdict == .fail && rollout.strikes[$0.check] ?? 0 >= Self.confirmations }?
            .summary
    }
}
