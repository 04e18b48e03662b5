internal import Pipeline
internal import Settings
internal import Telemetry

/// What of a running graph goes on under another configuration, because nothing about it has changed.
struct Continuity {
    private(set) var extensions: Set<ComponentID> = []
    private(set) var receivers: Set<ComponentID> = []
    private(set) var processors: Set<ComponentID> = []
    private(set) var exporters: Set<ComponentID> = []
    private(set) var connectors: Set<ComponentID> = []
    /// Pipelines whose way from the first processor to the last exporter stays.
    private(set) var pipelines: Set<PipelineID> = []

    private let configuration: CollectorConfiguration
    private let running: Graph?

    /// Compares `configuration` with the graph that runs, if there is one.
    init(_ configuration: CollectorConfiguration, from running: Graph?) {
        self.configuration = configuration
        self.running = running
        guard let running else { return }
        let components = running.components
        extensions = lastingExtensions(components)
        receivers = Set(components.receivers.keys.filter { lasts(components.receivers[$0]?.record) })
        processors = Set(components.processors.keys.filter { lasts(components.processors[$0]) })
        exporters = Set(components.exporters.keys.filter { lasts(components.exporters[$0]?.record) })
        connectors = Set(components.connectors.keys.filter { lasts(components.connectors[$0]) })
        pipelines = Set(configuration.pipelines.filter { hasSameWay($0) }.map { $0.id })
    }

    /// Whether a component of `kind` goes on.
    func keeps(_ kind: ComponentKind, _ id: ComponentID) -> Bool {
        switch kind {
        case .receiver: receivers.contains(id)
        case .processor: processors.contains(id)
        case .exporter: exporters.contains(id)
        case .connector: connectors.contains(id)
        case .extension: extensions.contains(id)
        }
    }

    /// Extensions that are the same and use only extensions that are the same.
    private func lastingExtensions(_ components: GraphComponents) -> Set<ComponentID> {
        let same = components.extensions.filter {
            configuration.identity(of: .extension, $0.id) == $0.record.identity
        }
        var lasting = Set(same.map { $0.id })
        var size = -1
        while size != lasting.count {
            size = lasting.count
            lasting = lasting.filter { id in
                same.first { $0.id == id }?.record.lookup.used.isSubset(of: lasting) ?? false
            }
        }
        return lasting
    }

    private func lasts(_ record: ComponentRecord?) -> Bool {
        guard let record else { return false }
        return configuration.identity(of: record.kind, record.id) == record.identity
            && record.lookup.used.isSubset(of: extensions)
    }

    private func hasSameWay(_ pipeline: PipelineConfiguration) -> Bool {
        guard let old = running?.pipelines.first(where: { $0.id == pipeline.id }) else { return false }
        return old.processors == pipeline.processors && old.exporters == pipeline.exporters
            && pipeline.processors.allSatisfy { processors.contains($0) }
            && pipeline.exporters.allSatisfy { exporters.contains($0) || connectors.contains($0) }
    }
}

extension CollectorConfiguration {
    /// The ways out of pipelines that may have a queue: to an exporter, or to a connector.
    var ends: Set<Graph.EndKey> {
        Set(
            pipelines.flatMap { pipeline in
                pipeline.exporters.map { Graph.EndKey(exporter: $0, signal: pipeline.id.signal) }
            })
    }

    /// Who a component is under this configuration; `nil` when nothing uses it.
    func identity(of kind: ComponentKind, _ id: ComponentID) -> ComponentIdentity? {
        switch kind {
        case .receiver:
            let signals = Set(pipelines.filter { $0.receivers.contains(id) }.map { $0.id.signal })
            guard let configured = receivers[id], !signals.isEmpty else { return nil }
            return ComponentIdentity(
                type: configured.type.name, settings: configured.settings, signals: signals)
        case .processor:
            guard let step = steps[id], pipelines.contains(where: { $0.processors.contains(id) }) else {
                return nil
            }
            return ComponentIdentity(type: step.type.name, settings: step.settings)
        case .exporter:
            guard let configured = exporters[id], pipelines.contains(where: { $0.exporters.contains(id) })
            else { return nil }
            return ComponentIdentity(type: configured.type.name, settings: configured.settings)
        case .connector:
            guard let connector = connectors[id], pipelines.contains(where: { $0.exporters.contains(id) })
            else { return nil }
            return ComponentIdentity(type: connector.type.name, settings: connector.settings)
        case .extension:
            guard let configured = extensions[id], enabledExtensions.contains(id) else { return nil }
            return ComponentIdentity(type: configured.type.name, settings: configured.settings)
        }
    }
}
