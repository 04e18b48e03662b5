internal import Pipeline

/// The order in which pipelines stand: one that feeds another through a connector comes first.
struct PipelineOrder {
    /// Pipelines that feed each other in a circle, with the connectors between them.
    struct Loop: Error, Equatable {
        let path: [String]
    }

    /// Sources first, or the loop that makes an order impossible.
    let result: Result<[PipelineConfiguration], Loop>

    /// Only `connectors` join pipelines: a receiver and an exporter may have the same id.
    init(_ pipelines: [PipelineConfiguration], connectors: Set<ComponentID>) {
        var visit = Visit(pipelines: pipelines, connectors: connectors)
        do throws(Loop) {
            for pipeline in pipelines { try visit.enter(pipeline, through: []) }
            result = .success(visit.finished.reversed())
        } catch {
            result = .failure(error)
        }
    }

    private struct Visit {
        let pipelines: [PipelineConfiguration]
        let connectors: Set<ComponentID>
        var finished: [PipelineConfiguration] = []
        var done: Set<PipelineID> = []

        mutating func enter(_ pipeline: PipelineConfiguration, through path: [String]) throws(Loop) {
            let name = "pipeline:\(pipeline.id)"
            if let start = path.firstIndex(of: name) { throw Loop(path: path[start...] + [name]) }
            guard !done.contains(pipeline.id) else { return }
            for id in pipeline.exporters where connectors.contains(id) {
                for target in pipelines where target.receivers.contains(id) {
                    try enter(target, through: path + [name, "connector:\(id)"])
                }
            }
            done.insert(pipeline.id)
            finished.append(pipeline)
        }
    }
}
