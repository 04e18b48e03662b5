public import Pipeline
internal import Settings
public import Telemetry

/// Runs one receiver without an engine, with a pipeline of every signal behind it.
public final class ReceiverHarness<Source: Receiver>: Sendable {
    /// Clock, metrics and log of the receiver.
    public let surroundings: Harness
    /// The receiver itself.
    public let receiver: Source
    private let sinks: [Signal: RecordingSink]
    private let run: RunningComponent

    /// Builds the receiver from YAML, runs it, and returns when it is ready; throws what stopped it from
    /// that.
    public init(_ type: Source.Type, yaml: String = "{}", in surroundings: Harness = Harness()) async throws {
        self.surroundings = surroundings
        let configuration = try Source.Configuration.decode(yaml: yaml)
        let receiver = try Source(configuration, in: surroundings.context(.receiver, Source.name))
        self.receiver = receiver
        sinks = Dictionary(uniqueKeysWithValues: Source.signals.map { ($0, RecordingSink()) })
        var outlets: [Signal: Outlet] = [:]
        for (signal, sink) in sinks { outlets[signal] = try await surroundings.outlet(signal, to: sink) }
        let ends = outlets
        run = try await RunningComponent.start { lifeline in
            try await receiver.run(ReceiverSession(lifeline: lifeline) { signal, _ in ends[signal] })
        }
    }

    /// The end of the pipelines of one signal.
    public func sink(_ signal: Signal) -> RecordingSink { sinks[signal] ?? RecordingSink() }

    /// Asks the receiver to stop and returns when it has; throws what it ended with.
    public func stop(grace: Duration = .seconds(5)) async throws { try await run.stop(grace: grace) }
}
