internal import Pipeline

/// Puts the health of a collector together from its graph and the statuses.
struct HealthMaker {
    private let running: RunningGraph?
    private let statuses: [ComponentHealth]
    private let byKey: [StatusBoard.Key: ComponentHealth]

    init(_ running: RunningGraph?, _ board: StatusBoard) {
        self.running = running
        statuses = board.all
        let keyed = statuses.map { (StatusBoard.Key(kind: $0.kind, id: $0.id), $0) }
        byKey = Dictionary(keyed) { first, _ in first }
    }

    func health(startedAt: UInt64, uptime: Duration) -> CollectorHealth {
        CollectorHealth(
            isReady: isReady, startedAt: startedAt, uptime: uptime, components: statuses,
            pipelines: pipelines)
    }

    /// Whether every receiver runs, and none of them has been asked to stop.
    private var isReady: Bool {
        guard let running, running.isReady else { return false }
        return !statuses.contains { $0.kind == .receiver && $0.status == .stopping }
    }

    private var pipelines: [PipelineHealth] {
        guard let graph = running?.graph else { return [] }
        return graph.pipelines.sorted { $0.id.description < $1.id.description }.map { pipeline in
            let components =
                find([.receiver, .connector], pipeline.receivers) + find([.processor], pipeline.processors)
                + find([.exporter, .connector], pipeline.exporters)
            return PipelineHealth(id: pipeline.id, components: components)
        }
    }

    private func find(_ kinds: [ComponentKind], _ ids: [ComponentID]) -> [ComponentHealth] {
        ids.compactMap { id in
            kinds.lazy.compactMap { byKey[StatusBoard.Key(kind: $0, id: id)] }.first
        }
    }
}
