internal import FleetModel
internal import FleetStore
internal import Logging
internal import OpAMP
internal import Pipeline
internal import Rollouts
internal import Settings
internal import Synchronization

/// Leases, reading and writing.
extension RolloutService {
    static func headID(_ id: String) -> String { "h/\(id)" }
    static func partID(_ id: String, _ name: String) -> String {
        name == RolloutPart.head ? headID(id) : "p/\(id)/\(name)"
    }
    private static let badID = "bad-revisions"
    private static let fenceID = "rollouts-owner"

    /// Takes or renews the lease, and takes the rollouts over when it is new.
    func keepLease() async {
        guard !isLeased() else {
            _ = await holdsLease()
            return
        }
        leasedAt = nil
        do throws(RolloutServiceError) { if try await renewLease() { try await takeOver() } } catch {
            // While the lease cannot be asked for, nobody else can have it from this store either.
            if leasedAt != nil { parts.logger.error("cannot take over the rollouts: \(error)") }
        }
    }

    /// Whether the rollouts are this manager's to move; the lease is renewed when that is due.
    ///
    /// To be asked before each thing that others must not do as well, for anything may have taken long.
    func holdsLease() async -> Bool {
        guard isLeased() else { return false }
        do throws(RolloutServiceError) {
            if try await !renewLease() { lose("another manager has taken the rollouts over") }
        } catch {
            // Others may take over when the lease ends; until then nobody else moves anything.
            parts.logger.debug("the lease of the rollouts could not be renewed: \(error)")
        }
        return isLeased()
    }

    /// Takes the lease, or renews it when that is due.
    ///
    /// - Returns: Whether this manager has it now.
    private func renewLease() async throws(RolloutServiceError) -> Bool {
        let now = parts.clock.now
        if let leasedAt, now - leasedAt < Self.leaseRenewal { return true }
        do throws(StoreError) {
            guard try await parts.store.lease(Self.lease, for: Self.leaseTime) else { return false }
        } catch {
            throw RolloutServiceError(error)
        }
        leasedAt = now
        return true
    }

    /// Whether the lease has not run out since it was renewed last; otherwise another manager may have it.
    private func isLeased() -> Bool {
        guard isOwner else { return false }
        if hasTime() { return true }
        lose("the lease of the rollouts has run out before it could be renewed")
        return false
    }

    private func hasTime() -> Bool { leasedAt.map { parts.clock.now - $0 < Self.leaseTime } ?? false }

    func lose(_ why: String) {
        parts.logger.warning("\(why)")
        isOwner = false
        active = [:]
        soiledStanding = []
        // Whoever has them now sees the same and tells it; what was written is told once all the same.
        standingEvents.removeAll { $0.event.kind == .standingStopped }
        bell.isListening.store(false, ordering: .relaxed)
    }

    private func takeOver() async throws(RolloutServiceError) {
        // First, so that every rollout that the last owner begins is read, or cannot be written any more.
        do throws(StoreError) {
            fence = try await parts.store.write([fencing(expecting: .any)]).first?.version
        } catch {
            throw RolloutServiceError(error)
        }
        try await readHeads()
        var taken: [String: Active] = [:]
        for head in heads.values where !head.state.isTerminal {
            // There may be much to read. Once the lease has run out, what was read may be what was.
            guard hasTime(), try await renewLease() else { return }
            let (rollout, version) = try await readVersion(head.id)
            var entry = Active(machine: RolloutMachine(rollout), version: version)
            entry.actions = entry.machine.recover(at: moment)
            taken[head.id] = entry
        }
        guard hasTime() else { return }
        active = taken
        isOwner = true
    }

    /// What tells whether another manager has taken over since, where there is no rollout yet that would.
    private func fencing(expecting: DocumentWrite.Expectation) -> DocumentWrite {
        .put(.setting, Self.fenceID, .table(["replica": .text(parts.store.replica)]), expecting: expecting)
    }

    /// Reads all rollouts without their agents.
    func readHeads() async throws(RolloutServiceError) {
        var found: [String: Rollout] = [:]
        var last: String?
        do throws(StoreError) {
            while true {
                let page = try await parts.store.documents(.rollout, prefix: "h/", after: last, limit: 200)
                for document in page {
                    do throws(RolloutUnreadable) {
                        let head = try Rollout(parts: [RolloutPart.head: document.body])
                        found[head.id] = head
                    } catch {
                        parts.logger.error("a rollout is left out: \(error)")
                    }
                }
                guard page.count == 200 else { break }
                last = page.last?.id
            }
            standing = try await readStanding()
            let document = try await parts.store.document(.setting, Self.badID)
            bad = BadRevisions(document?.body["revisions"] ?? .list([]))
        } catch {
            throw RolloutServiceError(error)
        }
        heads = found
    }

    /// Reads one rollout with its agents.
    func read(_ id: String) async throws(RolloutServiceError) -> Rollout { try await readVersion(id).rollout }

