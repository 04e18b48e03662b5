public import FleetModel
internal import FleetStore
public import OpAMP
internal import Pipeline
public import Rollouts

/// What people say and ask.
extension RolloutService {
    /// The rollouts went to another manager while it was done.
    static let lost = RolloutServiceError.unavailable(
        "another manager moves the rollouts now; look at the rollout before you say it again")

    /// Tells a rollout to do something.
    ///
    /// - Parameters:
    ///   - id: The rollout.
    ///   - command: What it is to do.
    ///   - actor: Who says so.
    ///   - version: What the rollout and its promise have to be; `nil` for any.
    /// - Returns: The rollout afterwards.
    ///   What one that has succeeded promises to later agents ends with `abort`, and goes on with `resume`
    ///   when it has stopped.
    /// - Throws: `.notFound`, `.conflict` in a state where that cannot be done, `.outdated` with another
    ///   version, `.forbidden` for who wrote it and wants to approve it.
    @discardableResult
    public func command(
        _ id: String, _ command: RolloutCommand, by actor: RolloutActor,
        ifVersion version: RolloutVersion? = nil
    ) async throws(RolloutServiceError) -> Rollout {
        let own = try await inTurn { () async throws(RolloutServiceError) -> Rollout? in
            guard await self.holdsLease() else { return nil }
            if self.active[id] == nil, let head = self.heads[id] {
                return try await self.commandStanding(head, command, by: actor, ifVersion: version)
            }
            let entry = try await self.told(id, command, actor, version)
            self.active[id] = entry
            await self.settle(id, isUrgent: true)
            guard self.isOwner else { throw Self.lost }
            self.bell.ring()
            if let after = self.active[id] {
                guard !after.needsAll else {
                    throw .unavailable("the store does not take it now; it is done when the store is back")
                }
                return after.machine.rollout
            }
            return entry.machine.rollout
        }
        if let own { return own }
        return try await ask(.command(rollout: id, command, version: version), by: actor)
    }

    /// The rollout as it is when it has been told something; nothing is kept yet.
    func told(
        _ id: String, _ command: RolloutCommand, _ actor: RolloutActor, _ version: RolloutVersion?
    ) async throws(RolloutServiceError) -> Active {
        guard var entry = active[id] else {
            guard let head = heads[id] else { throw .notFound("there is no rollout \(id)") }
            throw .conflict("rollout \(id) has ended: it is \(head.state.rawValue)")
        }
        try check(entry.machine.rollout, version)
        if entry.machine.rollout.state == .frozen, command == .resume { acceptConnections() }
        try await checkDuties(entry.machine.rollout, command, actor)
        let now = moment
        let isWatched = command == .begin && needsApproval(entry.machine.rollout)
        entry.actions += try Self.translate { () throws(RolloutError) in
            try Self.tell(&entry.machine, command, actor, needsApproval: isWatched, now)
        }
        return entry
    }

    /// Checks that a rollout and its promise are what somebody has seen.
    func check(_ rollout: Rollout, _ seen: RolloutVersion?) throws(RolloutServiceError) {
        let version = RolloutVersion(rollout, standing[rollout.id])
        guard seen.map(version.isStill) ?? true else { throw .outdated(version) }
    }

    /// Whether the duties ask for a second person, with the agents and the labels that there are now.
    private func needsApproval(_ rollout: Rollout) -> Bool {
        let duties = parts.duties()
        let uids = rollout.members.filter { $0.phase != .excluded }.map(\.uid)
        let labels = parts.fleet.labels(duties.approvalSelector?.keys ?? [], of: uids)
        return duties.needsApproval(uids.map { labels[$0] ?? [:] })
    }

    /// Whoever wrote the revision may not be the second person either, unless the duties allow it; and going
    /// on without one may be switched off.
    private func checkDuties(
        _ rollout: Rollout, _ command: RolloutCommand, _ actor: RolloutActor
    ) async throws(RolloutServiceError) {
        if case .breakGlass = command, !parts.duties().allowsBreakGlass {
            throw .forbidden("going on without a second person is switched off (allow_break_glass)")
        }
        guard command == .approve, parts.duties().authorMayNotApprove,
            await author(of: rollout.target) == actor.owner
        else { return }
        throw .forbidden("\(actor.owner) wrote \(rollout.target); another person has to approve")
    }

