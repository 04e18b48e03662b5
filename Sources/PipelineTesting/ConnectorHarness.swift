internal import NIOCore
public import Pipeline
internal import Settings
public import Telemetry

/// Runs one connector without an engine, on the first lane, with a pipeline of every signal behind it.
public final class ConnectorHarness<Joint: Connector>: Sendable {
    /// Clock, metrics and log of the connector.
    public let surroundings: Harness
    private let sinks: [Signal: RecordingSink]
    private let box: NIOLoopBoundBox<Joint>
    private let outlets: [Signal: Outlet]

    /// Builds the connector from YAML; throws what the configuration or the connector objects to.
    public init(_ type: Joint.Type, yaml: String = "{}", in surroundings: Harness = Harness()) async throws {
        self.surroundings = surroundings
        let configuration = try Joint.Configuration.decode(yaml: yaml)
        let context = surroundings.context(.connector, Joint.name)
        let loop = surroundings.lanes[0].eventLoop
        box = try await loop.submit {
            NIOLoopBoundBox(try Joint(configuration, in: context), eventLoop: loop)
        }.get()
        sinks = Dictionary(uniqueKeysWithValues: Signal.allCases.map { ($0, RecordingSink()) })
        var outlets: [Signal: Outlet] = [:]
        for (signal, sink) in sinks { outlets[signal] = try await surroundings.outlet(signal, to: sink) }
        self.outlets = outlets
    }

    /// The end of the pipelines of one signal.
    public func sink(_ signal: Signal) -> RecordingSink { sinks[signal] ?? RecordingSink() }

    /// Sends a batch and returns the answer.
    public func send(_ batch: Batch) async throws -> Receipt {
        try await surroundings.lanes[0].eventLoop.submit { [box, outlets] in
            let ends = ConnectorOutlets(
                lane: 0,
                outlets: Dictionary(uniqueKeysWithValues: outlets.map { (PipelineID(signal: $0), $1) }),
                bySignal: outlets)
            return try box.value.consume(batch, into: ends)
        }.get()
    }
}
