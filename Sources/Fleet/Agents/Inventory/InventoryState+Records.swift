internal import FleetModel
internal import FleetStore
internal import OpAMP

/// What others get to see.
extension InventoryState {
    /// What selectors see of an agent.
    func labels(_ place: UInt32) -> [String: String] {
        guard let row = hot[Int(place)], let agent = agents[Int(place)] else { return [:] }
        var all = attributes(row, agent)
        for (key, value) in tables.labels[row.labels] ?? [:] { all[key] = value }
        return all
    }

    func attributes(_ row: HotAgent, _ agent: Agent) -> [String: String] {
        let list = tables.attributes.list(AttributeTable.Numbers(profile: row.profile, own: agent.own))
        return Dictionary(list.map { ($0.key, $0.value) }) { first, _ in first }
    }

    func assignment(_ place: UInt32) -> Assignment? {
        guard let row = hot[Int(place)], let agent = agents[Int(place)] else { return nil }
        return tables.terms[row.terms]?.assignment(of: agent.uid, time: agent.assignmentTime)
    }

    func overview(_ place: UInt32) -> AgentOverview? {
        guard let row = hot[Int(place)], let agent = agents[Int(place)] else { return nil }
        let error = agent.health?.error ?? ""
        return AgentOverview(
            uid: agent.uid, name: agent.name, version: tables.builds[row.build]?.version ?? "",
            isConnected: row.flags.contains(.isConnected), isWaiting: row.flags.contains(.isWaiting),
            lastSeen: row.lastSeen, isHealthy: row.isHealthy, error: error.isEmpty ? nil : error,
            drift: DriftState(number: row.drift), labels: labels(place), assignment: assignment(place))
    }

    func record(_ place: UInt32, replica: String) -> AgentRecord? {
        guard let row = hot[Int(place)], let agent = agents[Int(place)], let overview = overview(place) else {
            return nil
        }
        let list = tables.attributes.list(AttributeTable.Numbers(profile: row.profile, own: agent.own))
        let identity = list.filter(\.isIdentifying).map { ($0.key, $0.value) }
        var health = agent.health.flatMap { tables.shapes[agent.shape]?.tree($0) }
        if agent.shape == .absent { health = nil }
        let isHere = agent.connection != nil
        return AgentRecord(
            overview: overview, build: tables.builds[row.build]?.text ?? "", firstSeen: agent.firstSeen,
            peer: agent.connection?.peer ?? "", isWebSocket: agent.connection?.isWebSocket,
            replica: isHere ? replica : overview.isConnected ? FleetStore.replica(ofLife: agent.owner) : "",
            ownLabels: tables.labels[row.labels] ?? [:],
            attributes: attributes(row, agent), identity: Dictionary(identity) { first, _ in first },
            capabilities: agent.session.capabilities,
            customCapabilities: tables.customs[agent.customs] ?? [], health: health,
            worst: agent.health?.worst ?? .ok, worstSince: agent.worstSince,
            started: agent.health?.started ?? 0, reportedHash: agent.reportedHash,
            effective: tables.effective[row.effective], history: agent.history,
            flow: Self.flow(agent), components: tables.components[agent.components],
            connectionSettings: agent.settingsStatus, packages: packageRecord(agent))
    }

    func facts(_ place: UInt32, withLabels: Bool) -> AgentFacts? {
        guard let row = hot[Int(place)], let agent = agents[Int(place)],
            !row.flags.contains(.isWaiting)
        else { return nil }
        var facts = AgentFacts(uid: agent.uid)
        facts.isConnected = row.flags.contains(.isConnected)
        facts.acceptsRemoteConfig = agent.session.capabilities.contains(.acceptsRemoteConfig)
        facts.speaksCustom = tables.customs[agent.customs]?.contains(ConfigMessage.capability) ?? false
        facts.build = tables.builds[row.build]?.text ?? ""
        facts.history = agent.history
        facts.isHealthy = row.isHealthy
        let error = agent.health?.error ?? ""
        facts.healthError = error.isEmpty ? nil : error
        facts.worst = agent.health?.worst ?? .ok
        facts.worstSince = agent.worstSince
        facts.started = agent.health?.started ?? 0
        facts.flow = Self.flow(agent)
        facts.assignment = assignment(place)
        if withLabels { facts.labels = labels(place) }
        return facts
    }

    private static func flow(_ agent: Agent) -> FlowHistory {
        var history = FlowHistory()
        for sample in agent.flow { history.add(sample) }
        return history
    }
}