    /// The owner of who wrote what a rollout gives out, revision or set of packages; `nil` when it is gone.
    public func author(of target: RevisionReference) async -> String? {
        await library(for: target).author(of: target)
    }

    private static func tell(
        _ machine: inout RolloutMachine, _ command: RolloutCommand, _ actor: RolloutActor,
        needsApproval: Bool, _ now: Moment
    ) throws(RolloutError) -> [RolloutAction] {
        switch command {
        case .begin: try machine.begin(by: actor.name, needsApproval: needsApproval, at: now)
        case .approve: try machine.approve(by: actor.owner, at: now)
        case .breakGlass(let reason):
            try machine.breakGlass(by: actor.name, owner: actor.owner, reason: reason, at: now)
        case .pause(let reason): try machine.pause(by: actor.name, reason: reason, at: now)
        case .resume: try machine.resume(by: actor.name, at: now)
        case .promote(let all): try machine.promote(by: actor.name, all: all, at: now)
        case .abort(let reason): try machine.abort(by: actor.name, reason: reason, at: now)
        case .rollBack(let reason): try machine.rollBack(by: actor.name, reason: reason, at: now)
        case .retry(let uid): try machine.retry(uid, by: actor.name, at: now)
        }
    }

    /// All rollouts without their agents, the newest first.
    public func list() -> [Rollout] {
        heads.values.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
    }

    /// A rollout without its agents; `nil` when there is none of that name.
    ///
    /// Where another manager moves it, this is what that one wrote last.
    public func rollout(_ id: String) async -> Rollout? {
        if !isOwner { await refresh(id) }
        return active[id]?.machine.rollout.withoutMembers ?? heads[id]
    }

    /// The rollout that an agent belongs to now.
    public func activeRollout(of uid: InstanceUID) -> String? {
        active.first {
            $0.value.machine.rollout.state.isActive && $0.value.machine.rollout.index(of: uid) != nil
        }?
        .key
    }

    /// An agent of a rollout, for people and programs.
    public struct Agent: Sendable, Hashable {
        /// Where it is in the list; what `agents(of:)` goes on after.
        public let index: Int
        public let uid: InstanceUID
        public let phase: MemberPhase
        public let stage: Int
        public let isConnected: Bool
        /// The revision that it had, such as `edge@16`.
        public let previous: String?
        public let reason: String?
    }

    /// The agents of a rollout, in the order in which they get the revision.
    ///
    /// - Parameters:
    ///   - id: The rollout.
    ///   - phase: Only those in this phase.
    ///   - stage: Only those of this stage.
    ///   - index: Only those behind this place; what the last page ended with.
    ///   - limit: At most so many.
    /// - Returns: The agents.
    /// - Throws: `.notFound`.
    public func agents(
        of id: String, phase: MemberPhase? = nil, stage: Int? = nil, after index: Int = -1, limit: Int = 100
    ) async throws(RolloutServiceError) -> [Agent] {
        guard heads[id] != nil || active[id] != nil else { throw .notFound("there is no rollout \(id)") }
        let rollout: Rollout
        if let entry = active[id] { rollout = entry.machine.rollout } else { rollout = try await read(id) }
        var found: [Agent] = []
        var place = max(index + 1, 0)
        while place < rollout.members.count, found.count < limit {
            let member = rollout.members[place]
            if phase == nil || member.phase == phase, stage == nil || member.stage == stage {
                found.append(
                    Agent(
                        index: place, uid: member.uid, phase: member.phase, stage: member.stage,
                        isConnected: member.isConnected, previous: rollout.previous(member)?.description,
                        reason: rollout.reason(ofMember: place)))
            }
            place += 1
        }
        return found
    }
}
