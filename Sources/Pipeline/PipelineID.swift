public import Telemetry

/// The name of a pipeline: `signal` or `signal/name`, as in `traces/backend`.
public struct PipelineID: Hashable, Sendable, CustomStringConvertible {
    /// What flows through the pipeline.
    public let signal: Signal
    /// What tells two pipelines of one signal apart; `nil` when the identifier is the bare signal.
    public let name: String?

    public init(signal: Signal, name: String? = nil) {
        self.signal = signal
        self.name = name
    }

    /// Reads `signal[/name]`; `nil` when the signal is unknown or the name is empty.
    public init?(parsing text: String) {
        guard let id = ComponentID(parsing: text), let signal = Signal(rawValue: id.type) else { return nil }
        self.signal = signal
        name = id.name
    }

    public var description: String { name.map { "\(signal.rawValue)/\($0)" } ?? signal.rawValue }
}
