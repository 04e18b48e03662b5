import Connectors
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// How long series live, what bounds them, and what becomes of them when things change.
@Suite struct SpanMetricsLifeTests {
    typealias Harness = ConnectorHarness<SpanMetricsConnector>

    private static let calls = "histogram: {disable: true}"

    private func lines(_ harness: Harness) -> [String] {
        harness.sink(.metrics).batches.last?.points.map { "\($0.value ?? 0) \($0.labels)" } ?? []
    }

    private func spans(_ names: String..., service: String = "shop") -> Batch {
        .spans(names.map { Span(name: $0) }, of: service)
    }

    @Test func `series beyond the limit count in one`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self,
            yaml: "{\(Self.calls), aggregation_cardinality_limit: 2, "
                + "exclude_dimensions: [service.name, span.kind, status.code]}")
        _ = try await harness.send(spans("a", "b", "c", "d", "a"))
        _ = try await harness.send(spans("d", "x", service: "other"))
        try await harness.advance(by: .seconds(60))
        #expect(
            lines(harness) == [
                "1 span.name=d", "1 span.name=x", "2 otel.metric.overflow=true", "2 span.name=a",
                "1 span.name=b",
            ])
        let metric = "apus_connector_span_metrics_overflowed"
        #expect(harness.surroundings.metric(metric) == 2)
    }

    @Test(arguments: [
        ("", 2000), ("aggregation_cardinality_limit: 0", 2500), ("dimensions_cache_size: 7", 7),
    ])
    func `a limit is there unless it is taken away`(setting: String, expected: Int) async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self, yaml: "{\(Self.calls)\(setting.isEmpty ? "" : ", " + setting)}")
        _ = try await harness.send(.spans((0..<2500).map { Span(name: "\($0)") }))
        try await harness.advance(by: .seconds(60))
        let points = harness.sink(.metrics).batches.points
        #expect(points.count { $0.labels.contains("span.name") } == expected)
        #expect(points.reduce(0) { $0 + ($1.value ?? 0) } == 2500)
    }

    @Test func `memory is bounded, and everything is counted`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self, yaml: "{aggregation_cardinality_limit: 0, max_state_size: 1MiB}")
        for round in 0..<20 {
            _ = try await harness.send(.spans((0..<500).map { Span(name: "operation-\(round)-\($0)") }))
            let bytes = try #require(harness.surroundings.metric("apus_connector_span_metrics_state_bytes"))
            #expect(bytes <= 1_048_576)
        }
        try await harness.advance(by: .seconds(60))
        let calls = harness.sink(.metrics).batches.points.filter { $0.metric.hasSuffix("calls") }
        #expect(calls.reduce(0) { $0 + ($1.value ?? 0) } == 10_000)
        #expect(calls.contains { $0.labels == "otel.metric.overflow=true" })
        #expect((500..<5000).contains(calls.count))
    }

    @Test func `a resource makes room for another when it was sent`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self, yaml: "{\(Self.calls), resource_metrics_cache_size: 2}")
        for service in ["a", "b", "a", "c"] { _ = try await harness.send(spans("x", service: service)) }
        // What was evicted went out at once.
        #expect(harness.sink(.metrics).batches.points.map { $0.resource } == ["service.name=b"])
        try await harness.advance(by: .seconds(60))
        #expect(
            harness.sink(.metrics).batches.last?.points.map { "\($0.resource) \($0.value ?? 0)" } == [
                "service.name=a 2", "service.name=c 1",
            ])
        #expect(harness.surroundings.metric("apus_connector_span_metrics_evicted_resources") == 1)
        #expect(harness.surroundings.metric("apus_connector_span_metrics_series") == 2)
    }

    @Test func `nothing is sent of resources that have no spans any more`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self,
            yaml: "{\(Self.calls), metrics_expiration: 90s, "
                + "exclude_dimensions: [span.name, span.kind, status.code]}")
        _ = try await harness.send(spans("x", service: "a"))
        _ = try await harness.send(spans("x", service: "b"))
        try await harness.advance(by: .seconds(60))
        #expect(lines(harness) == ["1 service.name=a", "1 service.name=b"])
        _ = try await harness.send(spans("x", service: "b"))
        try await harness.advance(by: .seconds(60))
        #expect(lines(harness) == ["1 service.name=a", "2 service.name=b"])
        try await harness.advance(by: .seconds(60))
        #expect(lines(harness) == ["2 service.name=b"])
        try await harness.advance(by: .seconds(600))
        #expect(try await harness.deadline == nil)
        _ = try await harness.send(spans("x", service: "b"))
        try await harness.advance(by: .seconds(60))
        #expect(lines(harness) == ["1 service.name=b"])
    }

    @Test func `nothing is sent of series that have no spans any more`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self,
            yaml: "{series_expiration: 90s, exclude_dimensions: [service.name, span.kind, status.code]}")
        _ = try await harness.send(spans("a", "b"))
        for expected in [["a", "b"], ["a", "b"], ["b"]] {
            try await harness.advance(by: .seconds(59))
            _ = try await harness.send(spans("b"))
            try await harness.advance(by: .seconds(1))
            let points = try #require(harness.sink(.metrics).batches.last).points
            #expect(points.map { $0.labels } == (expected + expected).map { "span.name=\($0)" })
        }
    }

    @Test func `delta points of a series follow one another without a gap`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self, yaml: "{aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA}")
        var end: UInt64 = 0
        for _ in 0..<3 {
            harness.surroundings.clock.advance(by: .seconds(100))
            _ = try await harness.send(spans("a"))
            try await harness.advance(by: .seconds(60))
            let points = try #require(harness.sink(.metrics).batches.last).points
            #expect(points.map { $0.value ?? Int64($0.count) } == [1, 1])
            if end > 0 { #expect(points.allSatisfy { $0.start == end }) }
            end = points[0].time
        }
        try await harness.advance(by: .seconds(600))
        #expect(harness.sink(.metrics).batches.count == 3, "there is nothing to say when there are no spans")
    }

    @Test func `only as many ends of delta points are remembered as there is room for`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self,
            yaml: "{\(Self.calls), metric_timestamp_cache_size: 1, "
                + "aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA}")
        _ = try await harness.send(spans("a"))
        try await harness.advance(by: .seconds(60))
        _ = try await harness.send(spans("b"))
        try await harness.advance(by: .seconds(60))
        harness.surroundings.clock.advance(by: .seconds(5))
        _ = try await harness.send(spans("a"))
        try await harness.advance(by: .seconds(60))
        let last = try #require(harness.sink(.metrics).batches.points.max { $0.time < $1.time })
        #expect(last.start == last.time - 60_000_000_000)
    }

    @Test func `what is collected is sent at the end, once`() async throws {
        let harness = try await Harness(SpanMetricsConnector.self, yaml: "{\(Self.calls)}")
        _ = try await harness.send(spans("a"))
        try await harness.advance(by: .seconds(60))
        _ = try await harness.send(spans("b", service: "other"))
        try await harness.drain()
        try await harness.drain()
        #expect(harness.sink(.metrics).batches.map { $0.itemCount } == [1, 1])
        #expect(harness.sink(.metrics).batches.last?.points.first?.resource == "service.name=other")
    }

    @Test func `all lanes count in the same series`() async throws {
        let surroundings = PipelineTesting.Harness()
        let first = try await Harness(SpanMetricsConnector.self, yaml: "{\(Self.calls)}", in: surroundings)
        let second = try await Harness(SpanMetricsConnector.self, yaml: "{\(Self.calls)}", in: surroundings)
        _ = try await first.send(spans("a"))
        _ = try await second.send(spans("a"))
        try await second.advance(by: .seconds(60))
        try await first.advance(by: .zero)
        #expect(second.sink(.metrics).batches.points.map { $0.value } == [2])
        #expect(first.sink(.metrics).batches.isEmpty)
    }

    @Test(arguments: [
        ("metrics_flush_interval: 10s, max_state_size: 2MiB", true),
        ("aggregation_cardinality_limit: 9", true),
        ("dimensions: [{name: x}]", false), ("namespace: other", false),
        ("aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA", false),
    ])
    func `series go on unless what they are made of changes`(change: String, goesOn: Bool) async throws {
        let surroundings = PipelineTesting.Harness()
        let before = try await Harness(SpanMetricsConnector.self, yaml: "{\(Self.calls)}", in: surroundings)
        _ = try await before.send(spans("a"))
        let after = try await Harness(
            SpanMetricsConnector.self, yaml: "{\(Self.calls), \(change)}", in: surroundings)
        _ = try await after.send(spans("a"))
        try await after.advance(by: .seconds(60))
        #expect(after.sink(.metrics).batches.last?.points.map { $0.value } == [goesOn ? 2 : 1])
        try await before.drain()
        #expect(before.sink(.metrics).batches.points.map { $0.value } == (goesOn ? [] : [1]))
    }

    @Test(arguments: [
        ("{metrics_flush_interval: 0s}", "1:26 metrics_flush_interval: must be more than 0"),
        ("{metrics_flush_interval: -1s}", "1:26 metrics_flush_interval: must be more than 0"),
        ("{metrics_expiration: -1s}", "1:22 metrics_expiration: must not be negative"),
        (
            "{dimensions: [{name: service.name}]}",
            "1:22 dimensions.0.name: the dimension 'service.name' is there already"
        ),
        (
            "{dimensions: [{name: a}, {name: a}]}",
            "1:33 dimensions.1.name: the dimension 'a' is there already"
        ),
        ("{events: {enabled: true}}", "1:2 events.dimensions: is needed when events are counted"),
        ("{histogram: {explicit: {buckets: [2ms, 1ms]}}}", "1:34 histogram.explicit.buckets: must rise"),
        (
            "{histogram: {explicit: , exponential: }}",
            "1:39 histogram.exponential: set explicit or exponential, not both"
        ),
        ("{histogram: {unit: h}}", "1:20 histogram.unit: must be one of ms, s, not 'h'"),
        (
            "{aggregation_cardinality_limit: -1}",
            "1:33 aggregation_cardinality_limit: must be from 0 to 16777216"
        ),
        ("{dimensions: [{default: x}]}", "1:15 dimensions.0: needs a name or a glob"),
        ("{dimensions: [{glob: '[a'}]}", "1:22 dimensions.0.glob: is not a pattern"),
    ])
    func `a mistake is told at its place`(yaml: String, expected: String) {
        let found = mistakes(SpanMetricsConnector.Configuration.self, yaml)
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }

    @Test func `the example of the Collector is understood`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self,
            yaml: """
                histogram:
                  explicit:
                    buckets: [100us, 1ms, 2ms, 6ms, 10ms, 100ms, 250ms]
                dimensions:
                  - name: http.method
                    default: GET
                  - name: http.status_code
                exemplars:
                  enabled: true
                exclude_dimensions: ['status.code']
                dimensions_cache_size: 1000
                aggregation_temporality: "AGGREGATION_TEMPORALITY_CUMULATIVE"
                metrics_flush_interval: 15s
                metrics_expiration: 5m
                events:
                  enabled: true
                  dimensions:
                    - name: exception.type
                    - name: exception.message
                resource_metrics_key_attributes:
                  - service.name
                  - telemetry.sdk.language
                  - telemetry.sdk.name
                """)
        _ = try await harness.send(
            .spans([Span(attributes: ["http.status_code": 200], events: [["exception.type": "IO"]])]))
        try await harness.advance(by: .seconds(15))
        let points = harness.sink(.metrics).batches.points
        let labels =
            "http.method=GET http.status_code=200 service.name=shop span.kind=SPAN_KIND_SERVER "
            + "span.name=/ping"
        #expect(
            points.map { "\($0.metric) \($0.labels)" } == [
                "traces.span.metrics.calls \(labels)", "traces.span.metrics.duration \(labels)",
                "traces.span.metrics.events exception.type=IO \(labels)",
            ])
        #expect(points[1].bounds == [0.1, 1, 2, 6, 10, 100, 250])
        #expect(points.allSatisfy { $0.exemplars.count == 1 })
    }
}
