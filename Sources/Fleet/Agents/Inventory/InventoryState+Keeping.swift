internal import FleetModel
internal import FleetStore
internal import OpAMP

/// Agents as they are kept.
extension InventoryState {
    /// What is written of an agent.
    func kept(_ agent: Agent, _ row: HotAgent) -> KeptAgent {
        var kept = KeptAgent(agent.uid)
        let list = tables.attributes.list(AttributeTable.Numbers(profile: row.profile, own: agent.own))
        kept.report.agentDescription = list.isEmpty ? nil : AgentDescription(list)
        kept.report.capabilities = agent.session.capabilities
        kept.report.sequenceNumber = agent.session.sequenceNumber ?? 0
        kept.report.customCapabilities = tables.customs[agent.customs].map { CustomCapabilities($0) }
        kept.known = agent.session.known
        kept.firstSeen = agent.firstSeen
        kept.lastSeen = row.lastSeen
        kept.reportedHash = agent.reportedHash
        kept.history = agent.history
        kept.report.packageStatuses = agent.packages?.statuses.withoutProgress
        kept.packageHistory = agent.packages?.history ?? []
        kept.baseline = tables.effective[agent.baseline]
        kept.components = tables.components[agent.components]
        kept.offeredSettings = agent.offeredSettings
        kept.health = agent.health
        kept.shape = keptShapes.hash(agent.shape)
        kept.worstSince = agent.worstSince
        kept.ownedSince = agent.connectedSince
        kept.isProven = agent.isProven
        // Only what gates look at is worth telling other managers.
        kept.flow = agent.watchedUntil > row.lastSeen ? agent.flow : Array(agent.flow.suffix(2))
        return kept
    }

    /// Takes what the store has of an agent, unless it is connected here and later than there.
    ///
    /// - Parameters:
    ///   - row: From the store.
    ///   - kept: What it says.
    ///   - isAlive: Whether the manager that it is connected to is alive.
    ///   - life: This manager in this life.
    /// - Returns: What has to be settled first, because the agent is connected here and later there.
    func take(_ row: StoredAgent, _ kept: KeptAgent, isAlive: Bool, life: String) -> ReplicaClaim? {
        let before = found(row.uid)
        if let before, before.agent.connection != nil {
            label(before.place, row.labels)
            let hasMoved =
                isAlive && row.owner != life && kept.ownedSince > before.agent.connectedSince
            return hasMoved ? ReplicaClaim(row, since: kept.ownedSince, isProven: kept.isProven) : nil
        }
        let assignment = before.flatMap { self.assignment($0.place) }
        let packages = before.flatMap { packageAssignment($0.agent) }
        let agent = Agent(uid: row.uid, firstSeen: kept.firstSeen)
        agent.isStored = true
        agent.owner = row.owner == life ? "" : shared(row.owner)
        let place = put(agent)
        label(place, row.labels)
        restore(place, agent, kept, effective: row.effective)
        if isAlive { update(place) { $0.flags.insert(.isConnected) } }
        if let assignment { assign(place, agent, assignment) }
        assignPackages(place, agent, packages)
        return nil
    }

    private func restore(_ place: UInt32, _ agent: Agent, _ kept: KeptAgent, effective: ContentHash?) {
        agent.session = ServerSession(
            sequenceNumber: kept.report.sequenceNumber == 0 ? nil : kept.report.sequenceNumber,
            capabilities: kept.report.capabilities, known: kept.known)
        describe(place, agent, as: kept.report.agentDescription?.attributes ?? [])
        if let hash = kept.shape, let shape = keptShapes[hash], kept.health != nil {
            agent.shape = tables.shapes.take(shape)
            keptShapes.note(agent.shape, is: hash)
        }
        agent.lacksHealth = kept.known.contains(.health) && agent.shape == .absent
        agent.reportedHash = kept.reportedHash
        agent.history = kept.history
        restorePackages(agent, kept.report.packageStatuses, kept.packageHistory)
        agent.offeredSettings = kept.offeredSettings
        agent.connectedSince = kept.ownedSince
        agent.flow = kept.flow
        agent.worstSince = kept.worstSince
        agent.customs = kept.report.customCapabilities.map { tables.customs.take($0.capabilities) } ?? .absent
        agent.components = kept.components.map { tables.components.take($0) } ?? .absent
        agent.baseline = kept.baseline.map { tables.effective.take($0) } ?? .absent
        let number = effective.map { tables.effective.take($0) } ?? .absent
        update(place) { row in
            row.effective = number
            row.lastSeen = kept.lastSeen
        }
        if let health = kept.health { set(place, agent, health, worstSince: kept.worstSince) }
        refreshDrift(place, agent)
        // What was read is not news to the store.
        agent.isDirty = false
    }

    /// Takes when an agent was heard last, if that is later than what is known.
    func note(_ mark: SeenMark) {
        guard let (place, agent) = found(mark.uid), let row = hot[Int(place)], row.lastSeen < mark.time else {
            return
        }
        agent.session = ServerSession(
            sequenceNumber: mark.sequence == 0 ? nil : mark.sequence,
            capabilities: agent.session.capabilities, known: agent.session.known)
        update(place) { $0.lastSeen = mark.time }
    }

    /// Other managers have gone or come back: whether agents are connected to them follows from that.
    func follow(_ alive: Set<String>, changed: Set<String>, _ places: Range<Int>) {
        for place in places.clamped(to: agents.indices) {
            guard let agent = agents[place], agent.connection == nil, changed.contains(agent.owner) else {
                continue
            }
            update(UInt32(place)) { row in
                if alive.contains(agent.owner) {
                    row.flags.insert(.isConnected)
                } else {
                    row.flags.remove(.isConnected)
                }
            }
        }
    }

    /// The same text in one piece of memory, for there are few managers.
    private func shared(_ life: String) -> String {
        if lives.count > 64 { lives = [] }
        return life.isEmpty ? life : lives.insert(life).memberAfterInsert
    }
}
