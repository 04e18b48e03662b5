import Connectors
import Pipeline
import PipelineTesting
import Telemetry
import Testing

/// A failover connector for logs with the levels `logs/1`, `logs/2` and `logs/3`.
struct FailoverBench {
    let harness: ConnectorHarness<FailoverConnector>

    static let pipelines = ["logs/1", "logs/1b", "logs/2", "logs/3"]
    static let levels = "[[logs/1], [logs/2], [logs/3]]"

    init(
        _ levels: String = FailoverBench.levels, _ more: String = "retry_interval: 10s",
        in surroundings: Harness = Harness()
    ) async throws {
        harness = try await ConnectorHarness(
            FailoverConnector.self, yaml: "priority_levels: \(levels)\n\(more)", pipelines: Self.pipelines,
            in: surroundings)
    }

    func sink(_ level: String) -> RecordingSink { harness.sink("logs/\(level)") }

    /// Items that have arrived, by pipeline.
    var items: [Int] { Self.pipelines.map { harness.sink($0).itemCount } }

    func refuse(_ level: String, next count: Int = 1, with refusal: Rejection = .later(reason: "down")) {
        sink(level).refuse(next: count, with: refusal)
    }

    @discardableResult
    func send(_ items: Int = 1, claims: [Claim] = []) async throws -> Receipt {
        var batch = try Samples.batch(.logs, items: items)
        batch.claims = claims
        return try await harness.send(batch)
    }

    /// Sends what has to wait for its answer.
    func sendAndWait(_ items: Int = 1, claims: [Claim] = []) async throws -> PendingReceipt {
        guard case .pending(let receipt) = try await send(items, claims: claims) else {
            throw Unexpected(text: "the answer did not wait")
        }
        return receipt
    }

    func metric(_ name: String, _ labels: KeyValuePairs<String, String> = [:]) -> Double? {
        harness.surroundings.metric(name, labels)
    }

    var activeLevel: Double? { metric("apus_connector_failover_active_level", ["connector": "failover"]) }

    struct Unexpected: Error { let text: String }
}
