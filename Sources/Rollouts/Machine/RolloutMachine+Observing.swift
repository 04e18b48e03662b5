internal import FleetModel
internal import OpAMP
internal import Settings

/// What agents say, and what that makes of them.
extension RolloutMachine {
    /// Errors of components that may pass by themselves are none before that.
    static let patience = Duration.seconds(120)
    /// After what time an agent is given its revision again that does not have it as it should.
    static let repeatAfter = Duration.seconds(10)

    /// Looks at the next agents that are in the middle of the change.
    mutating func sweep(_ facts: (InstanceUID) -> AgentFacts?) {
        var left = min(watched.count, Self.watchedPerStep)
        var (confirmed, repeated): ([InstanceUID], [InstanceUID]) = ([], [])
        while left > 0, !watched.isEmpty {
            left -= 1
            if watchedPlace >= watched.count { watchedPlace = 0 }
            let index = Int(watched[watchedPlace])
            switch observe(index, look(index, facts)) {
            case .confirm: confirmed.append(rollout.members[index].uid)
            case .repeatAssignment: repeated.append(rollout.members[index].uid)
            case nil: break
            }
            if isWatched(rollout.members[index], false) {
                watchedPlace += 1
            } else {
                watched.swapAt(watchedPlace, watched.count - 1)
                watched.removeLast()
            }
        }
        if !repeated.isEmpty { actions.append(.assign(repeated)) }
        if !confirmed.isEmpty { actions.append(.confirm(confirmed)) }
    }

    /// Looks at some of those that passed long ago: what fails late is a failure, too.
    mutating func sweepOthers(_ facts: (InstanceUID) -> AgentFacts?) {
        for _ in 0..<min(Self.othersPerStep, rollout.members.count) {
            if othersPlace >= rollout.members.count { othersPlace = 0 }
            let member = rollout.members[othersPlace]
            if member.phase == .healthy, member.stage < rollout.currentStage {
                _ = observe(othersPlace, look(othersPlace, facts))
            }
            othersPlace += 1
        }
    }

    enum Wish { case confirm, repeatAssignment }

    /// Takes what is known of a member that has, or ought to have, the revision.
    private mutating func observe(_ index: Int, _ facts: AgentFacts?) -> Wish? {
        guard let facts else {
            move(index, to: .excluded, reason: "is not known any more")
            return nil
        }
        noteConnection(index, facts.isConnected)
        let member = rollout.members[index]
        guard let assignment = facts.assignment, assignment.rollout == rollout.id,
            assignment.revision == rollout.target
        else { return missing(index, facts) }
        let (last, bad) = Self.reports(of: assignment, in: facts.history)
        if let bad {
            let verb = bad.outcome == .failed ? "reported a failure" : "went back by itself"
            fail(index, facts, bad.message.isEmpty ? verb : "\(verb): \(bad.message)")
            return nil
        }
        if let harm = harm(member, facts) {
            fail(index, facts, harm)
            return nil
        }
        guard facts.isConnected else {
            notice(silent: index)
            return nil
        }
        if member.silent > 0 {
            rollout.members[index].silent = 0
            rollout.members[index].assigned = seconds
        }
        return advance(index, facts, last)
    }

    /// What an agent said last of what it was assigned, and the last failure; looked up for thousands each
    /// second, so without a list of its own.
    private static func reports(
        of assignment: Assignment, in history: [ConfigurationReport]
    ) -> (last: ConfigurationReport.Outcome?, failure: ConfigurationReport?) {
        var last: ConfigurationReport.Outcome?
        for report in history.reversed() where report.time >= assignment.time {
            guard report.hash == assignment.hash.bytes else { continue }
            last = last ?? report.outcome
            if report.outcome == .failed || report.outcome == .rolledBack { return (last, report) }
        }
        return (last, nil)
    }

    /// A member whose assignment is not what this rollout wanted.
    private mutating func missing(_ index: Int, _ facts: AgentFacts) -> Wish? {
        let member = rollout.members[index]
        if let other = facts.assignment, other.rollout != rollout.id, member.phase != .assigned {
            move(index, to: .excluded, reason: "has \(other.revision) from rollout \(other.rollout) now")
            return nil
        }
        guard member.phase == .assigned, age(ofSecond: member.since) >= Self.repeatAfter else { return nil }
        // What was to be done was forgotten, as by a crash between keeping and doing.
        rollout.members[index].since = seconds
        rollout.members[index].assigned = seconds
        return .repeatAssignment
    }

