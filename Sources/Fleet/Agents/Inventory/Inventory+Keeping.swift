internal import FleetModel
public import FleetStore
internal import Logging
internal import OpAMP
internal import Pipeline
internal import Synchronization

/// What goes between memory and the store.
extension Inventory {
    /// Agents that are written in one transaction.
    private static let batch = 512
    /// Agents that are looked at for one, so that nobody waits long for the inventory.
    private static let looks = 4096
    /// Bytes of contents that are written in one transaction, unless one has more.
    private static let contentBatch = 8 << 20
    /// For how long it is not written that an agent has begun to apply something, in nanoseconds.
    private static let applyingPatience: UInt64 = 5_000_000_000
    private static let checkpointInterval = Duration.seconds(30)
    private static let cleanupInterval = Duration.seconds(3600)
    /// For how long other managers believe this one to be alive.
    private static let aliveFor = Duration.seconds(10)
    /// What leases are called that tell who is alive: each life of a manager has one, so that what one life
    /// said is not taken for what the next says.
    private static let lives = "replica/"
    /// How often others are told so.
    private static let aliveInterval = Duration.seconds(3)
    /// Agents that are looked at while the inventory is held once.
    private static let slice = 4096
    /// Agents that are taken while the inventory is held once, which costs much more.
    private static let takenSlice = 32
    /// Batches that are written before what others have written is read.
    private static let batchesPerTurn = 16

