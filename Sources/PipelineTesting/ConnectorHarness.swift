internal import NIOCore
public import Pipeline
internal import Settings
internal import Synchronization
public import Telemetry

/// Runs one connector without an engine, on the first lane, with pipelines behind it: one of every signal,
/// and more when they are asked for.
public final class ConnectorHarness<Joint: Connector>: Sendable {
    /// The connector and what it sends to, on their lane.
    private struct Bench {
        var joint: Joint
        let outlets: ConnectorOutlets
    }

    /// Clock, metrics and log of the connector.
    public let surroundings: Harness
    private let sinks: [PipelineID: RecordingSink]
    private let bench: NIOLoopBoundBox<Bench>
    private let endedHere = Mutex(0)

    /// Builds the connector from YAML; throws what the configuration or the connector objects to.
    ///
    /// `pipelines` are those behind it, such as `logs/other`, beside one for each signal.
    public init(
        _ type: Joint.Type, yaml: String = "{}", pipelines: [String] = [], id: String? = nil,
        in surroundings: Harness = Harness()
    ) async throws {
        self.surroundings = surroundings
        let configuration = try Joint.Configuration.decode(yaml: yaml)
        let context = surroundings.context(.connector, id ?? Joint.name)
        let ids =
            Signal.allCases.map { PipelineID(signal: $0) } + pipelines.compactMap { PipelineID(parsing: $0) }
        sinks = Dictionary(ids.map { ($0, RecordingSink()) }) { first, _ in first }
        var outlets: [PipelineID: Outlet] = [:]
        for (id, sink) in sinks { outlets[id] = try await surroundings.outlet(id.signal, to: sink) }
        let loop = surroundings.lanes[0].eventLoop
        bench = try await loop.submit { [outlets] in
            let signals = Signal.allCases.compactMap { signal in
                outlets[PipelineID(signal: signal)].map { (signal, $0) }
            }
            let ends = ConnectorOutlets(
                lane: 0, outlets: outlets, bySignal: Dictionary(uniqueKeysWithValues: signals))
            let joint = try Joint(configuration, in: context)
            return NIOLoopBoundBox(Bench(joint: joint, outlets: ends), eventLoop: loop)
        }.get()
    }

    /// The end of the pipeline that is called like the signal.
    public func sink(_ signal: Signal) -> RecordingSink {
        sinks[PipelineID(signal: signal)] ?? RecordingSink()
    }

    /// The end of a pipeline, such as `logs/other`.
    public func sink(_ pipeline: String) -> RecordingSink {
        PipelineID(parsing: pipeline).flatMap { sinks[$0] } ?? RecordingSink()
    }

    /// Items that ended in the connector on purpose.
    public var filtered: Int { endedHere.withLock { $0 } }

    /// Sends a batch and returns the answer.
    public func send(_ batch: Batch) async throws -> Receipt {
        try await surroundings.lanes[0].eventLoop.submit { [self] in
            let outlets = bench.value.outlets
            let receipt = try bench.value.joint.consume(batch, into: outlets)
            let filtered = outlets.takeFiltered()
            endedHere.withLock { $0 += filtered }
            return receipt
        }.get()
    }

    /// Does everything that waits on the lane.
    public func settle() async throws {
        try await surroundings.lanes[0].eventLoop.submit {}.get()
    }
}
