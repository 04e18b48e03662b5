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
            var joint = try Joint(configuration, in: context)
            joint.begin()
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

    /// Sends a batch and returns the answer; what is due after that is let go.
    public func send(_ batch: Batch) async throws -> Receipt {
        try await onLane { [self] joint, outlets, now in
            let receipt = try joint.consume(batch, into: outlets)
            let filtered = outlets.takeFiltered()
            endedHere.withLock { $0 += filtered }
            try Self.letGoDue(&joint, outlets, now)
            return receipt
        }
    }

    /// When the connector wants to be called.
    public var deadline: Instant? {
        get async throws { try await onLane { joint, _, _ in joint.deadline } }
    }

    /// Moves the time on; the connector is woken at its deadlines, as the engine would.
    public func advance(by duration: Duration) async throws {
        let end = surroundings.clock.now + duration
        while let deadline = try await deadline, deadline <= end {
            surroundings.clock.advance(by: max(deadline - surroundings.clock.now, .zero))
            try await onLane { try Self.letGoDue(&$0, $1, $2) }
        }
        surroundings.clock.advance(by: max(end - surroundings.clock.now, .zero))
    }

    /// Stops the connector, which lets go of what it has.
    public func drain() async throws {
        try await onLane { joint, outlets, _ in
            var output = Output()
            joint.drain(into: &output)
            for batch in output.batches { _ = try outlets.send(batch) }
        }
    }

    private static func letGoDue(
        _ joint: inout Joint, _ outlets: ConnectorOutlets, _ now: Instant
    ) throws(Rejection) {
        while let deadline = joint.deadline, deadline <= now {
            var output = Output()
            joint.release(into: &output)
            for batch in output.batches { _ = try outlets.send(batch) }
            // One that stays due and makes nothing would be called for ever.
            if output.batches.isEmpty, joint.deadline == deadline { return }
        }
    }

    private func onLane<Result: Sendable>(
        _ body: @escaping @Sendable (inout Joint, ConnectorOutlets, Instant) throws -> Result
    ) async throws -> Result {
        try await surroundings.lanes[0].eventLoop.submit { [self] in
            let outlets = bench.value.outlets
            return try body(&bench.value.joint, outlets, surroundings.clock.now)
        }.get()
    }

    /// Does everything that waits on the lane.
    public func settle() async throws {
        try await surroundings.lanes[0].eventLoop.submit {}.get()
    }
}
