internal import FleetModel
public import OpAMP

/// Asking agents of the first stage before anybody gets the revision.
extension RolloutMachine {
    /// How long agents are watched before the change, when they have not told their counters.
    static let observation = Duration.seconds(20)

    mutating func stepValidation(_ facts: (InstanceUID) -> AgentFacts?) {
        if rollout.validation.askedAt == 0 {
            ask(facts)
            return
        }
        let answers = rollout.validation.answers
        for (uid, answer) in answers.sorted(by: { $0.key < $1.key }) {
            guard let answer, !answer.isValid else { continue }
            transition(
                to: .aborted, .aborted, by: RolloutEvent.manager,
                "\(uid) could not run \(rollout.target): \(answer.message)")
            return
        }
        let waited = age(of: rollout.validation.askedAt)
        let silent = answers.filter { $0.value == nil }.keys.sorted()
        if let first = silent.first {
            guard waited >= rollout.spec.validation.timeout else { return }
            rollout.resumeTo = .running
            transition(
                to: .paused, .paused, by: RolloutEvent.manager,
                "\(silent.count) of \(Self.agents(answers.count)) did not say whether they could run "
                    + "\(rollout.target), the first is \(first)")
            return
        }
        guard waited >= Self.observation || !hasFlowChecks || haveBaselines(facts) else {
            wait(for: "counters of the first agents")
            return
        }
        note(
            .validated,
            answers.isEmpty
                ? "no agent of the first stage could be asked"
                : "\(Self.agents(answers.count)) could run \(rollout.target)")
        transition(to: .running, .started, by: RolloutEvent.manager, "the stages begin")
    }

    /// Takes what an agent said about the revision.
    public mutating func answered(_ uid: InstanceUID, isValid: Bool, message: String) {
        guard rollout.state == .validating, rollout.validation.answers[uid] != nil else { return }
        rollout.validation.answers[uid] = ValidationState.Answer(
            isValid: isValid, message: String(message.prefix(500)))
        rollout.changes.head = true
    }

    /// The agents of the first stage that has any, as many as are asked.
    private var firstAgents: [Int] {
        let first = rollout.stages.first { !$0.range.isEmpty }?.range ?? 0..<0
        return Array(first.prefix(max(rollout.spec.validation.agents, 5)))
    }

    private mutating func ask(_ facts: (InstanceUID) -> AgentFacts?) {
        var asked: [InstanceUID] = []
        for index in firstAgents {
            guard let known = look(index, facts), known.isConnected, known.speaksCustom else { continue }
            asked.append(known.uid)
        }
        if hasFlowChecks, !asked.isEmpty { actions.append(.watch(asked, seconds: watchSeconds)) }
        asked = Array(asked.prefix(rollout.spec.validation.agents))
        rollout.validation.askedAt = rollout.clock
        for uid in asked { rollout.validation.answers[uid] = .some(nil) }
        rollout.noteUrgent()
        if !asked.isEmpty { actions.append(.validate(asked)) }
    }

    private mutating func haveBaselines(_ facts: (InstanceUID) -> AgentFacts?) -> Bool {
        for index in firstAgents {
            guard let known = look(index, facts), known.isConnected, known.speaksCustom else { continue }
            if baseline(known) == nil { return false }
        }
        return true
    }
}
