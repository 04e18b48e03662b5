public import Engine

/// What control needs of the engine.
public protocol ReconfigurableEngine: Sendable {
    /// Starts the first configuration.
    func start(_ configuration: CollectorConfiguration) async throws(StartFailure)
    /// What a configuration would change; throws what does not work about it. Nothing is touched.
    func plan(_ configuration: CollectorConfiguration) async throws(StartFailure) -> ReconfigurationPlan
    /// Replaces the running configuration; when it throws, nothing has changed.
    func replace(
        with configuration: CollectorConfiguration
    ) async throws(StartFailure) -> Reconfiguration
    /// The collector at this moment.
    func snapshot() -> CollectorSnapshot
    /// Takes what happens.
    var events: EventLog { get }
}

extension Collector: ReconfigurableEngine {}
