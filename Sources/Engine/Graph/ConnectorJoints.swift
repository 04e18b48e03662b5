internal import Pipeline
internal import Telemetry

/// The outlets of all connectors of a graph: made before the lanes are built, connected when all of them are.
final class ConnectorJoints: Sendable {
    /// An outlet and the pipelines that it leads into.
    struct Joint: Sendable {
        let targets: [PipelineID]
        let outlet: Outlet
    }

    private let byPipeline: [ComponentID: [PipelineID: Joint]]
    private let bySignal: [ComponentID: [Signal: Joint]]

    init(pipelines: [PipelineConfiguration], connectors: some Sequence<ComponentID>, lanes: [Lane]) {
        var byPipeline: [ComponentID: [PipelineID: Joint]] = [:]
        var bySignal: [ComponentID: [Signal: Joint]] = [:]
        for id in connectors {
            let targets = pipelines.filter { $0.receivers.contains(id) }.map { $0.id }
            for target in targets {
                let outlet = Outlet(signal: target.signal, lanes: lanes)
                byPipeline[id, default: [:]][target] = Joint(targets: [target], outlet: outlet)
            }
            for (signal, group) in Dictionary(grouping: targets, by: { $0.signal }) {
                let outlet = Outlet(signal: signal, lanes: lanes)
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

    /// All outlets.
    var all: [Joint] {
        byPipeline.values.flatMap { $0.values } + bySignal.values.flatMap { $0.values }
    }
}
