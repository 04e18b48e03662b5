internal import FleetModel
internal import FleetStore
internal import Logging
internal import OpAMP
internal import Pipeline
public import Rollouts
internal import Settings

/// What rollouts that have succeeded go on to promise to agents that come later.
extension RolloutService {
    /// How often agents are looked for that have come, or have other labels.
    static let strayInterval = Duration.seconds(5)
    /// The pause between two looks while those that were found wait for the rate.
    static let strayPause = Duration.seconds(1)
    /// Agents that one look finds at most; the next goes on with the others.
    static let straysPerLook = 2048
    /// Standing assignments that there may be; when there would be more, the oldest end.
    public static let mostStanding = 200

    /// What a rollout goes on to promise; `nil` when it promises nothing.
    ///
    /// Where another manager moves it, this is what that one wrote last.
    public func standing(_ id: String) async -> StandingAssignment? {
        if !isOwner { await refreshStanding(Self.standingID(id)) }
        return standing[id]
    }

    /// All of them that have not ended, by rollout.
    public func standingAssignments() -> [String: StandingAssignment] {
        standing.filter { $0.value.state != .ended }
    }

    /// What changes because a rollout succeeds: it leaves a standing assignment, and takes the place of those
    /// over the same selector, and of the oldest when there are too many.
    func standingAfter(_ rollout: Rollout) -> [StandingAssignment] {
        // A rollout of packages promises nothing to agents that come later.
        guard rollout.state == .succeeded, standing[rollout.id] == nil, rollout.target.packageSet == nil
        else {
            return []
        }
        let now = moment
        var changed: [StandingAssignment] = []
        let new = StandingAssignment(rollout, at: rollout.stateSince)
        func end(_ other: StandingAssignment, _ reason: String) {
            var other = other
            other.end(by: RolloutEvent.manager, reason, at: now)
            changed.append(other)
        }
        var others: [StandingAssignment] = []
        for other in standing.values where other.state != .ended {
            if other.created < rollout.created, other.selector.isSame(as: rollout.spec.selector) {
                end(other, "rollout \(rollout.id) over the same selector has succeeded")
            } else {
                others.append(other)
            }
        }
        let surplus = others.count + (new == nil ? 0 : 1) - Self.mostStanding
        let oldest = others.sorted { ($0.created, $0.rollout) < ($1.created, $1.rollout) }
        for other in oldest.prefix(max(surplus, 0)) {
            end(other, "there are \(Self.mostStanding) newer ones")
        }
        return changed + (new.map { [$0] } ?? [])
    }

    /// The same for several that are written at once.
    func promised(by rollouts: [Rollout]) -> [StandingAssignment] {
        var changed: [String: StandingAssignment] = [:]
        for one in rollouts.flatMap(standingAfter) { changed[one.rollout] = one }
        return changed.values.sorted { $0.rollout < $1.rollout }
    }

    /// Takes over what has been written because a rollout has succeeded.
    func take(_ changed: [StandingAssignment]) {
        for one in changed {
            standing[one.rollout] = one
            guard one.state == .ended, let head = heads[one.rollout] else { continue }
            let event = RolloutEvent(
                time: moment.time, kind: .standingEnded, actor: one.actor, reason: one.reason)
            tell(event, head)
            standingEvents.append((event, one.rollout))
        }
    }

    /// Looks at those who got something, and gives it to those who came.
    func moveStanding(_ ledger: inout DisruptionLedger) async {
        guard standing.values.contains(where: { $0.state == .active || $0.changing > 0 }), await holdsLease()
        else { return }
        lookAtNewcomers()
        guard !disconnects.isFrozen else { return }
        let rooms = standingRooms(ledger)
        let now = parts.clock.now
        guard !rooms.isEmpty, now >= nextLook else { return }
        let (took, hasMore) = await takeStrays(rooms, &ledger)
        // However many agents match nothing, looking for others takes a fiftieth of the time.
        nextLook = now + max(hasMore ? Self.strayPause : Self.strayInterval, took * 50)
    }

