internal import FleetModel
internal import FleetStore
internal import OpAMP
internal import Pipeline
public import Rollouts
internal import Settings

/// Making rollouts.
extension RolloutService {
    /// Starts a rollout.
    ///
    /// - Parameters:
    ///   - spec: What is wanted.
    ///   - actor: Who wants it.
    ///   - asDraft: Whether it is only written down, and begins with the command `begin`.
    /// - Returns: The rollout, with its agents.
    /// - Throws: `.notFound` for a revision or plan that is not there, `.invalid` with everything that is
    ///   wrong, `.conflict` when agents belong to another rollout that is not named in `supersedes`.
    public func start(
        _ spec: RolloutSpec, by actor: RolloutActor, asDraft: Bool = false
    ) async throws(RolloutServiceError) -> Rollout {
        let own = try await inTurn { () async throws(RolloutServiceError) -> Rollout? in
            guard await self.holdsLease() else { return nil }
            let begun = try await self.begun(spec, actor, asDraft: asDraft)
            do throws(StoreError) { try await self.commit(begun) } catch {
                throw self.isOwner ? RolloutServiceError(error) : Self.lost
            }
            return begun.last.map { self.active[$0.id]?.machine.rollout ?? $0.entry.machine.rollout }
        }
        if let own { return own }
        return try await ask(.start(spec, asDraft: asDraft), by: actor)
    }

    /// What `start` would do; every manager can tell.
    public func preview(
        _ spec: RolloutSpec, by actor: RolloutActor
    ) async throws(RolloutServiceError) -> RolloutPreview {
        try await inTurn { () async throws(RolloutServiceError) -> RolloutPreview in
            if !self.isOwner { try await self.readHeads() }
            return try await self.draft(spec, actor).preview
        }
    }

    /// The rollout that a spec comes to, behind those whose place it takes; nothing is kept yet.
    func begun(
        _ spec: RolloutSpec, _ actor: RolloutActor, asDraft: Bool
    ) async throws(RolloutServiceError) -> [(id: String, entry: Active)] {
        guard active.count < Self.maximumActive else {
            throw .conflict("\(Self.maximumActive) rollouts are active already; end some first")
        }
        let (made, preview) = try await draft(spec, actor)
        if let problem = preview.problems.first {
            throw preview.conflicts.isEmpty ? .invalid(preview.problems) : .conflict(problem)
        }
        guard let rollout = made else { throw .invalid(["there is no agent"]) }
        var entry = Active(machine: RolloutMachine(rollout))
        entry.needsAll = true
        if !asDraft {
            entry.actions = try Self.translate { () throws(RolloutError) in
                try entry.machine.begin(by: actor.name, needsApproval: preview.needsApproval, at: moment)
            }
        }
        var begun: [(id: String, entry: Active)] = []
        for id in rollout.spec.supersedes.sorted() {
            guard var other = active[id] else { continue }
            other.actions += other.machine.supersede(by: rollout.id, actor: actor.name, at: moment)
            begun.append((id, other))
        }
        begun.append((rollout.id, entry))
        return begun
    }

    /// What a spec comes to: the rollout, unless there is nobody to change, and what can be said of it.
    func draft(
        _ written: RolloutSpec, _ actor: RolloutActor
    ) async throws(RolloutServiceError) -> (rollout: Rollout?, preview: RolloutPreview) {
        var spec = written
        if case .named(let name) = spec.plan { spec.plan = .stages(try await plan(name).stages) }
        guard let target = spec.reference else {
            throw .invalid(["the target '\(spec.target)' is not a revision such as edge-logs@17"])
        }
        if target.packageSet != nil { spec.adaptToPackages() }
        let uids = parts.fleet.resolve(spec.selector)
        var problems = try await library(for: target).problems(of: target, for: uids)
        if target.packageSet != nil, spec.confirm.mode == .server {
            problems.append("confirm.mode server is for configurations: nobody goes back from packages alone")
        }
        let candidates = await candidates(uids, for: target, spec)
        var conflicts: [String: Int] = [:]
        let owned = try await agentsOfOthers(except: Set(spec.supersedes))
        for candidate in candidates where candidate.exclusion == nil {
            if let other = owned[candidate.uid] { conflicts[other, default: 0] += 1 }
        }
        for (other, count) in conflicts.sorted(by: { $0.key < $1.key }) {
            let agents = count == 1 ? "1 agent belongs" : "\(count) agents belong"
            problems.insert("\(agents) to rollout \(other); wait for it, or name it in supersedes", at: 0)
        }
        for id in spec.supersedes where heads[id] == nil { problems.append("there is no rollout \(id)") }
        var rollout: Rollout?
        do throws(RolloutError) {
            rollout = try Rollout(
                id: newID(target), spec: spec, author: actor.owner, candidates: candidates, time: moment.time)
        } catch {
            problems.append("\(error)")
        }
        let labels = candidates.filter { $0.exclusion == nil }.map(\.labels)
        return (
            rollout,
            makePreview(
                rollout, target, candidates, conflicts, problems,
                needsApproval: spec.needsApproval || parts.duties().needsApproval(labels))
        )
    }

