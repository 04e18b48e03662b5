public import Pipeline
public import Telemetry

/// What passes one edge of the graph.
public struct EdgeRates: Sendable, Equatable {
    /// A place where items are counted.
    public enum Edge: Sendable, Hashable {
        /// From a receiver into its pipelines: items that were accepted; errors are items that were refused.
        case receiver(ComponentID, Signal, transport: String)
        /// Into a pipeline: items that were accepted; errors are items that were refused.
        case pipeline(PipelineID)
        /// Into a processor; errors are items that the next step refused for good or that were lost here.
        case step(PipelineID, ComponentID)
        /// Out of a pipeline: items that the destination delivered; errors are items that were given up.
        case destination(PipelineID, ComponentID)
    }

    /// How much per second.
    public struct Rate: Sendable, Equatable {
        public let items: Double
        /// Bytes of OTLP; 0 where they are not counted, which is everywhere but at pipelines.
        public let bytes: Double
        public let errors: Double

        public init(items: Double, bytes: Double, errors: Double) {
            self.items = items
            self.bytes = bytes
            self.errors = errors
        }
    }

    public let edge: Edge
    /// Between the last two samples.
    public let second: Rate
    /// Over the last 60 samples, or since the edge exists.
    public let minute: Rate
    /// Over the last 600 to 610 samples, or since the edge exists.
    public let tenMinutes: Rate

    public init(edge: Edge, second: Rate, minute: Rate, tenMinutes: Rate) {
        self.edge = edge
        self.second = second
        self.minute = minute
        self.tenMinutes = tenMinutes
    }
}
