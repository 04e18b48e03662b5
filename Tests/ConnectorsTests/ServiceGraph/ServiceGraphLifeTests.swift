import Connectors
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// How long requests and series live, what bounds them, and what becomes of them when things change.
@Suite struct ServiceGraphLifeTests {
    typealias Harness = ConnectorHarness<ServiceGraphConnector>

    /// A request from a service to a database, which is complete at once.
    private func request(_ service: String = "shop", to database: String = "orders") -> Batch {
        .spans([Span(kind: 3, attributes: ["db.name": .string(database)])], of: service)
    }

    @Test func `series go on, and are forgotten when they are stale`() async throws {
        let harness = try await Harness(ServiceGraphConnector.self)
        _ = try await harness.send(request())
        _ = try await harness.send(request("other"))
        try await harness.advance(by: .seconds(60))
        #expect(harness.totals.count == 2)
        try await harness.advance(by: .seconds(10 * 60))
        _ = try await harness.send(request())
        try await harness.advance(by: .seconds(6 * 60))
        #expect(harness.totals == ["2 client=shop connection_type=database failed=false server=orders"])
        try await harness.advance(by: .seconds(3600))
        #expect(try await harness.deadline == nil)
        #expect(harness.surroundings.metric("apus_connector_service_graph_state_bytes") == 0)
    }

