internal import Logging
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The levels of a connector and what is known and said of them; shared by everything under way on a lane.
final class FailoverLevels: Sendable {
    /// The pipelines of each level, the best first.
    let pipelines: [[PipelineID]]
    /// Items sent to another level although a pipeline of the one before may have them.
    let repeated: Counter
    private let keys: [String]
    private let health: LevelHealth
    private let interval: Duration
    /// In lower case; `nil` when every refusal counts.
    private let texts: [String]?
    private let context: Context
    private let failures: [Counter]
    private let isReported = Atomic<Bool>(false)

    init(_ configuration: FailoverConnector.Configuration, in context: Context) {
        let pipelines = configuration.priorityLevels.map { $0.pipelines }
        let keys = pipelines.map { level in level.map { $0.description }.sorted().joined(separator: " ") }
        let health = Siblings.object(for: context) { LevelHealth() }
        self.pipelines = pipelines
        self.keys = keys
        self.health = health
        self.context = context
        interval = configuration.interval
        texts = configuration.condition?.error.contains.values.map { $0.lowercased() }
        let id = context.id.description
        failures = keys.indices.map { level in
            context.metrics.counter(
                "otelcol_connector_failover_count", "Times a level has failed, from 1.",
                labels: [("connector", id), ("level", "\(level + 1)")])
        }
        repeated = context.metrics.counter(
            "apus_connector_failover_repeated_items",
            "Items sent to another level although a pipeline of the level before may have them.",
            labels: [("connector", id)])
        context.metrics.observe(
            "apus_connector_failover_active_level",
            "The best level that has not failed, from 1; 0 when all have.", labels: [("connector", id)]
        ) { [weak health] in Double((health?.active(keys) ?? -1) + 1) }
    }

    var now: Instant { context.clock.now }

    /// The order in which to offer a batch.
    func order() -> [Int] {
        if !isReported.exchange(true, ordering: .relaxed) { report() }
        return health.order(of: keys, at: now, interval: interval)
    }

    /// Whether a refusal makes a level fail.
    func isFailure(_ refusal: Rejection) -> Bool {
        guard let texts else { return true }
        let reason = refusal.reason.lowercased()
        return texts.contains { reason.contains($0) }
    }

    /// Notes that a level has refused a batch that it was offered at `start`.
    func failed(_ level: Int, _ refusal: Rejection, offeredAt start: Instant) {
        guard health.failed(keys[level], offeredAt: start, at: now, interval: interval) else { return }
        failures[level].add(1)
        let active = health.active(keys)
        context.logger.warning(
            "a level has failed",
            metadata: [
                "level": "\(level + 1)", "pipelines": "\(keys[level])", "reason": "\(refusal.reason)",
                "active": "\(active.map { "\($0 + 1)" } ?? "none")",
            ])
        report()
    }

    /// Notes that a level has taken a batch that it was offered at `start`.
    func succeeded(_ level: Int, offeredAt start: Instant) {
        guard health.succeeded(keys[level], offeredAt: start) else { return }
        context.logger.info(
            "a level works again", metadata: ["level": "\(level + 1)", "pipelines": "\(keys[level])"])
        report()
    }

    /// Says how the connector is doing.
    private func report() {
        let failed = health.failed(keys)
        guard !failed.isEmpty else { return context.status(.ok) }
        let active = health.active(keys).map { "level \($0 + 1) is active" } ?? "no level is left"
        let names = failed.map { "\($0 + 1)" }.joined(separator: ", ")
        context.status(.recoverableError("failed levels: \(names); \(active)"))
    }
}
