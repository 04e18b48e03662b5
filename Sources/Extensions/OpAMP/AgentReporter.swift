internal import OpAMP
internal import Pipeline

/// Says in the words of OpAMP what a collector is and how it is doing.
struct AgentReporter: Sendable {
    let description: OpAMPAgentDescription
    let labels: [String: String]

    // MARK: - Description

    func description(of identity: CollectorIdentity, uid: InstanceUID) -> AgentDescription {
        let identifying = [
            KeyValue("service.name", identity.serviceName),
            KeyValue("service.version", identity.serviceVersion),
            KeyValue("service.instance.id", "\(uid)"),
        ]
        var others = [
            "os.type": identity.osType, "os.description": identity.osDescription,
            "host.arch": identity.architecture, "host.name": identity.hostName,
        ].filter { !$0.value.isEmpty }
        if description.includeResourceAttributes {
            let known = Set(identifying.map(\.key))
            for (name, value) in identity.resource where !known.contains(name) { others[name] = value }
        }
        others.merge(description.nonIdentifyingAttributes) { $1 }
        others.merge(labels) { $1 }
        return AgentDescription(
            identifyingAttributes: identifying,
            nonIdentifyingAttributes: others.sorted { $0.key < $1.key }.map { KeyValue($0.key, $0.value) })
    }

    // MARK: - Health

    /// The most parts of a pipeline or of the extensions that are told; servers have limits.
    private static let partLimit = 250

    static func health(of health: CollectorHealth) -> OpAMP.ComponentHealth {
        tree(HealthTree(health, recoverableFirst: false), health, isRoot: true)
    }

    private static func tree(
        _ tree: HealthTree, _ health: CollectorHealth, isRoot: Bool = false
    ) -> OpAMP.ComponentHealth {
        let status = tree.status ?? .ok
        let isHealthy = status.error == nil && (!isRoot || health.isReady)
        return OpAMP.ComponentHealth(
            healthy: isHealthy, status: status.name, lastError: String((status.error ?? "").prefix(2000)),
            startTime: isRoot || status == .ok || status.error != nil ? health.startedAt : 0,
            statusTime: tree.since,
            components: Dictionary(
                tree.parts.prefix(partLimit).map { ($0.name, Self.tree($0.tree, health)) }
            ) { first, _ in first })
    }

    /// Whether two reports differ in more than words and times.
    static func isOtherState(_ left: OpAMP.ComponentHealth, _ right: OpAMP.ComponentHealth) -> Bool {
        left.healthy != right.healthy || left.status != right.status
            || left.components.count != right.components.count
            || left.components.contains { name, part in
                right.components[name].map { isOtherState(part, $0) } ?? true
            }
    }

    // MARK: - Configuration

    static func status(of state: RemoteConfigurationState) -> RemoteConfigStatus {
        let status: RemoteConfigStatus.Status =
            switch state.phase {
            case .unset: .unset
            case .applying: .applying
            case .applied: .applied
            case .failed: .failed
            }
        return RemoteConfigStatus(lastHash: state.hash, status: status, errorMessage: state.message)
    }

    static func effective(_ text: String) -> EffectiveConfig {
        EffectiveConfig(
            AgentConfigMap(["": AgentConfigObject(body: Array(text.utf8), contentType: "text/yaml")]))
    }

    // MARK: - Components

    static func components(of build: CollectorComponents) -> AvailableComponents {
        let sections = build.sections.map { section in
            let parts = section.components.map { component in
                (
                    component.type,
                    ComponentDetails(metadata: component.metadata.map { KeyValue($0.name, $0.value) })
                )
            }
            return (
                section.name,
                ComponentDetails(metadata: [], components: Dictionary(parts) { first, _ in first })
            )
        }
        return AvailableComponents(components: Dictionary(sections) { first, _ in first }, hash: build.hash)
    }

    // MARK: - Flow

    static func flow(_ flow: CollectorFlow) -> FlowReport {
        FlowReport(
            total: counters(flow.total),
            pipelines: flow.pipelines.map {
                FlowReport.Pipeline(id: "\($0.id)", counters: counters($0.counters))
            })
    }

    private static func counters(_ counters: CollectorFlow.Counters) -> FlowReport.Counters {
        var result = FlowReport.Counters()
        result.accepted = counters.accepted
        result.delivered = counters.delivered
        result.filtered = counters.filtered
        result.dropped = counters.dropped
        result.refused = counters.refused
        result.exportFailures = counters.exportFailures
        result.queued = counters.queued
        return result
    }
}
