internal import Delivery
internal import Pipeline
internal import Settings

/// Works out what a change of the configuration means for each component, without doing anything.
struct ReconfigurationPlanner {
    private let before: CollectorConfiguration?
    private let running: Graph?
    private let after: CollectorConfiguration
    private let continuity: Continuity

    /// `running` is the graph of the configuration `before`.
    init(from before: CollectorConfiguration?, _ running: Graph?, to after: CollectorConfiguration) {
        self.before = before
        self.running = running
        self.after = after
        continuity = Continuity(after, from: running)
    }

    var plan: ReconfigurationPlan {
        ReconfigurationPlan(steps: steps, routes: routes, afterRestart: afterRestart)
    }

    private var steps: [ReconfigurationPlan.Step] {
        let single: [ComponentKind] = [.extension, .receiver, .connector, .exporter]
        let components = single.flatMap { kind in
            let old = ids(kind, before)
            let new = ids(kind, after)
            return old.union(new).sorted { $0.description < $1.description }.map { id in
                step(kind, id, nil, isOld: old.contains(id), isNew: new.contains(id))
            }
        }
        return components + processors
    }

    private var processors: [ReconfigurationPlan.Step] {
        func keys(_ configuration: CollectorConfiguration?) -> [Graph.StepKey] {
            (configuration?.pipelines ?? []).flatMap { pipeline in
                pipeline.processors.map { Graph.StepKey(pipeline: pipeline.id, processor: $0) }
            }
        }
        let old = Set(keys(before))
        let new = keys(after)
        let gone = keys(before).filter { !new.contains($0) }
        return (new + gone).map { key in
            step(
                .processor, key.processor, key.pipeline, isOld: old.contains(key), isNew: new.contains(key))
        }
    }

    private func ids(_ kind: ComponentKind, _ configuration: CollectorConfiguration?) -> Set<ComponentID> {
        guard let configuration else { return [] }
        let configured: [ComponentID] =
            switch kind {
            case .receiver: Array(configuration.receivers.keys)
            case .processor: Array(configuration.steps.keys)
            case .exporter: Array(configuration.exporters.keys)
            case .connector: Array(configuration.connectors.keys)
            case .extension: Array(configuration.extensions.keys)
            }
        return Set(configured.filter { configuration.identity(of: kind, $0) != nil })
    }

    private func step(
        _ kind: ComponentKind, _ id: ComponentID, _ pipeline: PipelineID?, isOld: Bool, isNew: Bool
    ) -> ReconfigurationPlan.Step {
        let action = action(kind, id, isOld: isOld, isNew: isNew)
        return ReconfigurationPlan.Step(
            kind: kind, id: id, pipeline: pipeline, action: action, cost: cost(of: action, kind, id))
    }

    private func action(
        _ kind: ComponentKind, _ id: ComponentID, isOld: Bool, isNew: Bool
    ) -> ReconfigurationPlan.Action {
        guard isNew else { return .remove }
        guard isOld else { return .add }
        guard !continuity.keeps(kind, id) else { return .keep }
        switch kind {
        case .receiver, .extension: return .adopt
        case .exporter, .connector: return hasQueue(id) ? .adopt : .replace
        case .processor: return .replace
        }
    }

    private func hasQueue(_ exporter: ComponentID) -> Bool {
        running?.components.ends.contains { $0.key.exporter == exporter && $0.value.queue != nil } ?? false
    }

    private func cost(
        of action: ReconfigurationPlan.Action, _ kind: ComponentKind, _ id: ComponentID
    ) -> String {
        switch (action, kind) {
        case (.keep, _): "Nothing: it goes on untouched."
        case (.adopt, .exporter), (.adopt, .connector):
            "Its queue goes over to the new one; requests under way are finished by the old one."
        case (.adopt, _):
            "Addresses that stay are handed over; open connections are served to their end."
        case (.replace, .processor):
            "What it keeps is let go at once; the new one begins with nothing."
        case (.replace, .connector): "The new one begins without what the old one remembers."
        case (.replace, _): "The new one takes the place of the old one between two batches."
        case (.add, _): "It starts beside what runs."
        case (.remove, .exporter):
            "Its queue is delivered within shutdown_timeout; the rest is lost, or stays on disk."
        case (.remove, .receiver): "It stops listening; requests under way are answered."
        case (.remove, _): "It ends when what it keeps has gone on."
        }
    }

    private var routes: [ReconfigurationPlan.Route] {
        let old = before?.pipelines.map { $0.id } ?? []
        let new = after.pipelines.map { $0.id }
        let staying = new.map { id in
            ReconfigurationPlan.Route(
                pipeline: id,
                action: continuity.pipelines.contains(id) ? .keep : old.contains(id) ? .replace : .add)
        }
        let gone = old.filter { !new.contains($0) }
            .map { ReconfigurationPlan.Route(pipeline: $0, action: .remove) }
        return staying + gone
    }

    /// Where the log goes and how it looks is settled when the process starts; its levels are not.
    private var afterRestart: [String] {
        guard let before else { return [] }
        let old = before.telemetry.logs.tree(.revealed)
        let new = after.telemetry.logs.tree(.revealed)
        let keys = (old?.table ?? []).map { $0.key } + (new?.table ?? []).map { $0.key }
        let fixed = Set(keys).subtracting(["level", "component_levels"])
        return fixed.filter { old?[$0] != new?[$0] }.sorted().map { "service::telemetry::logs::\($0)" }
    }
}
