public import Pipeline
internal import Settings
internal import Synchronization

/// Runs one extension without an engine.
public final class ExtensionHarness<Subject: Extension>: Sendable {
    /// Clock, metrics and log of the extension.
    public let surroundings: Harness
    /// The extension itself.
    public let subject: Subject
    private let health: HealthCell
    private let run: RunningComponent

    /// Builds the extension from YAML, runs it, and returns when it is ready; throws what stopped it from
    /// that.
    public init(
        _ type: Subject.Type, yaml: String = "{}", in surroundings: Harness = Harness(),
        managed: (any ManagedCollector)? = nil
    ) async throws {
        self.surroundings = surroundings
        let configuration = try Subject.Configuration.decode(yaml: yaml)
        let subject = try Subject(configuration, in: surroundings.context(.extension, Subject.name))
        let health = HealthCell()
        self.subject = subject
        self.health = health
        run = try await RunningComponent.start { lifeline in
            try await subject.run(
                ExtensionSession(lifeline: lifeline, managed: managed) { health.value })
        }
    }

    /// What the extension sees when it asks how the collector is doing; ready since the clock's beginning at
    /// first.
    public func setHealth(_ value: CollectorHealth) { health.value = value }

    /// Asks the extension to stop and returns when it has; throws what it ended with.
    public func stop(grace: Duration = .seconds(5)) async throws { try await run.stop(grace: grace) }
}

private final class HealthCell: Sendable {
    private let state = Mutex(
        CollectorHealth(isReady: true, startedAt: 1_700_000_000_000_000_000, uptime: .zero, components: []))

    var value: CollectorHealth {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
