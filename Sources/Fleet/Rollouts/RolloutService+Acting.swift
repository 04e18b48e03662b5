internal import FleetModel
internal import FleetStore
internal import Logging
public import OpAMP
internal import Pipeline
internal import Rollouts

/// Doing what rollouts want.
extension RolloutService {
    /// Agents that are assigned in one write.
    static let batch = 2000

    func perform(_ actions: [RolloutAction], of id: String) async {
        for action in actions {
            guard await holdsLease(), let rollout = active[id]?.machine.rollout else { return }
            let fleet = fleet(for: rollout.target)
            switch action {
            case .assign(let uids): await assign(uids, rollout.target, id)
            case .retry(let uids):
                await assign(uids, rollout.target, id)
                await fleet.retry(uids)
            case .revert(let uids, let revision?): await assign(uids, revision, id)
            case .revert(let uids, nil): await withdraw(uids, from: fleet)
            case .watch(let uids, let seconds): fleet.watch(uids, interval: 5, seconds: seconds)
            case .confirm(let uids):
                for uid in uids {
                    guard let assignment = fleet.facts(uid)?.assignment, assignment.rollout == id else {
                        continue
                    }
                    fleet.confirm(uid, assignment.hash)
                }
            case .validate(let uids): await validate(uids, rollout)
            case .event(let event): await tell(event, rollout)
            case .bad(let entry):
                bad.add(entry)
                await writeBad()
            }
        }
    }

    private func assign(_ uids: [InstanceUID], _ revision: RevisionReference, _ id: String) async {
        guard let spec = active[id]?.machine.rollout.spec else { return }
        let confirmWithin =
            spec.confirm.mode == .server ? Int(spec.confirm.deadline.components.seconds) : nil
        let isTarget = active[id]?.machine.rollout.target == revision
        var start = 0
        while start < uids.count {
            var assignments: [Assignment] = []
            for uid in uids[start..<min(start + Self.batch, uids.count)] {
                do throws(RolloutServiceError) {
                    let hash = try await library(for: revision).render(revision, for: uid)
                    assignments.append(
                        Assignment(
                            uid: uid, revision: revision, hash: hash, rollout: id,
                            confirmWithin: isTarget ? confirmWithin : nil,
                            expectsDrop: !isTarget || spec.expectation == .drop, time: moment.time))
                } catch {
                    reject(uid, "\(error)", id)
                }
            }
            start += Self.batch
            guard await holdsLease() else { return }
            do throws(StoreError) { try await fleet(for: revision).assign(assignments) } catch {
                // The agents stay without it, and the rollout will want it again.
                parts.logger.warning("\(assignments.count) agents cannot be assigned \(revision): \(error)")
            }
        }
    }

    private func withdraw(_ uids: [InstanceUID], from fleet: any RolloutFleet) async {
        do throws(StoreError) { try await fleet.withdraw(uids) } catch {
            parts.logger.warning("the assignments of \(uids.count) agents cannot be taken away: \(error)")
        }
    }

    private func validate(_ uids: [InstanceUID], _ rollout: Rollout) async {
        for uid in uids {
            do throws(RolloutServiceError) {
                let hash = try await library(for: rollout.target).render(rollout.target, for: uid)
                await fleet(for: rollout.target).validate(uid, id: rollout.id, hash)
            } catch {
                active[rollout.id]?.machine.answered(uid, isValid: false, message: "\(error)")
            }
        }
    }

    private func reject(_ uid: InstanceUID, _ reason: String, _ id: String) {
        guard var entry = active[id] else { return }
        entry.actions += entry.machine.rejected(uid, reason: reason, at: moment)
        active[id] = entry
    }

    /// Takes what an agent said about a revision that it was asked about.
    ///
    /// - Parameters:
    ///   - uid: The agent.
    ///   - id: What the question had as its id.
    ///   - isValid: Whether it could run it.
    ///   - diagnostics: Why not.
    public func answered(_ uid: InstanceUID, id: String, isValid: Bool, diagnostics: [String]) async {
        let message = diagnostics.isEmpty ? "no reason given" : diagnostics.prefix(5).joined(separator: "; ")
        // Whoever writes the rollout at this moment puts back what it took, without the answer.
        await inTurn { self.active[id]?.machine.answered(uid, isValid: isValid, message: message) }
    }

    private func tell(_ event: RolloutEvent, _ rollout: Rollout) async {
        let kind: FleetEvent.Kind =
            switch event.kind {
            case .brokenGlass: .rolloutBreakGlass
            case .agentFailed, .agentLost, .agentRetried: .rolloutAgent
            case .stagePassed, .gateFailed, .inconclusive: .rolloutGate
            case .stageStarted, .agentsJoined, .revisionBad, .validated: .rollout
            default: .rolloutState
            }
        numbers.note(event.kind)
        if event.kind == .brokenGlass {
            parts.logger.warning(
                "a rollout goes on without the second person that it needs",
                metadata: ["rollout": "\(rollout.id)", "actor": "\(event.actor)"])
        }
        var details = ["what": event.kind.rawValue, "target": "\(rollout.target)"]
        if let stage = event.stage { details["stage"] = stage }
        if kind == .rolloutState || kind == .rolloutBreakGlass { details["state"] = rollout.state.rawValue }
        parts.events.note(
            kind, rollout.id, event.reason, actor: event.actor, rollout: rollout.id, agent: event.agent,
            details: details)
        await parts.audit(event, rollout.id)
    }
}
