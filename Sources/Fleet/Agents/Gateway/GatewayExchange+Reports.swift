internal import FleetModel
internal import FleetStore
internal import OpAMP
internal import Settings
internal import Wire

/// What agents say, taken into the inventory.
extension GatewayExchange {
    mutating func take(
        _ prepared: PreparedReport, _ reception: Reception, _ place: UInt32, _ agent: Agent,
        _ state: inout GatewayState
    ) {
        let report = prepared.report
        let before = inventory.hot[Int(place)]?.drift
        if let attributes = prepared.attributes { inventory.describe(place, agent, as: attributes) }
        if reception.changesCapabilities {
            inventory.soil(place)
            inventory.refreshDrift(place, agent)
        }
        if let health = report.health { take(health, place, agent) }
        // Nobody answers for what an agent says that was not let in.
        guard agent.isAdmitted else {
            if report.connectionSettingsRequest != nil { work.append(.refuseCertificate(agent.uid)) }
            return
        }
        if let capabilities = report.customCapabilities { take(capabilities, place, agent) }
        if let status = report.remoteConfigStatus {
            let last = agent.history.last
            inventory.note(place, agent, status, at: time)
            tellNews(since: last, agent)
        }
        if let statuses = report.packageStatuses { take(statuses, place, agent) }
        if let effective = prepared.effective {
            inventory.note(place, agent, effective: effective.hash, content: effective.content)
        }
        if let components = report.availableComponents { take(components, place, agent, &state) }
        if let status = report.connectionSettingsStatus, status != agent.settingsStatus {
            agent.settingsStatus = status
            inventory.soil(place)
        }
        if let flow = prepared.flow {
            inventory.note(place, agent, FlowCounters(flow.total, at: time), at: time)
            gateway.pipelineFlows.note(agent.uid, flow, at: time)
            if gateway.inventory.store.isShared, agent.watchedUntil > time { inventory.soil(place) }
        }
        if let config = prepared.config { take(config.type, config.body, place, agent) }
        if let request = report.connectionSettingsRequest?.certificateSigningRequest {
            work.append(
                .certificate(String(decoding: request, as: UTF8.self), agent.uid, connection.principal))
        }
        if inventory.hot[Int(place)]?.drift == DriftState.drifted.number, before != DriftState.drifted.number
        {
            work.append(.tell(.drifted(agent.uid)))
        }
    }

    private mutating func take(_ health: ComponentHealth, _ place: UInt32, _ agent: Agent) {
        let before = agent.health?.isHealthy
        inventory.note(place, agent, health, at: time)
        guard agent.isAdmitted, let after = agent.health, after.isHealthy != before,
            before != nil || !after.isHealthy
        else { return }
        work.append(.tell(.health(agent.uid, isHealthy: after.isHealthy, error: after.error)))
    }

    private func take(_ capabilities: CustomCapabilities, _ place: UInt32, _ agent: Agent) {
        let names = capabilities.capabilities.prefix(32).map { $0.cut(toBytes: 128) }
        guard inventory.tables.customs[agent.customs] != names else { return }
        inventory.tables.customs.release(agent.customs)
        agent.customs = inventory.tables.customs.take(names)
        inventory.soil(place)
    }

    private mutating func tellNews(since last: ConfigurationReport?, _ agent: Agent) {
        guard let report = agent.history.last, report != last else { return }
        work.append(.tell(.reported(agent.uid, report)))
    }

    /// Components are named by a hash that the agent chose; all of them are kept once for each.
    private mutating func take(
        _ components: AvailableComponents, _ place: UInt32, _ agent: Agent, _ state: inout GatewayState
    ) {
        let hash = Array(components.hash.prefix(64))
        guard !hash.isEmpty else { return }
        if inventory.tables.components[agent.components] != hash {
            inventory.tables.components.release(agent.components)
            agent.components = inventory.tables.components.take(hash)
            inventory.soil(place)
        }
        guard !components.components.isEmpty, !state.knownComponents.contains(hash),
            state.knownComponents.count < AgentGateway.mostComponents
        else { return }
        state.knownComponents.insert(hash)
        state.askedComponents[hash] = nil
        work.append(.keepComponents(hash, components))
    }

    private mutating func take(_ type: String, _ body: Tree, _ place: UInt32, _ agent: Agent) {
        switch type {
        case "rolled_back":
            guard let from = body["from"]?.text.flatMap({ ContentHash($0) }) else { return }
            let reason = body["reason"]?.text ?? "the agent went back to what it ran before"
            let report = ConfigurationReport(
                hash: from.bytes, outcome: .rolledBack, message: reason, time: time)
            if inventory.note(place, agent, report) {
                work.append(.tell(.reported(agent.uid, agent.history.last ?? report)))
            }
        case "validated":
            let diagnostics = (body["diagnostics"]?.list ?? []).prefix(50).map(Self.text)
            work.append(
                .validated(
                    agent.uid,
                    ValidationAnswer(
                        id: (body["id"]?.text ?? "").cut(toBytes: 256),
                        isValid: body["valid"]?.text == "true", diagnostics: Array(diagnostics))))
        default: break
        }
    }

    /// A diagnostic of an agent on one line: the place and the message.
    private static func text(_ diagnostic: Tree) -> String {
        func part(_ key: String) -> String { diagnostic[key]?.text ?? "" }
        let place = [part("line"), part("column")].filter { !$0.isEmpty }.joined(separator: ":")
        let parts = [place, part("pointer"), part("message")].filter { !$0.isEmpty }
        return parts.joined(separator: ": ").cut(toBytes: 1024)
    }
}