    /// How many agents each may change now, the newest first.
    private func standingRooms(_ ledger: DisruptionLedger) -> [(id: String, room: Int)] {
        var rooms: [(id: String, room: Int)] = []
        for id in standing.values.sorted(by: { ($0.created, $0.rollout) > ($1.created, $1.rollout) })
            .map(\.rollout)
        {
            guard let head = heads[id], var one = standing.removeValue(forKey: id) else { continue }
            let room = one.room(head, budget: ledger.room(for: head), at: moment)
            standing[id] = one
            // Those without room are asked about too: an agent must not get an older one meanwhile.
            if one.state != .ended { rooms.append((id, room)) }
        }
        return rooms.contains { $0.room > 0 } ? rooms : []
    }

    /// - Returns: How long it took to find them, and whether there are more for whom there will be room soon.
    private func takeStrays(
        _ rooms: [(id: String, room: Int)], _ ledger: inout DisruptionLedger
    ) async -> (took: Duration, hasMore: Bool) {
        let begin = parts.clock.now
        let promises = rooms.compactMap { room -> StandingPromise? in
            guard let one = standing[room.id] else { return nil }
            return StandingPromise(
                selector: one.selector, since: one.since, badBuilds: badBuilds(one.target, room.id))
        }
        // What an agent has from this rollout or a newer one, it keeps.
        let created = rooms.map { standing[$0.id]?.created ?? 0 }
        let newer = heads.mapValues { head in created.firstIndex { $0 <= head.created } ?? created.count }
        let found = parts.fleet.strays(promises, newer: newer, limit: Self.straysPerLook)
        let took = parts.clock.now - begin
        let wanted = wanted(found, rooms.map(\.id), newer)
        var hasMore = false
        for (id, room) in rooms where room > 0 {
            guard let uids = wanted[id] else { continue }
            if uids.count > room { hasMore = true }
            await give(Array(uids.prefix(room)), id, &ledger)
        }
        return (took, hasMore)
    }

    /// The agents of each rollout, looked at once more: what was found was found in slices, and those of an
    /// active rollout belong to that.
    private func wanted(
        _ found: [StrayAgent], _ ids: [String], _ newer: [String: Int]
    ) -> [String: [InstanceUID]] {
        guard !found.isEmpty else { return [:] }
        let owned = activeAgents(except: [])
        let keys = Set(ids.compactMap { standing[$0]?.selector.keys }.joined())
        let labels = parts.fleet.labels(keys, of: found.map(\.uid))
        var wanted: [String: [InstanceUID]] = [:]
        for stray in found where owned[stray.uid] == nil {
            guard let one = standing[ids[stray.promise]], let facts = parts.fleet.facts(stray.uid),
                facts.isConnected, one.mayTry(stray.uid, at: moment),
                one.selector.matches(labels[stray.uid] ?? [:])
            else { continue }
            if let assignment = facts.assignment {
                let isOlder = newer[assignment.rollout].map { stray.promise < $0 }
                guard isOlder ?? (assignment.time < one.since) else { continue }
            }
            wanted[one.rollout, default: []].append(stray.uid)
        }
        return wanted
    }

    /// Builds with which the revision failed, unless the rollout did not mind.
    private func badBuilds(_ target: RevisionReference, _ id: String) -> Set<String> {
        heads[id]?.spec.ignoresBad == true ? [] : bad.builds(of: target)
    }

    /// Writes first, as with every rollout, and then gives agents the revision.
    private func give(_ uids: [InstanceUID], _ id: String, _ ledger: inout DisruptionLedger) async {
        guard var one = standing[id], let head = heads[id] else { return }
        one.assign(uids, at: moment)
        guard await keep(one) else { return }
        ledger.take(uids.count, for: head)
        let missed = await assign(uids, one.target, head)
        standing[id]?.missed(missed)
        soiledStanding.insert(id)
        let rest = Set(missed)
        let given = uids.filter { !rest.contains($0) && standing[id]?.isChanging($0) == true }
        guard !given.isEmpty else { return }
        let agents = given.count == 1 ? "1 agent" : "\(given.count) agents"
        let event = RolloutEvent(
            time: moment.time, kind: .agentsJoined, actor: RolloutEvent.manager,
            reason: "\(agents) came after the end and get \(one.target)",
            agent: given.count == 1 ? given.first.map { "\($0)" } : nil)
        tell(event, head)
        await parts.audit([event], id)
    }

