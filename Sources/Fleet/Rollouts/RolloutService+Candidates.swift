internal import FleetModel
internal import Logging
internal import OpAMP
internal import Rollouts

/// Which agents can take part, and what they go back to.
extension RolloutService {
    /// The agents as a rollout with this target sees them.
    func fleet(for target: RevisionReference) -> any RolloutFleet {
        target.packageSet == nil ? parts.fleet : parts.packages?.fleet ?? parts.fleet
    }

    /// Where this target comes from.
    func library(for target: RevisionReference) -> any RolloutLibrary {
        target.packageSet == nil ? parts.library : parts.packages?.library ?? parts.library
    }

    /// The agents of active rollouts, with the rollout they belong to.
    func activeAgents(except ids: Set<String>) -> [InstanceUID: String] {
        var owned: [InstanceUID: String] = [:]
        for (id, entry) in active where !ids.contains(id) && entry.machine.rollout.state.isActive {
            for member in entry.machine.rollout.members where member.phase != .excluded {
                owned[member.uid] = id
            }
        }
        return owned
    }

    /// The same for every manager: those that do not move the rollouts read what was written of them.
    func agentsOfOthers(
        except ids: Set<String>
    ) async throws(RolloutServiceError) -> [InstanceUID: String] {
        guard !isOwner else { return activeAgents(except: ids) }
        var owned: [InstanceUID: String] = [:]
        for (id, head) in heads where !ids.contains(id) && head.state.isActive {
            for member in try await read(id).members where member.phase != .excluded {
                owned[member.uid] = id
            }
        }
        return owned
    }

    func candidates(
        _ uids: [InstanceUID], for target: RevisionReference, _ spec: RolloutSpec
    ) async -> [Candidate] {
        var keys = spec.plannedLabels
        if let selector = parts.duties().approvalSelector { keys.formUnion(selector.keys) }
        let labels = parts.fleet.labels(keys, of: uids)
        var past = PastRollouts()
        let (fleet, library) = (fleet(for: target), library(for: target))
        var result: [Candidate] = []
        result.reserveCapacity(uids.count)
        for uid in uids {
            guard let facts = fleet.facts(uid) else { continue }
            if let id = facts.assignment?.rollout, past.isMissing(id) {
                past.add(id, await formerRollout(id))
            }
            let exclusion: String? =
                if !facts.acceptsRemoteConfig {
                    fleet.incapable
                } else if !spec.ignoresBad, let entry = bad.entry(target, on: facts.build) {
                    "\(target) failed on \(facts.build) in rollout \(entry.rollout): \(entry.reason)"
                } else {
                    await library.obstacle(to: target, for: uid)
                }
            result.append(
                Candidate(
                    uid: uid, isConnected: facts.isConnected, labels: labels[uid] ?? [:],
                    previous: past.lastGood(facts), exclusion: exclusion))
        }
        return result
    }

    /// A rollout that assigned something, with its agents; `nil` when it is forgotten or has succeeded.
    private func formerRollout(_ id: String) async -> Rollout? {
        if let rollout = active[id]?.machine.rollout { return rollout }
        guard let head = heads[id], head.state != .succeeded else { return nil }
        do throws(RolloutServiceError) { return try await read(id) } catch {
            parts.logger.warning("what rollout \(id) left behind cannot be read: \(error)")
            return nil
        }
    }
}

/// Earlier rollouts, to find the last revision of an agent that worked.
struct PastRollouts {
    private var rollouts: [String: (rollout: Rollout, members: [InstanceUID: Int])?] = [:]

    func isMissing(_ id: String) -> Bool { rollouts[id] == nil }

    mutating func add(_ id: String, _ rollout: Rollout?) {
        guard let rollout else {
            rollouts[id] = .some(nil)
            return
        }
        var members: [InstanceUID: Int] = [:]
        for (index, member) in rollout.members.enumerated() { members[member.uid] = index }
        rollouts[id] = (rollout, members)
    }

    /// The last revision that worked with an agent; `nil` when there is none.
    func lastGood(_ facts: AgentFacts) -> RevisionReference? {
        guard let assignment = facts.assignment else { return nil }
        if let (rollout, members) = rollouts[assignment.rollout] ?? nil, let index = members[facts.uid] {
            let member = rollout.members[index]
            // It has been taken back already.
            if assignment.revision != rollout.target { return assignment.revision }
            return rollout.isProven(member) ? assignment.revision : rollout.previous(member)
        }
        let hasFailed = facts.history.contains { report in
            report.hash == assignment.hash.bytes && report.time >= assignment.time
                && (report.outcome == .failed || report.outcome == .rolledBack)
        }
        return hasFailed ? nil : assignment.revision
    }
}