    /// Writes what has changed and reads what others have written, each second until the task is cancelled;
    /// then once more what is left.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            if store.isShared { group.addTask { await self.stayAlive() } }
            await self.keep()
            group.cancelAll()
        }
        do throws(StoreError) {
            try await flush()
            try await self.checkpoint()
            if store.isShared { try await store.releaseLease(Self.lives + store.life) }
        } catch {
            logger.error("what was known of agents last is lost", metadata: ["error": "\(error)"])
        }
    }

    /// Tells others that this manager is alive, however much there is to write, until the task is cancelled.
    private func stayAlive() async {
        while (try? await clock.sleep(for: Self.aliveInterval)) != nil {
            do throws(StoreError) { try await showLife() } catch {
                logger.warning(
                    "other managers cannot be told that this one is alive", metadata: ["error": "\(error)"])
            }
        }
    }

    private func keep() async {
        var checkpoint = clock.now
        var cleanup = clock.now
        var isBehind = false
        while !Task.isCancelled {
            // A manager with more to write than a turn takes goes on at once.
            if !isBehind { do { try await clock.sleep(for: .seconds(1)) } catch { break } }
            isBehind = false
            let now = clock.now
            do throws(StoreError) {
                isBehind = try await !flush(batches: Self.batchesPerTurn)
                if store.isShared { try await merge() }
                if now - checkpoint >= Self.checkpointInterval {
                    checkpoint = now
                    try await self.checkpoint()
                }
                if now - cleanup >= Self.cleanupInterval {
                    cleanup = now
                    try await dropUnusedShapes()
                    try await store.dropUnusedContents()
                    try await store.dropEndedLeases(prefix: Self.lives)
                }
            } catch {
                logger.warning(
                    "what is known of agents cannot be kept for now", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: - Writing

    /// Writes all agents that have changed, and the contents that they run.
    public func flush() async throws(StoreError) { while try await !flush(batches: .max) {} }

    /// Writes some of the agents that have changed, and the contents that they run.
    ///
    /// - Parameter limit: The most batches of agents.
    /// - Returns: Whether nothing is left.
    /// - Throws: What the store throws; what was not written is written the next time.
    func flush(batches limit: Int) async throws(StoreError) -> Bool {
        try await flushContents()
        try await flushShapes()
        var waiting: [UInt32] = []
        defer { state.withLock { $0.dirty += waiting } }
        var batches = 0
        while batches < limit {
            let batch = state.withLock { takeBatch($0, leaving: &waiting) }
            guard !batch.isEmpty else {
                if state.withLock(\.dirty.isEmpty) { return true }
                continue
            }
            batches += 1
            do throws(StoreError) {
                try await store.saveAgents(batch)
            } catch {
                state.withLock { state in
                    for save in batch { state.place(of: save.uid).map { state.soil($0) } }
                }
                throw error
            }
            state.withLock { state in
                for save in batch {
                    guard let agent = state.found(save.uid)?.agent else { continue }
                    agent.isStored = true
                    agent.initialLabels = nil
                }
            }
        }
        return state.withLock(\.dirty.isEmpty)
    }

    private func flushContents() async throws(StoreError) {
        while true {
            let part: [(ContentHash, [UInt8])] = state.withLock { state in
                var size = 0
                return state.contents.prefix { entry in
                    defer { size += entry.value.count }
                    return size < Self.contentBatch
                }.map { ($0.key, $0.value) }
            }
            guard !part.isEmpty else { return }
            try await store.putContents(part.map(\.1))
            state.withLock { state in
                for (hash, content) in part where state.contents.removeValue(forKey: hash) != nil {
                    state.contentBytes -= content.count
                }
            }
        }
    }

    private func takeBatch(_ state: InventoryState, leaving waiting: inout [UInt32]) -> [AgentSave] {
        var batch: [AgentSave] = []
        // Others go by what is written, and after the end there is no later.
        let mayWait = !store.isShared && !Task.isCancelled
        let time = clock.unixNanoseconds
        let begun = time - min(time, Self.applyingPatience)
        var looks = Self.looks
        while batch.count < Self.batch, looks > 0, let place = state.dirty.popLast() {
            looks -= 1
            guard let agent = state.agent(place), agent.isDirty, let row = state.hot[Int(place)] else {
                continue
            }
            // Whoever begins to apply something will soon say what has become of it.
            if mayWait, agent.isStored, let last = agent.history.last, last.outcome == .applying,
                last.time > begun
            {
                waiting.append(place)
                continue
            }
            agent.isDirty = false
            // Who is not let in yet leaves no trace. Where another manager has the agent, too, it is written
            // when it is settled whose it is.
            guard !row.flags.contains(.isWaiting), !(agent.contender?.connection is ReplicaClaim) else {
                continue
            }
            let kept = state.kept(agent, row)
            batch.append(
                AgentSave(
                    uid: agent.uid, owner: agent.connection == nil ? agent.owner : store.life,
                    initialLabels: agent.initialLabels ?? [:],
                    effective: state.tables.effective[row.effective],
                    state: kept.state, live: kept.live))
        }
        return batch
    }

    /// Writes when the agents that are or were connected here were heard last.
    public func checkpoint() async throws(StoreError) {
        var marks: [SeenMark] = []
        let count = state.withLock { $0.agents.count }
        for start in stride(from: 0, to: count, by: 4096) {
            state.withLock { state in
                for place in start..<min(start + 4096, state.agents.count) {
                    guard let agent = state.agents[place], agent.wasHere,
                        let row = state.hot[place], !row.flags.contains(.isWaiting)
                    else { continue }
                    marks.append(
                        SeenMark(
                            uid: agent.uid, time: row.lastSeen,
                            sequence: agent.session.sequenceNumber ?? 0))
                }
            }
        }
        try await store.checkpoint(marks)
    }

    // MARK: - Reading

    func load() async throws(StoreError) {
        if store.isShared {
            try await showLife()
            let alive = try await livesOfOthers()
            marks.withLock { $0.lives = alive }
        }
        try await loadShapes()
        try await readAgents(byOthers: false)
        try await dropUnusedShapes()
        for mark in try await store.checkpoints() {
            state.withLock { $0.note(mark) }
        }
        for slot in AssignmentSlot.allCases { _ = try await readAssignments(slot, byOthers: false) }
    }

    /// Reads what other managers have changed, and offers what agents that are connected here ought to run.
    func merge() async throws(StoreError) {
        try await showLife()
        let alive = try await livesOfOthers()
        let before = marks.withLock { marks in
            defer { marks.lives = alive }
            return marks.lives
        }
        if alive != before { follow(alive, changed: alive.symmetricDifference(before)) }
        try await readAgents(byOthers: true)
        for slot in AssignmentSlot.allCases {
            await pushOffers(try await readAssignments(slot, byOthers: true))
        }
    }

    /// Tells others that this manager is alive.
    private func showLife() async throws(StoreError) {
        _ = try await store.lease(Self.lives + store.life, for: Self.aliveFor)
    }

    /// The lives of other managers that are alive.
    private func livesOfOthers() async throws(StoreError) -> Set<String> {
        let names = try await store.leases(prefix: Self.lives)
        return Set(names.map { String($0.dropFirst(Self.lives.count)) }).subtracting([store.life])
    }

    /// Agents of managers that are gone are not connected, and those of managers that are back are.
    private func follow(_ alive: Set<String>, changed: Set<String>) {
        let count = state.withLock { $0.agents.count }
        for start in stride(from: 0, to: count, by: Self.slice) {
            state.withLock { $0.follow(alive, changed: changed, start..<(start + Self.slice)) }
        }
    }

    private func readAgents(byOthers: Bool) async throws(StoreError) {
        while true {
            let (mark, lives) = marks.withLock { ($0.agents, $0.lives) }
            let rows = try await store.agents(changedAfter: mark, byOthers: byOthers, limit: 1000)
            guard let last = rows.last else { return }
            // Messages of agents wait while the inventory is held, so it is held only to take what was read.
            let kept = rows.map { KeptAgent($0.uid, state: $0.state, live: $0.live) }
            var claims: [ReplicaClaim] = []
            for start in stride(from: 0, to: rows.count, by: Self.takenSlice) {
                claims += state.withLock { state in
                    (start..<min(start + Self.takenSlice, rows.count)).compactMap { index in
                        kept[index].flatMap {
                            state.take(
                                rows[index], $0, isAlive: lives.contains(rows[index].owner), life: store.life)
                        }
                    }
                }
            }
            if !claims.isEmpty { tellClaims(claims) }
            marks.withLock { $0.agents = last.mark }
        }
    }

    private func readAssignments(
        _ slot: AssignmentSlot, byOthers: Bool
    ) async throws(StoreError) -> [InstanceUID] {
        var changed: [InstanceUID] = []
        while true {
            let mark = marks.withLock { $0.assignments[slot] ?? .beginning }
            let rows = try await store.assignments(
                in: slot, changedAfter: mark, byOthers: byOthers, limit: 1000)
            guard let last = rows.last else { return changed }
            state.withLock { state in
                for row in rows {
                    guard let (place, agent) = state.found(row.uid) else { continue }
                    switch slot {
                    case .configuration: state.assign(place, agent, row.assignment)
                    case .packages: state.assignPackages(place, agent, row.assignment)
                    }
                    if agent.connection != nil { changed.append(row.uid) }
                }
            }
            marks.withLock { $0.assignments[slot] = last.mark }
        }
    }

    /// Follows what other managers forget, also since the inventory was opened, until the task is cancelled.
    ///
    /// To be called once.
    public func follow() async {
        for await change in changes where store.isShared {
            switch change {
            case .agentRemoved(let uid): _ = state.withLock { $0.remove(uid) }
            case .everything: await forgetRemoved()
            default: break
            }
        }
    }

    /// Forgets the agents that are not in the store any more, because it is not known which these are.
    private func forgetRemoved() async {
        var removed = state.withLock { state in
            Set(state.agents.compactMap { agent in agent.flatMap { $0.isStored ? $0.uid : nil } })
        }
        var mark = ChangeMark.beginning
        do throws(StoreError) {
            while true {
                let rows = try await store.agents(changedAfter: mark, limit: 1000)
                guard let last = rows.last else { break }
                for row in rows { removed.remove(row.uid) }
                mark = last.mark
            }
        } catch {
            logger.warning(
                "which agents other managers have forgotten is not known", metadata: ["error": "\(error)"])
            return
        }
        let uids = removed
        state.withLock { state in for uid in uids { _ = state.remove(uid) } }
    }
}
