internal import FleetModel
internal import FleetStore
internal import Logging
internal import Pipeline
internal import Rollouts
internal import Settings

/// Leases, reading and writing.
extension RolloutService {
    private static func headID(_ id: String) -> String { "h/\(id)" }
    static func partID(_ id: String, _ name: String) -> String {
        name == RolloutPart.head ? headID(id) : "p/\(id)/\(name)"
    }
    private static let badID = "bad-revisions"

    /// Takes or renews the lease, and takes the rollouts over when it is new.
    func keepLease() async {
        let now = parts.clock.now
        if isOwner, let leasedAt, now - leasedAt < Self.leaseRenewal { return }
        do throws(StoreError) {
            let has = try await parts.store.lease(Self.lease, for: Self.leaseTime)
            if has { leasedAt = now }
            if has, !isOwner { await takeOver() }
            if !has, isOwner { lose("another manager has taken the rollouts over") }
        } catch {
            // Others may take over when the lease ends; until then nobody else moves anything.
            if isOwner, let leasedAt, now - leasedAt >= Self.leaseTime {
                lose("the lease of the rollouts could not be renewed: \(error)")
            }
        }
    }

    func lose(_ why: String) {
        parts.logger.warning("\(why)")
        isOwner = false
        active = [:]
    }

    private func takeOver() async {
        do throws(RolloutServiceError) {
            try await readHeads()
            var taken: [String: Active] = [:]
            for head in heads.values where !head.state.isTerminal {
                var entry = Active(machine: RolloutMachine(try await read(head.id)))
                entry.actions = entry.machine.recover(at: moment)
                taken[head.id] = entry
            }
            active = taken
            isOwner = true
        } catch {
            parts.logger.error("cannot take over the rollouts: \(error)")
        }
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
            let document = try await parts.store.document(.setting, Self.badID)
            bad = BadRevisions(document?.body["revisions"] ?? .list([]))
        } catch {
            throw RolloutServiceError(error)
        }
        heads = found
    }

    /// Reads one rollout with its agents.
    func read(_ id: String) async throws(RolloutServiceError) -> Rollout {
        var found: [String: Tree] = [:]
        do throws(StoreError) {
            guard let head = try await parts.store.document(.rollout, Self.headID(id)) else {
                throw StoreError.damaged("rollout '\(id)' is gone")
            }
            found[RolloutPart.head] = head.body
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
        do throws(RolloutUnreadable) { return try Rollout(parts: found) } catch {
            throw .unavailable("\(error)")
        }
    }

    /// Writes a rollout when that is due, and then does what it wants.
    func settle(_ id: String, isUrgent: Bool = false) async {
        guard var entry = active[id] else { return }
        let now = parts.clock.now
        let isDue =
            isUrgent || entry.needsAll || !entry.actions.isEmpty || entry.machine.rollout.mustBeKept
            || now - entry.written >= Self.writeInterval
        guard isDue else { return }
        let pieces = entry.machine.takeParts(all: entry.needsAll)
        do throws(StoreError) {
            try await write(id, pieces, of: entry.machine.rollout)
            entry.needsAll = false
            entry.written = now
            let actions = entry.actions
            entry.actions = []
            active[id] = entry
            await perform(actions, of: id)
        } catch {
            parts.logger.warning("rollout \(id) cannot be written and stands still: \(error)")
            entry.needsAll = true
            active[id] = entry
        }
        if let state = active[id]?.machine.rollout.state, state.isTerminal,
            active[id]?.actions.isEmpty == true
        {
            await finish(id)
        }
    }

    /// Writes rollouts and whatever belongs to it in one piece, and then does what they want.
    ///
    /// What is more than one write takes goes rollout by rollout, and the rest with the last of them.
    func commit(
        _ entries: [(id: String, entry: Active)], with others: [DocumentWrite] = []
    ) async throws(StoreError) {
        var entries = entries
        var writes: [DocumentWrite] = []
        for index in entries.indices {
            let id = entries[index].id
            let pieces = entries[index].entry.machine.takeParts(all: entries[index].entry.needsAll)
            if writes.count + pieces.count + others.count > StoreLimits.documentsPerWrite {
                try await parts.store.write(writes)
                writes = []
            }
            writes += pieces.map { .put(.rollout, Self.partID(id, $0.name), $0.body, expecting: .any) }
        }
        do throws(StoreError) {
            try await parts.store.write(writes + others)
        } catch {
            // What is in memory may be older than what is kept now: all of it is read again.
            if case .uncertain = error { lose("it is not known whether a command was kept: \(error)") }
            throw error
        }
        for (id, var entry) in entries {
            entry.needsAll = false
            entry.written = parts.clock.now
            active[id] = entry
            heads[id] = entry.machine.rollout.withoutMembers
        }
        for (id, _) in entries { await settle(id, isUrgent: true) }
    }

    /// Writes parts of a rollout, all or none.
    func write(_ id: String, _ pieces: [RolloutPart], of rollout: Rollout) async throws(StoreError) {
        guard !pieces.isEmpty else { return }
        _ = try await parts.store.write(
            pieces.map { .put(.rollout, Self.partID(id, $0.name), $0.body, expecting: .any) })
        heads[id] = rollout.withoutMembers
    }

    /// A rollout that has ended is not moved any more.
    private func finish(_ id: String) async {
        guard var entry = active[id] else { return }
        // The last moves of its agents came while the actions were done.
        let pieces = entry.machine.takeParts()
        do throws(StoreError) {
            try await write(id, pieces, of: entry.machine.rollout)
            active[id] = nil
        } catch {
            entry.needsAll = true
            active[id] = entry
        }
    }

    /// Keeps what is known of bad revisions.
    func writeBad() async {
        do throws(StoreError) {
            let body = Tree.table(["revisions": bad.tree])
            _ = try await parts.store.write([.put(.setting, Self.badID, body, expecting: .any)])
        } catch {
            parts.logger.warning("a bad revision cannot be written down: \(error)")
        }
    }

    /// Forgets the oldest rollouts that have ended, one at a time.
    func forgetOld() async {
        guard heads.count > Self.remembered,
            let oldest = heads.values.filter({ $0.state.isTerminal }).min(by: { $0.created < $1.created })
        else { return }
        do throws(StoreError) {
            let prefix = "p/\(oldest.id)/"
            let pieces = try await parts.store.documents(.rollout, prefix: prefix, after: nil, limit: 999)
            _ = try await parts.store.write(
                [.delete(.rollout, Self.headID(oldest.id), expecting: .any)]
                    + pieces.map { .delete(.rollout, $0.id, expecting: .any) })
            heads[oldest.id] = nil
        } catch {
            parts.logger.warning("rollout \(oldest.id) cannot be forgotten: \(error)")
        }
    }

    /// Takes over what the manager writes that moves the rollouts.
    func follow(_ changes: AsyncStream<StoreChange>) async {
        for await change in changes {
            guard !isOwner else { continue }
            switch change {
            case .document(.rollout, let name) where name.hasPrefix("h/"):
                await refresh(String(name.dropFirst(2)))
            case .everything:
                do throws(RolloutServiceError) { try await readHeads() } catch {
                    parts.logger.warning("cannot read the rollouts: \(error)")
                }
            default: break
            }
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