    /// The same, and the version of its head from before anything else was read.
    private func readVersion(
        _ id: String
    ) async throws(RolloutServiceError) -> (rollout: Rollout, version: Int64) {
        var found: [String: Tree] = [:]
        let version: Int64
        do throws(StoreError) {
            guard let head = try await parts.store.document(.rollout, Self.headID(id)) else {
                throw StoreError.damaged("rollout '\(id)' is gone")
            }
            found[RolloutPart.head] = head.body
            version = head.version
            let prefix = "p/\(id)/"
            var last: String?
            while true {
                let page = try await parts.store.documents(.rollout, prefix: prefix, after: last, limit: 50)
                for document in page { found[String(document.id.dropFirst(prefix.count))] = document.body }
                guard page.count == 50 else { break }
                last = page.last?.id
            }
        } catch {
            throw RolloutServiceError(error)
        }
        do throws(RolloutUnreadable) { return (try Rollout(parts: found), version) } catch {
            throw .unavailable("\(error)")
        }
    }

    /// Writes a rollout when that is due, and then does what it wants.
    func settle(_ id: String, isUrgent: Bool = false) async {
        guard var entry = active[id] else { return }
        let isDue =
            isUrgent || entry.needsAll || entry.actions.contains(where: \.needsKeeping)
            || entry.machine.rollout.mustBeKept || parts.clock.now - entry.written >= Self.writeInterval
        guard isDue else {
            guard !entry.actions.isEmpty else { return }
            let actions = entry.actions
            entry.actions = []
            active[id] = entry
            return await perform(actions, of: id)
        }
        guard await giveLate(&entry, id) else { return }
        do throws(StoreError) {
            entry = try await write([(id, entry)]).first?.entry ?? entry
            let actions = entry.actions
            entry.actions = []
            active[id] = entry
            await perform(actions, of: id)
        } catch {
            parts.logger.warning("rollout \(id) cannot be written and stands still: \(error)")
            guard isOwner else { return }
            entry.needsAll = true
            active[id] = entry
        }
        if let state = active[id]?.machine.rollout.state, state.isTerminal,
            active[id]?.actions.isEmpty == true
        {
            await finish(id)
        }
    }

    /// Gives the revision to those whom a rollout that succeeds leaves behind, before it is written: one that
    /// is over is not read again after a crash, and nobody else would do it.
    ///
    /// - Returns: Whether all have it; otherwise the rollout is not over yet for anybody but us.
    private func giveLate(_ entry: inout Active, _ id: String) async -> Bool {
        let rollout = entry.machine.rollout
        guard rollout.state == .succeeded else { return true }
        let late = entry.actions.flatMap {
            if case .assign(let uids) = $0 { uids } else { [] as [InstanceUID] }
        }
        guard !late.isEmpty else { return true }
        active[id] = entry
        let missed = await assign(late, rollout.target, rollout)
        guard var after = active[id] else { return false }
        after.actions.removeAll { if case .assign = $0 { true } else { false } }
        if !missed.isEmpty { after.actions.insert(.assign(missed), at: 0) }
        active[id] = after
        entry = after
        return missed.isEmpty
    }

    /// Writes rollouts and whatever belongs to it in one piece, and then does what they want.
    func commit(
        _ entries: [(id: String, entry: Active)], with others: [DocumentWrite] = []
    ) async throws(StoreError) {
        for (id, entry) in try await write(entries, with: others) { active[id] = entry }
        for (id, _) in entries { await settle(id, isUrgent: true) }
        bell.ring()
    }

    /// Writes what has changed of rollouts, and something beside, all or nothing.
    ///
    /// Heads are expected as this manager wrote or read them: where another has moved a rollout meanwhile,
    /// because the lease of this one ran out on the way, nothing is written, and the rollouts are lost to it.
    /// A new rollout has no head that would tell, so it expects that nobody has taken over. What a rollout
    /// that succeeds promises to later agents is in the same write: one that has succeeded and promises
    /// nothing has been told not to. So is what has turned out to be bad.
    ///
    /// - Returns: The rollouts as they are then; those that are active are left alone.
    /// - Throws: What the store throws; `.conflict` also when this manager does not have the lease.
    private func write(
        _ entries: [(id: String, entry: Active)], with others: [DocumentWrite] = []
    ) async throws(StoreError) -> [(id: String, entry: Active)] {
        guard await holdsLease() else { throw .conflict(.rollout, entries.first?.id ?? "") }
        var entries = entries
        var writes: [DocumentWrite] = []
        for index in entries.indices {
            let (id, entry) = entries[index]
            writes += entries[index].entry.machine.takeParts(all: entry.needsAll).map { part in
                .put(
                    .rollout, Self.partID(id, part.name), part.body,
                    expecting: part.name == RolloutPart.head ? .over(entry.version ?? 0) : .any)
            }
        }
        let promises = promised(by: entries.map(\.entry.machine.rollout))
        writes += promises.map(Self.write) + others
        let judged = badRevisions(after: entries.flatMap(\.entry.actions))
        if let judged {
            writes.append(
                .put(.setting, Self.badID, .table(["revisions": judged.tree]), expecting: .any))
        }
        // What others have written of a rollout tells; where there is none, the fence does.
        let isFenced = entries.isEmpty || entries.contains { $0.entry.version == nil }
        let versions = writes.isEmpty ? [:] : try await write(writes, isFenced: isFenced)
        for index in entries.indices {
            let id = entries[index].id
            entries[index].entry.needsAll = false
            entries[index].entry.written = parts.clock.now
            if let version = versions[Self.headID(id)] { entries[index].entry.version = version }
            heads[id] = entries[index].entry.machine.rollout.withoutMembers
        }
        if let judged { bad = judged }
        take(promises)
        return entries
    }

