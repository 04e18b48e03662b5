internal import Pipeline
internal import Telemetry

/// The outlets of all connectors: made before the lanes are built, connected when all of them are.
final class ConnectorJoints: Sendable {
    /// Names the value of a connector that takes one signal.
    struct Key: Hashable {
        let connector: ComponentID
        let signal: Signal
    }

    private struct Joint: Sendable {
        let targets: [PipelineID]
        let outlet: Outlet
    }

    private let graph: Graph
    private let byPipeline: [ComponentID: [PipelineID: Joint]]
    private let bySignal: [ComponentID: [Signal: Joint]]

    init(graph: Graph, configuration: CollectorConfiguration) {
        self.graph = graph
        var byPipeline: [ComponentID: [PipelineID: Joint]] = [:]
        var bySignal: [ComponentID: [Signal: Joint]] = [:]
        for id in configuration.connectors.keys {
            let targets = configuration.pipelines.filter { $0.receivers.contains(id) }.map { $0.id }
            for target in targets {
                let outlet = Outlet(signal: target.signal, lanes: graph.lanes)
                byPipeline[id, default: [:]][target] = Joint(targets: [target], outlet: outlet)
            }
            for (signal, group) in Dictionary(grouping: targets, by: { $0.signal }) {
                let outlet = Outlet(signal: signal, lanes: graph.lanes)
                bySignal[id, default: [:]][signal] = Joint(targets: group, outlet: outlet)
            }
        }
        self.byPipeline = byPipeline
        self.bySignal = bySignal
    }

    /// What a connector on a lane may send to.
    func outlets(of connector: ComponentID, on lane: Int) -> ConnectorOutlets {
        ConnectorOutlets(
            lane: lane, outlets: (byPipeline[connector] ?? [:]).mapValues { $0.outlet },
            bySignal: (bySignal[connector] ?? [:]).mapValues { $0.outlet })
    }

    /// Leads every outlet to the pipelines behind it.
    func connect() {
        for joint in byPipeline.values.flatMap({ $0.values }) + bySignal.values.flatMap({ $0.values }) {
            graph.connect(joint.outlet, to: joint.targets)
        }
    }
}