    @Test func `requests beyond the limit are counted in one series`() async throws {
        let harness = try await Harness(
            ServiceGraphConnector.self, yaml: "{aggregation_cardinality_limit: 2}")
        for service in ["a", "b", "c", "d", "a"] { _ = try await harness.send(request(service)) }
        try await harness.advance(by: .seconds(60))
        let rest = "connection_type=database failed=false server=orders"
        #expect(
            harness.totals == ["2 client=a \(rest)", "1 client=b \(rest)", "2 otel.metric.overflow=true"])
        #expect(harness.surroundings.metric("apus_connector_service_graph_overflowed") == 2)
    }

    @Test func `memory is bounded, for series and for spans that wait`() async throws {
        let harness = try await Harness(
            ServiceGraphConnector.self,
            yaml: "{aggregation_cardinality_limit: 0, max_state_size: 1MiB, "
                + "store: {max_items: 100000, ttl: 1h}}")
        for number in 0..<2000 { _ = try await harness.send(request("service-\(number)")) }
        let bytes = "apus_connector_service_graph_state_bytes"
        #expect(try #require(harness.surroundings.metric(bytes)) <= 1_048_576)
        let waiting = (0..<1000).map { number in
            Span(kind: 3, trace: UInt8(number % 250), id: UInt8(number / 250 + 1))
        }
        _ = try await harness.send(.spans(waiting))
        #expect(try #require(harness.surroundings.metric(bytes)) <= 1_048_576)
        try await harness.drain()
        let totals = harness.sink(.metrics).batches.points.filter { $0.metric.hasSuffix("request_total") }
        let databases = totals.filter { !$0.labels.contains("virtual") }
        #expect(databases.reduce(0) { $0 + ($1.value ?? 0) } >= 2000)
        #expect(databases.contains { $0.labels == "otel.metric.overflow=true" })
    }

    @Test func `many series are sent in several batches, each once`() async throws {
        let harness = try await Harness(ServiceGraphConnector.self)
        for number in 0..<4000 { _ = try await harness.send(request("service-\(number)")) }
        try await harness.advance(by: .seconds(60))
        let batches = harness.sink(.metrics).batches
        #expect(batches.count > 1)
        for batch in batches {
            #expect(try Batch(validating: batch.contiguous(), as: .metrics).itemCount == batch.itemCount)
        }
        let points = batches.points
        #expect(points.count == 3 * 4000)
        #expect(Set(points.map { $0.metric + $0.labels }).count == points.count)
    }

    @Test func `ends meet whatever lanes they come on`() async throws {
        let surroundings = PipelineTesting.Harness()
        let first = try await Harness(ServiceGraphConnector.self, in: surroundings)
        let second = try await Harness(ServiceGraphConnector.self, in: surroundings)
        _ = try await first.send(.spans([Span(kind: 3, id: 2)], of: "shop"))
        _ = try await second.send(.spans([Span(kind: 2, id: 3, parent: 2)], of: "cart"))
        try await first.advance(by: .seconds(60))
        #expect(first.totals == ["1 client=shop connection_type= failed=false server=cart"])
        #expect(second.totals.isEmpty)
    }

    @Test(arguments: [
        ("store: {max_items: 5, ttl: 1m}", true), ("metrics_flush_interval: 10s", true),
        ("dimensions: [x]", false), ("latency_histogram_buckets: [1s]", false),
    ])
    func `spans and series go on unless what series are made of changes`(
        change: String, goesOn: Bool
    ) async throws {
        let surroundings = PipelineTesting.Harness()
        let before = try await Harness(ServiceGraphConnector.self, in: surroundings)
        _ = try await before.send(request())
        _ = try await before.send(.spans([Span(kind: 3, id: 2)], of: "shop"))
        let after = try await Harness(ServiceGraphConnector.self, yaml: "{\(change)}", in: surroundings)
        try await before.drain()
        #expect(before.totals.count == (goesOn ? 0 : 2), "what is shared is left to whoever goes on")
        _ = try await after.send(request())
        _ = try await after.send(.spans([Span(kind: 2, id: 3, parent: 2)], of: "cart"))
        try await after.advance(by: .seconds(60))
        #expect(after.totals.contains { $0.hasPrefix(goesOn ? "2 client=shop" : "1 client=shop") })
        #expect(after.totals.contains { $0.hasSuffix("server=cart") && !$0.contains("virtual") } == goesOn)
    }

    @Test func `at the end what waits and what was counted is sent, once`() async throws {
        let harness = try await Harness(ServiceGraphConnector.self)
        _ = try await harness.send(request())
        try await harness.advance(by: .seconds(60))
        _ = try await harness.send(
            .spans([Span(kind: 3, attributes: ["peer.service": "paypal"])], of: "shop"))
        try await harness.drain()
        try await harness.drain()
        #expect(harness.sink(.metrics).batches.count == 2)
        #expect(harness.totals == ["1 client=shop connection_type=virtual_node failed=false server=paypal"])
    }

    @Test(arguments: [
        ("{latency_histogram_buckets: [1, 2]}", "1:30 latency_histogram_buckets.0: must be a duration"),
        ("{latency_histogram_buckets: [2s, 1s]}", "1:29 latency_histogram_buckets: must rise"),
        (
            "{latency_histogram_buckets: [1s], exponential_histogram_max_size: 9}",
            "1:67 exponential_histogram_max_size: set latency_histogram_buckets or"
        ),
        ("{exponential_histogram_max_size: -1}", "1:34 exponential_histogram_max_size: must be 0, or from 2"),
        ("{store: {max_items: 0}}", "1:21 store.max_items: must be from 1"),
        ("{metrics_flush_interval: -1s}", "1:26 metrics_flush_interval: must not be negative"),
        ("{metrics_exporter: x}", "1:2 metrics_exporter: "),
    ])
    func `a mistake is told at its place`(yaml: String, expected: String) {
        let found = mistakes(ServiceGraphConnector.Configuration.self, yaml)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }

    @Test func `the example of the Collector is understood`() async throws {
        let harness = try await Harness(
            ServiceGraphConnector.self,
            yaml: """
                latency_histogram_buckets: [100ms, 250ms, 1s, 5s, 10s]
                dimensions:
                  - dimension-1
                  - dimension-2
                store:
                  ttl: 1s
                  max_items: 10
                """)
        _ = try await harness.send(
            .spans([Span(kind: 3, attributes: ["db.name": "db", "dimension-1": "x"])], of: "app"))
        try await harness.advance(by: .seconds(60))
        #expect(
            harness.totals == [
                "1 client=app client_dimension-1=x connection_type=database failed=false server=db"
            ])
    }
}
