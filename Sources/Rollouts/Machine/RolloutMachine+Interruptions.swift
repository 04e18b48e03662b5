internal import FleetModel
internal import OpAMP

/// Standing still: when the fleet disconnects, and when the manager begins anew.
extension RolloutMachine {
    /// To be called once after the rollout was read from where it is kept.
    public mutating func recover(at now: Moment) -> [RolloutAction] {
        self.now = now
        switch rollout.state {
        case .validating, .running, .frozen:
            if rollout.state != .frozen { rollout.resumeTo = rollout.state }
            // Answers to questions of an earlier process may have been lost.
            rollout.validation = ValidationState()
            recovery = Recovery()
            transition(
                to: .pausedRecovery, .recovering, by: RolloutEvent.manager,
                "the manager has begun anew and waits for \(Self.agents(rollout.connected)) to come back")
        case .pausedRecovery: recovery = Recovery()
        default: break
        }
        return takeActions()
    }

    mutating func stepRecovery(_ elapsed: Duration, _ facts: (InstanceUID) -> AgentFacts?) {
        recovery.elapsed += elapsed
        for _ in 0..<min(Self.assignedPerStep, rollout.members.count) {
            if recovery.place >= rollout.members.count {
                recovery.place = 0
                recovery.connected = 0
            }
            if look(recovery.place, facts)?.isConnected == true { recovery.connected += 1 }
            recovery.place += 1
            if hasRecovered { break }
        }
        if hasRecovered {
            recovered(by: RolloutEvent.manager, "\(Self.agents(recovery.connected)) are back")
        } else if recovery.elapsed >= Self.recoveryDeadline {
            recovered(by: RolloutEvent.manager, "not all agents came back in time")
        }
    }

    private var hasRecovered: Bool {
        Double(recovery.connected) >= Double(rollout.connected) * Self.recoveryShare
    }

    mutating func recovered(by actor: String, _ reason: String) {
        rollout.progressAt = rollout.clock
        transition(to: rollout.resumeTo, .recovered, by: actor, reason)
    }

    mutating func freeze() {
        if rollout.state != .pausedRecovery { rollout.resumeTo = rollout.state }
        transition(
            to: .frozen, .frozen, by: RolloutEvent.manager,
            "much of the fleet has disconnected at once; nothing is changed before it is back")
    }

    mutating func thaw(by actor: String, _ reason: String) {
        for index in watched { rollout.members[Int(index)].silent = 0 }
        rollout.progressAt = rollout.clock
        transition(to: rollout.resumeTo, .thawed, by: actor, reason)
    }
}