    private func lookAtNewcomers() {
        let (now, fleet) = (moment, parts.fleet)
        for id in standing.keys.sorted() {
            guard let head = heads[id], let before = standing[id], before.changing > 0 else { continue }
            var one = before
            let proven = one.look(head.spec.gate, at: now) { fleet.facts($0) }
            if !proven.isEmpty { fleet.confirm(proven, rollout: id) }
            guard one != before else { continue }
            standing[id] = one
            soiledStanding.insert(id)
            noteStop(of: one, since: before, head)
        }
    }

    /// An agent could not be given what was promised.
    func rejectNewcomer(_ uid: InstanceUID, _ reason: String, _ id: String) {
        guard let before = standing[id], let head = heads[id] else { return }
        var one = before
        one.rejected(uid, reason, at: moment)
        guard one != before else { return }
        standing[id] = one
        soiledStanding.insert(id)
        noteStop(of: one, since: before, head)
    }

    private func noteStop(of one: StandingAssignment, since before: StandingAssignment, _ head: Rollout) {
        guard one.state == .stopped, before.state == .active else { return }
        parts.logger.warning("rollout \(one.rollout) gives later agents nothing any more: \(one.reason)")
        let event = RolloutEvent(
            time: moment.time, kind: .standingStopped, actor: RolloutEvent.manager, reason: one.reason)
        tell(event, head)
        standingEvents.append((event, one.rollout))
    }

    /// What a person says to a rollout that has succeeded.
    func commandStanding(
        _ head: Rollout, _ command: RolloutCommand, by actor: RolloutActor, ifVersion version: RolloutVersion?
    ) async throws(RolloutServiceError) -> Rollout {
        let (one, event) = try toldStanding(head, command, actor, version)
        guard await keep(one) else {
            throw .unavailable("the store does not take it now; try again")
        }
        await took(one, event)
        return head
    }

    /// What it promises when it has been told something, and what is told about it; nothing is kept yet.
    func toldStanding(
        _ head: Rollout, _ command: RolloutCommand, _ actor: RolloutActor, _ version: RolloutVersion?
    ) throws(RolloutServiceError) -> (StandingAssignment, RolloutEvent) {
        try check(head, version)
        guard var one = standing[head.id], one.state != .ended else {
            throw .conflict("rollout \(head.id) has ended: it is \(head.state.rawValue)")
        }
        let now = moment
        switch command {
        case .abort(let reason):
            let why = reason.isEmpty ? "ended by \(actor.name)" : reason
            one.end(by: actor.name, why, at: now)
            return (
                one, RolloutEvent(time: now.time, kind: .standingEnded, actor: actor.name, reason: why)
            )
        case .resume:
            try Self.translate { () throws(RolloutError) in try one.resume(by: actor.name, at: now) }
            return (
                one,
                RolloutEvent(
                    time: now.time, kind: .resumed, actor: actor.name,
                    reason: "agents that come later get it again")
            )
        default:
            throw .conflict(
                "rollout \(head.id) has succeeded; what it promises to later agents can be ended with abort")
        }
    }

    /// It has been written.
    func took(_ one: StandingAssignment, _ event: RolloutEvent) async {
        standing[one.rollout] = one
        guard let head = heads[one.rollout] else { return }
        tell(event, head)
        await parts.audit([event], head.id)
        bell.ring()
    }
}

extension Selector {
    /// Whether both choose the same agents, because they say the same in whatever order.
    func isSame(as other: Selector) -> Bool { Self.sorted(self) == Self.sorted(other) }

    private static func sorted(_ selector: Selector) -> Set<Requirement> {
        Set(
            selector.requirements.map { requirement in
                switch requirement {
                case .isOneOf(let key, let values): .isOneOf(key: key, Set(values).sorted())
                case .isNoneOf(let key, let values): .isNoneOf(key: key, Set(values).sorted())
                case .exists, .doesNotExist: requirement
                }
            })
    }
}
