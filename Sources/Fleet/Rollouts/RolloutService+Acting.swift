internal import FleetModel
internal import FleetStore
internal import Logging
public import OpAMP
internal import Pipeline
internal import Rollouts

/// Doing what rollouts want.
extension RolloutService {
    /// Agents that are assigned at once: as many as a step has.
    static let batch = 16_384

    func perform(_ actions: [RolloutAction], of id: String) async {
        var events: [RolloutEvent] = []
        for action in actions {
            guard await holdsLease(), let rollout = active[id]?.machine.rollout else { break }
            if case .event(let event) = action {
                tell(event, rollout)
                events.append(event)
            } else {
                await perform(action, of: rollout)
            }
        }
        // Agents do not wait for the log; the rollout that is written has its events already.
        if !events.isEmpty { await parts.audit(events, id) }
    }

    private func perform(_ action: RolloutAction, of rollout: Rollout) async {
        let fleet = fleet(for: rollout.target)
        switch action {
        case .assign(let uids): _ = await assign(uids, rollout.target, rollout)
        case .retry(let uids):
            _ = await assign(uids, rollout.target, rollout)
            await fleet.retry(uids)
        case .revert(let uids, let revision?): _ = await assign(uids, revision, rollout)
        case .revert(let uids, nil): await withdraw(uids, from: fleet)
        case .watch(let uids, let seconds): fleet.watch(uids, interval: 5, seconds: seconds)
        case .confirm(let uids): fleet.confirm(uids, rollout: rollout.id)
        case .validate(let uids): await validate(uids, rollout)
        // What is bad was written with the rollout.
        case .event, .bad: break
        }
    }

    /// Gives agents a revision; those for which there is none are taken out.
    ///
    /// - Returns: Those that have not got it for reasons that pass: the store was away, or the lease is lost.
    func assign(
        _ uids: [InstanceUID], _ revision: RevisionReference, _ rollout: Rollout
    ) async -> [InstanceUID] {
        var missed: [InstanceUID] = []
        let (spec, isTarget) = (rollout.spec, rollout.target == revision)
        let confirmWithin =
            isTarget && spec.confirm.mode == .server ? Int(spec.confirm.deadline.components.seconds) : nil
        for start in stride(from: 0, to: uids.count, by: Self.batch) {
            let part = Array(uids[start..<min(start + Self.batch, uids.count)])
            var assignments: [Assignment] = []
            assignments.reserveCapacity(part.count)
            for rendered in await render(revision, for: part) {
                switch rendered.hash {
                case .success(let hash):
                    assignments.append(
                        Assignment(
                            uid: rendered.uid, revision: revision, hash: hash, rollout: rollout.id,
                            confirmWithin: confirmWithin,
                            expectsDrop: !isTarget || spec.expectation == .drop, time: moment.time))
                // That is not the agent's fault; the rollout will want it again.
                case .failure(.unavailable(let why)):
                    if missed.isEmpty {
                        parts.logger.warning("\(revision) cannot be rendered for now: \(why)")
                    }
                    missed.append(rendered.uid)
                case .failure(let error): reject(rendered.uid, "\(error)", rollout.id)
                }
            }
            guard await holdsLease() else {
                return missed + assignments.map(\.uid) + uids[(start + part.count)...]
            }
            do throws(StoreError) { try await fleet(for: revision).assign(assignments) } catch {
                // The agents stay without it, and the rollout will want it again.
                parts.logger.warning("\(assignments.count) agents cannot be assigned \(revision): \(error)")
                missed += assignments.map(\.uid)
            }
        }
        return missed
    }

    /// What a revision is for agents; what concerns all of them is what is wrong for each.
    func render(_ revision: RevisionReference, for uids: [InstanceUID]) async -> [RenderedAgent] {
        do throws(RolloutServiceError) {
            return try await library(for: revision).render(revision, for: uids)
        } catch {
            return uids.map { RenderedAgent(uid: $0, hash: .failure(error)) }
        }
    }

    private func withdraw(_ uids: [InstanceUID], from fleet: any RolloutFleet) async {
        do throws(StoreError) { try await fleet.withdraw(uids) } catch {
            parts.logger.warning("the assignments of \(uids.count) agents cannot be taken away: \(error)")
        }
    }

    private func validate(_ uids: [InstanceUID], _ rollout: Rollout) async {
        for rendered in await render(rollout.target, for: uids) {
            switch rendered.hash {
            case .success(let hash):
                await fleet(for: rollout.target).validate(rendered.uid, id: rollout.id, hash)
            // Nobody has judged the revision; that nobody answers has a deadline of its own.
            case .failure(.unavailable(let why)):
                parts.logger.warning("\(rendered.uid) cannot be asked about \(rollout.target): \(why)")
            case .failure(let error):
                active[rollout.id]?.machine.answered(rendered.uid, isValid: false, message: "\(error)")
            }
        }
    }

    private func reject(_ uid: InstanceUID, _ reason: String, _ id: String) {
        guard var entry = active[id] else { return rejectNewcomer(uid, reason, id) }
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
        // In its turn, or a write that is under way would undo it.
        await inTurn { self.active[id]?.machine.answered(uid, isValid: isValid, message: message) }
        bell.ring()
    }

    func tell(_ event: RolloutEvent, _ rollout: Rollout) {
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
    }
}
