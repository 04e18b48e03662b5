import Connectors
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// What counts may take, and who waits for them.
@Suite struct CountLimitTests {
    typealias Harness = ConnectorHarness<CountConnector>

    private static let overflowed = "apus_connector_count_overflowed"

    private func logs(_ values: [String], resource: String = "") -> Batch {
        var builder = LogsBuilder()
        builder.resource { $0.attribute("r", .string(resource)) }
        for value in values {
            builder.record { $0.attribute("x", .string(value)) }
        }
        return builder.finish()
    }

    private func sum(_ points: [Point], of areWanted: (Point) -> Bool) -> Int64 {
        points.filter(areWanted).reduce(0) { $0 + ($1.value ?? 0) }
    }

    @Test func `attributes that are too long count in one`() async throws {
        let harness = try await Harness(
            CountConnector.self,
            yaml: "{logs: {by.x: {attributes: [{key: x}]}, by.r: {attributes: [{key: r}]}}}")
        let long = String(repeating: "x", count: 70 << 10)
        _ = try await harness.send(logs([long, "a", long + "y", "b"], resource: long))
        #expect(
            harness.sink(.metrics).batches.points.map { "\($0.metric) \($0.value ?? 0) \($0.labels)" } == [
                "by.r 4 otel.metric.overflow=true", "by.x 2 otel.metric.overflow=true", "by.x 1 x=a",
                "by.x 1 x=b",
            ])
        #expect(harness.surroundings.metric(Self.overflowed) == 6)
    }

    @Test func `what one batch keeps apart is bounded, and everything is counted`() async throws {
        let harness = try await Harness(
            CountConnector.self, yaml: "{logs: {all: {}, by.x: {attributes: [{key: x}]}}}")
        let filler = String(repeating: "x", count: 60_000)
        var batch = Batch(signal: .logs)
        for part in 0..<10 { batch.append(logs((0..<40).map { "\(part)-\($0)-" + filler })) }
        for round in 1...2 {
            _ = try await harness.send(batch)
            let counts = try #require(harness.sink(.metrics).takeBatches().last)
            #expect(counts.byteCount < 17 << 20)
            let points = counts.points
            #expect(sum(points) { $0.metric == "by.x" } == 400)
            #expect(sum(points) { $0.metric == "all" } == 400)
            let beyond = sum(points) { $0.labels == "otel.metric.overflow=true" }
            #expect(beyond > 100 && beyond < 200)
            #expect(harness.surroundings.metric(Self.overflowed) == Double(beyond) * Double(round))
        }
    }

    /// Sends logs of two senders that wait until they are delivered, and keeps nothing of them.
    private func sendWithClaims(to harness: Harness) async throws -> (PendingReceipt, PendingReceipt) {
        let (first, second) = (Claim.reaching(.delivered, items: 3), Claim.reaching(.delivered, items: 1))
        var batch = logs(["a", "b", "c", "d"])
        batch.claims = [first.claim, second.claim]
        _ = try await harness.send(batch)
        return (first.receipt, second.receipt)
    }

    @Test func `who waits for delivery waits for the counts`() async throws {
        let harness = try await Harness(CountConnector.self)
        let receipts = try await sendWithClaims(to: harness)
        try await harness.settle()
        #expect(!receipts.0.isResolved && !receipts.1.isResolved)
        #expect(harness.sink(.metrics).takeBatches().count == 1)
        try await receipts.0.wait()
        try await receipts.1.wait()
    }

    @Test(arguments: [Rejection.later(reason: "down", after: .seconds(3)), .never(reason: "wrong")])
    func `who waits for delivery hears that the counts did not get there`(refusal: Rejection) async throws {
        let harness = try await Harness(CountConnector.self)
        let receipts = try await sendWithClaims(to: harness)
        for batch in harness.sink(.metrics).takeBatches() { batch.claims.miss(refusal) }
        await #expect(throws: refusal) { try await receipts.0.wait() }
        await #expect(throws: refusal) { try await receipts.1.wait() }
    }

    @Test func `who waits for delivery hears of all that was counted where some counts are refused`()
        async throws
    {
        let harness = try await Harness(CountConnector.self, yaml: "{logs: {one: {}, two: {}}}")
        let receipts = try await sendWithClaims(to: harness)
        for batch in harness.sink(.metrics).takeBatches() {
            #expect(batch.itemCount == 2)
            for claim in batch.claims { claim.claimant.missed(1, reason: "wrong", retry: .useless) }
        }
        await #expect(throws: Rejection.never(reason: "wrong")) { try await receipts.0.wait() }
        await #expect(throws: Rejection.never(reason: "wrong")) { try await receipts.1.wait() }
    }

    @Test func `where nothing is counted nobody waits`() async throws {
        let harness = try await Harness(
            CountConnector.self, yaml: "{logs: {none: {conditions: ['body == \"x\"']}}}")
        let receipts = try await sendWithClaims(to: harness)
        try await receipts.0.wait()
        try await receipts.1.wait()
    }
}