    private func newID(_ target: RevisionReference) -> String {
        let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
        while true {
            let end = (0..<5).map { _ in letters[Int(parts.clock.random() * Double(letters.count))] }
            // A clock of a test may give the same number for ever.
            let name = target.configuration.replacing("/", with: "-")
            let id = "\(name)-\(target.number)-\(String(end))"
            if heads[id] == nil { return id }
            var number = 2
            while heads["\(id)-\(number)"] != nil { number += 1 }
            return "\(id)-\(number)"
        }
    }

    private func makePreview(
        _ rollout: Rollout?, _ target: RevisionReference, _ candidates: [Candidate],
        _ conflicts: [String: Int], _ problems: [String], needsApproval: Bool
    ) -> RolloutPreview {
        let excluded = candidates.compactMap { candidate in
            candidate.exclusion.map { (uid: candidate.uid, reason: $0) }
        }
        var changes: [RevisionReference?: Int] = [:]
        for candidate in candidates where candidate.exclusion == nil {
            changes[candidate.previous, default: 0] += 1
        }
        return RolloutPreview(
            target: target, agents: candidates.count - excluded.count,
            stages: rollout.map { Self.stages(of: $0) } ?? [],
            changes: changes.map { RolloutPreview.Change(from: $0.key, agents: $0.value) }
                .sorted { ($0.from?.description ?? "") < ($1.from?.description ?? "") },
            excluded: Array(excluded.prefix(RolloutPreview.shown)), excludedCount: excluded.count,
            conflicts: conflicts.map { (rollout: $0.key, agents: $0.value) }.sorted {
                $0.rollout < $1.rollout
            },
            mostDisrupted: rollout.map { mostDisrupted($0) } ?? 0, needsApproval: needsApproval,
            problems: problems)
    }

    private static func stages(of rollout: Rollout) -> [RolloutPreview.Stage] {
        rollout.stages.indices.map { index in
            let members = rollout.members.filter { $0.stage == index && $0.phase != .excluded }
            return RolloutPreview.Stage(
                name: rollout.stages[index].name, size: rollout.stages[index].settings.size.description,
                agents: members.count, offline: members.count { !$0.isConnected },
                first: members.prefix(RolloutPreview.shown).map(\.uid))
        }
    }

    private func mostDisrupted(_ rollout: Rollout) -> Int {
        let radius = rollout.spec.blastRadius
        let total = radius.sharedBudget == nil ? rollout.counts.total : parts.fleet.population.known
        let budget = radius.maximumAgents.map { max($0.of(total), 1) } ?? .max
        let most = rollout.stages.map { $0.settings.maximumParallel?.of($0.size) ?? $0.size }.max() ?? 0
        return min(most, budget)
    }

    static func translate<Answer>(
        _ body: () throws(RolloutError) -> Answer
    ) throws(RolloutServiceError) -> Answer {
        do throws(RolloutError) { return try body() } catch {
            switch error {
            case .noAgents(let text), .invalid(let text): throw .invalid([text])
            case .wrongState(let text): throw .conflict(text)
            case .forbidden(let text): throw .forbidden(text)
            }
        }
    }
}
