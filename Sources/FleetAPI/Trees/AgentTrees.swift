internal import Fleet
internal import FleetModel
internal import HTTPAPI
internal import OpAMP
internal import Settings

/// Agents as documents.
enum AgentTrees {
    /// What lists say.
    static func tree(of agent: AgentOverview) -> Tree { Tree(.table(entries(of: agent))) }

    /// Everything.
    static func tree(of agent: AgentRecord, pipelines: [PipelineFlow] = []) -> Tree {
        var entries = entries(of: agent.overview)
        entries.add("build", agent.build)
        entries.add("first_seen", time: agent.firstSeen)
        entries.add("started", time: agent.started)
        entries.add("peer", agent.peer)
        entries.add("replica", agent.replica)
        entries.add("transport", agent.isWebSocket.map { $0 ? "websocket" : "http" })
        entries += [
            .init("own_labels", Trees.map(agent.ownLabels)),
            .init("attributes", Trees.map(agent.attributes)), .init("identity", Trees.map(agent.identity)),
            .init("capabilities", Trees.texts(names(of: agent.capabilities))),
            .init("custom_capabilities", Trees.texts(agent.customCapabilities)),
        ]
        if let health = agent.health { entries.append(.init("health", tree(of: health, depth: 0))) }
        if let assignment = agent.overview.assignment {
            entries.append(.init("assignment", tree(of: assignment)))
        }
        entries.add("effective_hash", agent.effective?.description)
        entries.add("reported_hash", Hash.hexadecimal(agent.reportedHash))
        entries.append(.init("history", .list(reports(of: agent))))
        if let packages = agent.packages {
            entries.append(.init("packages", PackageTrees.tree(of: packages)))
        }
        if let rates = rates(of: agent.flow) { entries.append(.init("rates", rates)) }
        let single = pipelines.compactMap(rates)
        if !single.isEmpty { entries.append(.init("pipeline_rates", .list(single))) }
        return Tree(.table(entries))
    }

    /// What it said about configurations, the newest first.
    static func reports(of agent: AgentRecord) -> [Tree] {
        agent.history.reversed().map { report in
            var entries: [Tree.Entry] = [
                .init("time", Trees.time(report.time)), .init("outcome", .text(report.outcome.rawValue)),
                .init("hash", .text(Hash.hexadecimal(report.hash))),
            ]
            if let assignment = agent.overview.assignment, assignment.hash.bytes == report.hash {
                entries.append(.init("revision", .text("\(assignment.revision)")))
            }
            entries.add("message", report.message)
            return Tree(.table(entries))
        }
    }

    private static func entries(of agent: AgentOverview) -> [Tree.Entry] {
        var entries: [Tree.Entry] = [.init("uid", .text("\(agent.uid)"))]
        entries.add("name", agent.name)
        entries.add("version", agent.version)
        entries.append(.init("connected", .bool(agent.isConnected)))
        if agent.isWaiting { entries.append(.init("waiting", .bool(true))) }
        entries.add("last_seen", time: agent.lastSeen)
        if let isHealthy = agent.isHealthy { entries.append(.init("healthy", .bool(isHealthy))) }
        entries.add("error", agent.error)
        entries += [
            .init("drift", .text(agent.drift.rawValue)), .init("labels", Trees.map(agent.labels)),
        ]
        if let assignment = agent.assignment {
            entries.append(.init("revision", .text("\(assignment.revision)")))
            entries.append(.init("rollout", .text(assignment.rollout)))
        }
        return entries
    }

    /// As the specification of OpAMP names them, without those that nobody has named.
    private static func names(of capabilities: AgentCapabilities) -> [String] {
        let names: [(AgentCapabilities, String)] = [
            (.reportsStatus, "ReportsStatus"), (.acceptsRemoteConfig, "AcceptsRemoteConfig"),
            (.reportsEffectiveConfig, "ReportsEffectiveConfig"), (.acceptsPackages, "AcceptsPackages"),
            (.reportsPackageStatuses, "ReportsPackageStatuses"), (.reportsOwnTraces, "ReportsOwnTraces"),
            (.reportsOwnMetrics, "ReportsOwnMetrics"), (.reportsOwnLogs, "ReportsOwnLogs"),
            (.acceptsOpAMPConnectionSettings, "AcceptsOpAMPConnectionSettings"),
            (.acceptsOtherConnectionSettings, "AcceptsOtherConnectionSettings"),
            (.acceptsRestartCommand, "AcceptsRestartCommand"), (.reportsHealth, "ReportsHealth"),
            (.reportsRemoteConfig, "ReportsRemoteConfig"), (.reportsHeartbeat, "ReportsHeartbeat"),
            (.reportsAvailableComponents, "ReportsAvailableComponents"),
            (.reportsConnectionSettingsStatus, "ReportsConnectionSettingsStatus"),
        ]
        return names.filter { capabilities.contains($0.0) }.map { $0.1 }
    }

    static func tree(of assignment: Assignment) -> Tree {
        var entries: [Tree.Entry] = [
            .init("revision", .text("\(assignment.revision)")),
            .init("hash", .text(assignment.hash.description)), .init("rollout", .text(assignment.rollout)),
            .init("time", Trees.time(assignment.time)), .init("expect_drop", .bool(assignment.expectsDrop)),
        ]
        if let time = assignment.confirmWithin {
            entries.append(.init("confirm_within", .text("\(time)s")))
        }
        return Tree(.table(entries))
    }

    private static func tree(of health: ComponentHealth, depth: Int) -> Tree {
        var entries = [Tree.Entry("healthy", .bool(health.healthy))]
        entries.add("status", health.status)
        entries.add("error", health.lastError)
        entries.add("started", time: health.startTime)
        entries.add("since", time: health.statusTime)
        if !health.components.isEmpty, depth < 8 {
            let components = health.components.sorted { $0.key < $1.key }.map {
                Tree.Entry($0.key, tree(of: $0.value, depth: depth + 1))
            }
            entries.append(.init("components", Tree(.table(components))))
        }
        return Tree(.table(entries))
    }

    /// Per second, between the last two samples; `nil` while there are no two.
    private static func rates(of flow: FlowHistory) -> Tree? {
        guard let last = flow.samples.last, let before = flow.samples.dropLast().last else { return nil }
        return rates(before, last).map { Tree(.table($0)) }
    }

    private static func rates(of flow: PipelineFlow) -> Tree? {
        rates(flow.before, flow.last).map { Tree(.table([.init("id", .text(flow.id))] + $0)) }
    }

    private static func rates(_ before: FlowCounters, _ last: FlowCounters) -> [Tree.Entry]? {
        guard last.time > before.time else { return nil }
        let seconds = Double(last.time - before.time) / 1e9
        func rate(_ key: KeyPath<FlowCounters, UInt64>) -> Tree {
            let (new, old) = (last[keyPath: key], before[keyPath: key])
            return .number((new >= old ? Double(new - old) / seconds * 10 : 0).rounded() / 10)
        }
        return [
            .init("accepted", rate(\.accepted)), .init("delivered", rate(\.delivered)),
            .init("filtered", rate(\.filtered)), .init("dropped", rate(\.dropped)),
            .init("refused", rate(\.refused)), .init("export_failures", rate(\.exportFailures)),
            .init("queued", .number(last.queued)),
        ]
    }
}
