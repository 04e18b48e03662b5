public import Pipeline

/// A place in a pipeline where telemetry can be looked at as it passes.
public enum TapPoint: Sendable, Hashable {
    /// What comes into a pipeline, before its first processor.
    case entry(PipelineID)
    /// What a processor of a pipeline hands on.
    case after(PipelineID, ComponentID)

    /// The pipeline it is in.
    public var pipeline: PipelineID {
        switch self {
        case .entry(let pipeline), .after(let pipeline, _): pipeline
        }
    }
}

/// Something on one lane that telemetry passes and that can be tapped.
protocol Tappable: AnyObject {
    /// Those who look at what passes; empty nearly always, and then nothing is done.
    var taps: [TapFeed] { get set }
}
