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
        kept.baseline = tables.effective[agent.baseline]
        kept.components = tables.components[agent.components]
        kept.offeredSettings = agent.offeredSettings
        kept.health = agent.health
        kept.worstSince = agent.worstSince
        kept.ownedSince = agent.connectedSince
        // Only what gates look at is worth telling other managers.
        kept.flow = agent.watchedUntil > row.lastSeen ? agent.flow : Array(agent.flow.suffix(2))
        return kept
    }

    /// Takes what the store has of an agent, unless it is connected here and later than there.
    ///
    /// - Parameters:
    ///   - row: From the store.
    ///   - isAlive: Whether the manager that it is connected to is alive.
    ///   - replica: This manager.
    /// - Returns: A connection that does not count any more, because the agent has gone to another manager.
    func take(_ row: StoredAgent, isAlive: Bool, replica: String) -> (any AgentConnection)? {
        guard let kept = KeptAgent(row.uid, state: row.state, live: row.live) else { return nil }
        let before = found(row.uid)
        var lost: (any AgentConnection)?
        if let before, let connection = before.agent.connection {
            let hasMoved =
                isAlive && row.owner != replica && kept.ownedSince > before.agent.connectedSince
            guard hasMoved else {
                label(before.place, row.labels)
                return nil
            }
            lost = connection
            before.agent.connection = nil
        }
        let assignment = before.flatMap { self.assignment($0.place) }
        if before != nil { _ = remove(row.uid) }
        let agent = Agent(uid: row.uid, firstSeen: kept.firstSeen)
        agent.isStored = true
        agent.replica = isAlive ? row.owner : ""
        let place = insert(agent, isWaiting: false)
        label(place, row.labels)
        restore(place, agent, kept, effective: row.effective)
        if isAlive, !row.owner.isEmpty { update(place) { $0.flags.insert(.isConnected) } }
        if let assignment { assign(place, agent, assignment) }
        return lost
    }

    private func restore(_ place: UInt32, _ agent: Agent, _ kept: KeptAgent, effective: ContentHash?) {
        agent.session = ServerSession(
            sequenceNumber: kept.report.sequenceNumber == 0 ? nil : kept.report.sequenceNumber,
            capabilities: kept.report.capabilities, known: kept.known)
        describe(place, agent, as: kept.report.agentDescription?.attributes ?? [])
        agent.lacksHealth = kept.known.contains(.health)
        agent.reportedHash = kept.reportedHash
        agent.history = kept.history
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

    /// The managers are gone, and nobody is connected to them any more.
    func disconnect(ofReplicas replicas: Set<String>) {
        for (place, agent) in agents.enumerated() {
            guard let agent, agent.connection == nil, replicas.contains(agent.replica) else { continue }
            agent.replica = ""
            update(UInt32(place)) { $0.flags.remove(.isConnected) }
        }
    }
}
