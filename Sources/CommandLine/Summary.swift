internal import Engine
internal import Pipeline

/// A configuration in a few words.
enum Summary {
    /// How many pipelines there are and what they are made of, on one line.
    static func text(of configuration: CollectorConfiguration) -> String {
        let pipelines = configuration.pipelines
        let noun = pipelines.count == 1 ? "pipeline" : "pipelines"
        return "\(pipelines.count) \(noun): " + pipelines.map { line(for: $0) }.joined(separator: "; ")
    }

    /// `traces: otlp → batch → debug`.
    static func line(for pipeline: PipelineConfiguration) -> String {
        let stages = [pipeline.receivers, pipeline.processors, pipeline.exporters].filter { !$0.isEmpty }
        let path = stages.enumerated().map { index, ids in
            // Processors follow each other; receivers and exporters stand side by side.
            ids.map { $0.description }.joined(separator: index == 1 && stages.count == 3 ? " → " : ", ")
        }
        return "\(pipeline.id): " + path.joined(separator: " → ")
    }
}