    /// What speaks against an agent that runs the revision.
    private mutating func harm(_ member: RolloutMember, _ facts: AgentFacts) -> String? {
        guard member.phase == .applied || member.phase == .healthy else { return nil }
        let checks = rollout.spec.gate.analysis
        if checks.contains(.restarts), member.started > 0, facts.started > member.started {
            return "its process began anew after the change"
        }
        guard checks.contains(.componentStatus), facts.isConnected else { return nil }
        if facts.worst >= .permanent, facts.worst > member.worstBefore {
            return "a component has a permanent error since the change: \(facts.healthError ?? "no details")"
        }
        if member.trouble > 0, age(ofSecond: member.trouble) > Self.patience {
            return "a component has had an error for 2 minutes: \(facts.healthError ?? "no details")"
        }
        return nil
    }

    /// A member that ought to be connected and is not.
    private mutating func notice(silent index: Int) {
        let member = rollout.members[index]
        guard member.phase != .lost else { return }
        if member.silent == 0 {
            rollout.members[index].silent = seconds
            rollout.noteState(index)
        } else if age(ofSecond: member.silent) > rollout.spec.gate.healthyDeadline {
            move(index, to: .lost, reason: "has been silent since it got the revision")
            let lost = rollout.stages[member.stage].counts[.lost]
            if rollout.spec.gate.offline == .fail, lost <= Self.notedFailures {
                note(.agentLost, "the agent has been silent since it got the revision", agent: member.uid)
            }
        }
    }

    /// Moves a connected member on by what it reported last.
    private mutating func advance(
        _ index: Int, _ facts: AgentFacts, _ outcome: ConfigurationReport.Outcome?
    ) -> Wish? {
        let gate = rollout.spec.gate
        if rollout.members[index].phase == .lost { move(index, to: .assigned) }
        switch (rollout.members[index].phase, outcome) {
        case (.assigned, .applying): move(index, to: .applying)
        case (.assigned, .applied), (.applying, .applied):
            move(index, to: .applied)
            rollout.members[index].started = facts.started
        default: break
        }
        noteTrouble(index, facts)
        let member = rollout.members[index]
        if member.phase == .applied {
            let isWell = facts.isHealthy != false && member.trouble == 0
            if !isWell { rollout.members[index].since = seconds }
            if isWell, age(ofSecond: member.since) >= gate.minimumHealthyTime {
                move(index, to: .healthy)
                rollout.progressAt = rollout.clock
                return .confirm
            }
        }
        if member.phase != .healthy, age(ofSecond: member.assigned) > gate.healthyDeadline {
            fail(index, facts, late(member, facts))
        }
        return nil
    }

    private mutating func noteTrouble(_ index: Int, _ facts: AgentFacts) {
        let member = rollout.members[index]
        let isWorse = facts.worst == .recoverable && member.worstBefore < .recoverable
        let hasTrouble = isWorse || member.phase == .healthy && facts.isHealthy == false
        guard hasTrouble != (member.trouble > 0) else { return }
        rollout.members[index].trouble = hasTrouble ? seconds : 0
        rollout.noteState(index)
    }

    private func late(_ member: RolloutMember, _ facts: AgentFacts) -> String {
        let deadline = rollout.spec.gate.healthyDeadline.goSyntax
        let why =
            switch member.phase {
            case .assigned: "it has not said anything about the revision"
            case .applying: "it has not finished applying the revision"
            default: facts.healthError ?? "it was not healthy for long enough"
            }
        return "did not become healthy within \(deadline): \(why)"
    }

    /// Notes that an agent failed.
    mutating func fail(_ index: Int, _ facts: AgentFacts?, _ reason: String) {
        let member = rollout.members[index]
        move(index, to: .failed, reason: reason)
        // Late failures count where the rollout is now: that is what they have to stop.
        let stage = max(member.stage, min(rollout.currentStage, rollout.stages.count - 1))
        rollout.stages[stage].failures += 1
        if let build = facts?.build, !build.isEmpty, rollout.failedBuilds.count < 50 {
            rollout.failedBuilds[build] = rollout.failedBuilds[build] ?? reason
        }
        if rollout.stages[stage].failures <= Self.notedFailures {
            note(.agentFailed, reason, agent: member.uid)
        }
    }
}