    /// What is bad when rollouts have said so; `nil` when they say nothing of it.
    private func badRevisions(after actions: [RolloutAction]) -> BadRevisions? {
        var known = bad
        var isNew = false
        for case .bad(let entry) in actions {
            known.add(entry)
            isNew = true
        }
        return isNew ? known : nil
    }

    /// Writes something of rollouts, all or nothing; what was not written makes this manager lose them when
    /// another may have them.
    ///
    /// - Parameters:
    ///   - writes: What to write.
    ///   - isFenced: Whether to expect that nobody has taken over; needed where nothing else would tell.
    /// - Returns: The new versions, by the names of the documents.
    /// - Throws: What the store throws.
    func write(_ writes: [DocumentWrite], isFenced: Bool) async throws(StoreError) -> [String: Int64] {
        let fences = isFenced ? [fencing(expecting: .over(fence ?? 0))] : []
        var versions: [String: Int64] = [:]
        do throws(StoreError) {
            for document in try await parts.store.write(writes + fences) {
                versions[document.id] = document.version
            }
        } catch {
            // What is in memory may be older than what is kept now: all of it is read again.
            if case .uncertain = error { lose("it is not known whether a rollout was kept: \(error)") }
            if case .conflict(let kind, let name) = error, kind == .rollout || kind == .setting {
                lose("another manager has moved the rollouts (\(name))")
            }
            throw error
        }
        if isFenced { fence = versions[Self.fenceID] }
        return versions
    }

    /// A rollout that has ended is not moved any more.
    private func finish(_ id: String) async {
        guard let entry = active[id] else { return }
        do throws(StoreError) {
            // The last moves of its agents came while the actions were done.
            _ = try await write([(id, entry)])
            active[id] = nil
        } catch {
            active[id]?.needsAll = true
        }
    }

    /// Forgets the oldest rollouts that have ended, one at a time.
    func forgetOld() async {
        guard heads.count > Self.remembered, await holdsLease(),
            let oldest = heads.values.filter({ $0.state.isTerminal && !isStanding($0.id) })
                .min(by: { $0.created < $1.created })
        else { return }
        do throws(StoreError) {
            let prefix = "p/\(oldest.id)/"
            let limit = StoreLimits.documentsPerWrite - 2
            let pieces = try await parts.store.documents(.rollout, prefix: prefix, limit: limit)
            _ = try await parts.store.write(
                [
                    .delete(.rollout, Self.headID(oldest.id), expecting: .any),
                    .delete(.rollout, Self.standingID(oldest.id), expecting: .any),
                ] + pieces.map { .delete(.rollout, $0.id, expecting: .any) })
            heads[oldest.id] = nil
            standing[oldest.id] = nil
        } catch {
            parts.logger.warning("rollout \(oldest.id) cannot be forgotten: \(error)")
        }
    }

    /// Takes over what the manager writes that moves the rollouts; to be called once.
    func follow() async {
        for await change in changes {
            switch change {
            case .document(.rollout, let name) where name.hasPrefix("h/") && !isOwner:
                await inTurn { await self.refresh(String(name.dropFirst(2))) }
            case .document(.rollout, let name) where name.hasPrefix(Self.standingPrefix) && !isOwner:
                await inTurn { await self.refreshStanding(name) }
            case .everything: await inTurn { await self.readAll() }
            default: break
            }
        }
    }

    /// Reads all rollouts again, unless what is in memory is what is written.
    private func readAll() async {
        guard !isOwner else { return }
        do throws(RolloutServiceError) { try await readHeads() } catch {
            parts.logger.warning("cannot read the rollouts: \(error)")
        }
    }

    func refresh(_ id: String) async {
        do throws(StoreError) {
            let document = try await parts.store.document(.rollout, Self.headID(id))
            guard !isOwner else { return }
            guard let document else {
                heads[id] = nil
                return
            }
            do throws(RolloutUnreadable) {
                heads[id] = try Rollout(parts: [RolloutPart.head: document.body])
            } catch { parts.logger.error("a rollout is left out: \(error)") }
        } catch {
            parts.logger.warning("cannot read rollout \(id): \(error)")
        }
    }
}
