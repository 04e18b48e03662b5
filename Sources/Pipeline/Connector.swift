public import Settings
public import Telemetry

/// A component that ends some pipelines and begins others.
///
/// Like a processor it has a value of its own on every lane. One that collects, and makes telemetry of its
/// own at a deadline, emits it; what the pipelines behind it refuse for now stays with the engine and is
/// offered again, and no more is asked for meanwhile. What comes in is taken nevertheless, so what is
/// collected needs a bound of its own.
public protocol Connector: Component {
    /// Which signals may come in and what then goes out.
    static var conversions: [(from: Signal, to: Signal)] { get }
    /// What is wrong with a configuration between certain pipelines, where the configuration alone is right.
    static func problems(of configuration: Configuration, at place: ConnectorPlace) -> [Problem]
    /// Takes the place that it was built for, and that of the value that had it before a change, if any.
    ///
    /// It is called once, before the first telemetry comes. A value that never begins, because a change has
    /// failed or was only looked at, is let go without a word: what it shares with others belongs to them.
    mutating func begin()
    /// Takes `batch` and hands on what follows from it.
    mutating func consume(_ batch: consuming Batch, into outlets: ConnectorOutlets) throws(Rejection)
        -> Receipt
    /// When `release` has to be called next; `nil` when there is nothing to make telemetry of.
    var deadline: Instant? { get }
    /// Emits what is due; called when `deadline` has passed, which is also asked after each `consume`.
    mutating func release(into output: inout Output)
    /// Emits everything that has not been emitted, because this value stops; `release` is not called again.
    ///
    /// What it shares with values that go on, on other lanes or in its successor, is left to them. It is
    /// called again where more may have come meanwhile.
    mutating func drain(into output: inout Output)
}

extension Connector {
    public mutating func begin() {}
    public var deadline: Instant? { nil }
    public mutating func release(into output: inout Output) {}
    public mutating func drain(into output: inout Output) {}
}

extension Connector {
    public static func problems(of configuration: Configuration, at place: ConnectorPlace) -> [Problem] { [] }
}

/// A connector that may have a queue in front of it.
///
/// The engine keeps the queue as it does those of exporters: bounded, on disk if wanted, taken over by a
/// successor, drained at the end. What the connector refuses for now stays there and is tried again.
public protocol QueuedConnector: Connector {
    /// How telemetry waits in front of it; `nil` when it does not.
    static func delivery(of configuration: Configuration) -> DeliverySettings?
}

/// The pipelines around a connector.
public struct ConnectorPlace: Sendable {
    /// Those that end in it.
    public let sources: [PipelineID]
    /// Those that it feeds.
    public let targets: [PipelineID]
    /// All that there are.
    public let pipelines: [PipelineID]

    public init(sources: [PipelineID], targets: [PipelineID], pipelines: [PipelineID]) {
        self.sources = sources
        self.targets = targets
        self.pipelines = pipelines
    }

    /// What is wrong with naming `pipeline` as one that the connector feeds; `nil` when it does.
    public func problem(with pipeline: PipelineID, field: String) -> Problem? {
        guard !targets.contains(pipeline) else { return nil }
        if pipelines.contains(pipeline) {
            return Problem(
                field, "the pipeline '\(pipeline)' does not have this connector among its receivers")
        }
        let names = targets.map { $0.description }
        return Problem(
            field, "there is no pipeline '\(pipeline)'",
            suggestion: Spelling.nearest(to: pipeline.description, among: names))
    }
}
