import Connectors
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

/// What spans become.
@Suite struct SpanMetricsTests {
    typealias Harness = ConnectorHarness<SpanMetricsConnector>

    /// The points after one flush.
    private func points(_ yaml: String, _ batches: Batch...) async throws -> [Point] {
        let harness = try await Harness(SpanMetricsConnector.self, yaml: yaml)
        for batch in batches { _ = try await harness.send(batch) }
        try await harness.advance(by: .seconds(60))
        return harness.sink(.metrics).batches.points
    }

    private static let own = "service.name=shop span.kind=SPAN_KIND_SERVER span.name=/ping status.code="

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(SpanMetricsConnector.self)
        try await Conformance.check(
            SpanMetricsConnector.self,
            yaml: "{histogram: {exponential: }, exemplars: {enabled: true}, events: {enabled: true, "
                + "dimensions: [{glob: '*'}]}, aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA}")
    }

    @Test func `without settings calls and durations are counted by service, name, kind and status`()
        async throws
    {
        let points = try await points(
            "{}", .spans([Span(), Span(status: 2), Span(), Span(kind: 3, status: 1, milliseconds: 16_000)]))
        let client = "service.name=shop span.kind=SPAN_KIND_CLIENT span.name=/ping "
        #expect(
            points.map { "\($0.metric) \($0.value ?? Int64($0.count)) \($0.labels)" } == [
                "traces.span.metrics.calls 1 \(client)status.code=STATUS_CODE_OK",
                "traces.span.metrics.calls 1 \(Self.own)STATUS_CODE_ERROR",
                "traces.span.metrics.calls 2 \(Self.own)STATUS_CODE_UNSET",
                "traces.span.metrics.duration 1 \(client)status.code=STATUS_CODE_OK",
                "traces.span.metrics.duration 1 \(Self.own)STATUS_CODE_ERROR",
                "traces.span.metrics.duration 2 \(Self.own)STATUS_CODE_UNSET",
            ])
        #expect(
            points.allSatisfy { $0.resource == "service.name=shop" && $0.scope == "spanmetricsconnector" })
        #expect(points.allSatisfy { $0.temporality == 2 })
        #expect(points.prefix(3).allSatisfy { $0.isMonotonic && $0.unit.isEmpty })
        let unset = try #require(points.last)
        #expect(unset.unit == "ms")
        #expect(unset.sum == 22)
        #expect(
            unset.bounds == [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000])
        #expect(unset.buckets == [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(points[3].buckets.last == 1)
        #expect(unset.start == 1_700_000_000_000_000_000)
        #expect(unset.time == 1_700_000_060_000_000_000)
    }

    @Test(arguments: [false, true], [false, true])
    func `points count from the beginning, or from the point before`(
        isDelta: Bool, isExponential: Bool
    ) async throws {
        let buckets = isExponential ? "exponential: {max_size: 10}" : "explicit: {buckets: [4s, 6s, 8s]}"
        let temporality = isDelta ? "DELTA" : "CUMULATIVE"
        let harness = try await Harness(
            SpanMetricsConnector.self,
            yaml: "{histogram: {\(buckets)}, aggregation_temporality: AGGREGATION_TEMPORALITY_\(temporality)}"
        )
        for round in 1...2 {
            _ = try await harness.send(.spans([Span()]))
            try await harness.advance(by: .seconds(60))
            let points = try #require(harness.sink(.metrics).batches.last).points
            let expected = isDelta ? 1 : round
            #expect(points.map { $0.value ?? Int64($0.count) } == [Int64(expected), Int64(expected)])
            #expect(points[1].sum == 11 * Double(expected))
            #expect(points[1].buckets == (isExponential ? [UInt64(expected)] : [UInt64(expected), 0, 0, 0]))
            #expect(points.allSatisfy { $0.temporality == (isDelta ? 1 : 2) })
        }
    }

    @Test func `an exponential histogram says where its measurements are`() async throws {
        let points = try await points(
            "{histogram: {exponential: {max_size: 4}, unit: s}}",
            .spans([1000, 2000, 4000, 0].map { Span(milliseconds: $0) }))
        let point = try #require(points.last)
        #expect((point.count, point.sum, point.zeroCount) == (4, 7, 1))
        #expect((point.scale, point.offset) == (0, -1))
        #expect(point.buckets == [1, 1, 1])
        #expect((point.minimum, point.maximum) == (0, 4))
    }

    @Test func `a span that ends before it begins took no time`() async throws {
        let points = try await points("{}", .spans([Span(isBackwards: true)]))
        #expect(points.last?.sum == 0)
        #expect(points.last?.buckets.first == 1)
    }

    @Test func `durations can be in seconds or left out`() async throws {
        let seconds = try await points("{histogram: {unit: s}}", .spans([Span(milliseconds: 1500)]))
        #expect(seconds.last?.unit == "s")
        #expect(seconds.last?.sum == 1.5)
        #expect(seconds.last?.bounds.first == 0.002)
        let calls = try await points("{histogram: {disable: true}}", .spans([Span()]))
        #expect(calls.map { $0.metric } == ["traces.span.metrics.calls"])
    }

    @Test(arguments: [("", "calls"), ("span.metrics", "span.metrics.calls")])
    func `names begin with the namespace`(namespace: String, expected: String) async throws {
        let points = try await points(
            "{histogram: {disable: true}, namespace: '\(namespace)'}", .spans([Span()]))
        #expect(points.map { $0.metric } == [expected])
    }

    @Test func `dimensions come from the span, or its resource, or the configuration, with their types`()
        async throws
    {
        let attributes: [String: AttributeValue] = [
            "string": "text", "int": 99, "double": 99.99, "bool": true, "null": .empty, "list": [],
            "both": "span",
        ]
        let names = ["string", "int", "double", "bool", "null", "list", "region", "both"]
        let list = names.map { "{name: '\($0)'}" } + ["{name: absent, default: stand-in}", "{name: nowhere}"]
        let points = try await points(
            "{histogram: {disable: true}, exclude_dimensions: [span.name, no.such.name, status.code], "
                + "dimensions: [\(list.joined(separator: ", "))]}",
            .spans([Span(attributes: attributes)], resource: ["region": "eu", "both": "resource"]))
        var expected = attributes
        expected["service.name"] = "shop"
        expected["span.kind"] = "SPAN_KIND_SERVER"
        expected["region"] = "eu"
        expected["absent"] = "stand-in"
        #expect(points.map { $0.attributes } == [expected])
    }

    @Test func `calls and durations can have dimensions of their own`() async throws {
        let points = try await points(
            "{exclude_dimensions: [service.name, span.name, span.kind, status.code], "
                + "dimensions: [{name: both}], calls_dimensions: [{name: calls}], "
                + "histogram: {dimensions: [{name: duration}]}}",
            .spans([
                Span(attributes: ["both": 1, "calls": 1, "duration": 1]),
                Span(attributes: ["both": 1, "calls": 2, "duration": 1]),
            ]))
        #expect(
            points.map { "\($0.value ?? Int64($0.count)) \($0.labels)" } == [
                "1 both=1 calls=1", "1 both=1 calls=2", "2 both=1 duration=1",
            ])
    }

    @Test func `a glob is as many dimensions as it matches, whatever their order`() async throws {
        let span = Span(attributes: ["http.method": "GET", "http.route": "/", "db.name": "x"])
        var other = TracesBuilder()
        other.resource { $0.attribute("service.name", "shop") }
        other.span { builder in
            builder.name("/ping")
            builder.kind(2)
            builder.attribute("http.route", "/")
            builder.attribute("http.method", "GET")
        }
        let points = try await points(
            "{histogram: {disable: true}, exclude_dimensions: [span.name, status.code], "
                + "dimensions: [{glob: 'http.*'}, {name: http.route}]}",
            .spans([span], resource: ["http.host": "h"]), other.finish())
        #expect(
            points.map { "\($0.value ?? 0) \($0.labels)" } == [
                "1 http.host=h http.method=GET http.route=/ service.name=shop span.kind=SPAN_KIND_SERVER",
                "1 http.method=GET http.route=/ service.name=shop span.kind=SPAN_KIND_SERVER",
            ])
    }

    @Test func `events are counted by their attributes too`() async throws {
        let span = Span(
            attributes: ["route": "/a"],
            events: [["exception.type": "IO"], ["exception.type": "IO"], ["exception.type": "Null"], [:]])
        let points = try await points(
            "{histogram: {disable: true}, exclude_dimensions: [span.name, span.kind, status.code], "
                + "dimensions: [{name: route}], events: {enabled: true, dimensions: [{name: exception.type}, "
                + "{name: region}]}}",
            .spans([span], resource: ["region": "eu"]))
        let common = "region=eu route=/a service.name=shop"
        #expect(
            points.map { "\($0.metric) \($0.value ?? 0) \($0.labels)" } == [
                "traces.span.metrics.calls 1 route=/a service.name=shop",
                "traces.span.metrics.events 2 exception.type=IO \(common)",
                "traces.span.metrics.events 1 exception.type=Null \(common)",
                "traces.span.metrics.events 1 \(common)",
            ])
    }

    @Test func `the first spans are examples, once`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self, yaml: "{exemplars: {enabled: true, max_per_data_point: 2}}")
        _ = try await harness.send(
            .spans([Span(trace: 0), Span(trace: 7, id: 8, milliseconds: 5), Span(trace: 9), Span(trace: 10)]))
        try await harness.advance(by: .seconds(60))
        for point in harness.sink(.metrics).batches.points {
            #expect(point.exemplars.map { $0.traceID[0] } == [7, 9])
            #expect(point.exemplars.map { $0.spanID[7] } == [8, 1])
            #expect(point.exemplars.map { $0.value } == [.double(5), .double(11)])
            #expect(point.exemplars.allSatisfy { $0.time == point.time })
        }
        try await harness.advance(by: .seconds(60))
        #expect(harness.sink(.metrics).batches.last?.points.allSatisfy { $0.exemplars.isEmpty } == true)
    }

    @Test func `spans that stand for others count for them`() async throws {
        let spans = [
            Span(traceState: "ot=th:c"), Span(traceState: "a=1, ot=rv:1;th:8 ,b=2"),
            Span(traceState: "ot=th:0"),
            Span(), Span(traceState: "ot=th:xyz"), Span(traceState: "ot=rv:abcdabcdabcdff"),
        ]
        let together = try await points("{}", .spans(spans))
        #expect(together.map { $0.value ?? Int64($0.count) } == [10, 10])
        #expect(together.last?.sum == 110)
        let apart = try await points(
            "{histogram: {disable: true}, enable_metrics_sampling_method: true}", .spans(spans))
        #expect(apart.map { $0.value } == [3, 7])
        #expect(apart.map { $0.attributes["sampling.method"] } == ["counted", "extrapolated"])
    }

    @Test func `a count that is not whole is rounded at random`() async throws {
        let surroundings = PipelineTesting.Harness()
        surroundings.clock.setRandom([0.1, 0.9])
        let harness = try await Harness(SpanMetricsConnector.self, in: surroundings)
        // A threshold of a quarter keeps three in four: each stands for one and a third.
        _ = try await harness.send(.spans([Span(traceState: "ot=th:4")]))
        _ = try await harness.send(.spans([Span(traceState: "ot=th:4")]))
        try await harness.drain()
        let calls = try #require(harness.sink(.metrics).batches.points.first)
        #expect(calls.value == 3)
    }

    @Test(arguments: ["{}", "{histogram: {exponential: {max_size: 4}}}"])
    func `counts of spans that stand for very many stay at the highest number`(yaml: String) async throws {
        let harness = try await Harness(SpanMetricsConnector.self, yaml: yaml)
        for number in 0..<300 {
            // The threshold that only one in 2^56 passes.
            let span = Span(milliseconds: number % 7 * number, traceState: "ot=th:ffffffffffffff")
            _ = try await harness.send(.spans([span]))
        }
        try await harness.drain()
        let points = harness.sink(.metrics).batches.points
        #expect(points.map { $0.metric.hasSuffix("calls") } == [true, false])
        #expect(points[0].value == Int64.max)
        #expect(points[1].count == UInt64(Int64.max))
        #expect(points[1].buckets.reduce(points[1].zeroCount, +) == points[1].count)
    }

    @Test func `scopes become dimensions where that is wanted`() async throws {
        let yaml =
            "{histogram: {disable: true}, include_instrumentation_scope: [express], "
            + "exclude_dimensions: [span.name, span.kind, status.code]}"
        let points = try await points(
            yaml, .spans([Span()], scope: "express", version: "1.2"), .spans([Span()], scope: "express"),
            .spans([Span()], scope: "other", version: "2"))
        let name = "service.name=shop span.instrumentation.scope.name=express"
        #expect(
            points.map { $0.labels } == [
                "service.name=shop", name, "\(name) span.instrumentation.scope.version=1.2",
            ])
    }

    @Test func `spans without a service are not counted`() async throws {
        let harness = try await Harness(SpanMetricsConnector.self)
        _ = try await harness.send(.spans([Span(), Span()], of: nil))
        #expect(try await harness.deadline == nil)
        let metric = "apus_connector_span_metrics_skipped_spans"
        #expect(harness.surroundings.metric(metric, ["reason": "no service.name"]) == 2)
    }

    @Test func `resources are told apart by all attributes, by some, or not at all`() async throws {
        let batches = [1, 2].map { pid in
            Batch.spans([Span()], resource: ["pid": .int(pid), "sdk": "go"])
        }
        let all = try await points("{histogram: {disable: true}}", batches[0], batches[1])
        #expect(
            all.map { $0.resource } == ["pid=1 sdk=go service.name=shop", "pid=2 sdk=go service.name=shop"])
        let some = try await points(
            "{histogram: {disable: true}, resource_metrics_key_attributes: [sdk, service.name]}", batches[0],
            batches[1])
        #expect(some.map { "\($0.value ?? 0) \($0.resource)" } == ["2 pid=1 sdk=go service.name=shop"])
        let none = try await points(
            "{histogram: {disable: true}, add_resource_attributes: false}", batches[0], batches[1],
            .spans([Span()], of: "other"))
        #expect(none.map { "\($0.value ?? 0) \($0.resource)" } == ["1 ", "2 "])
    }

    @Test func `the order of the attributes of a resource does not matter`() async throws {
        var builder = TracesBuilder()
        for keys in [["service.name", "a"], ["a", "service.name"]] {
            builder.resource { list in for key in keys { list.attribute(key, "x") } }
            builder.span { Span().write(to: $0) }
        }
        let points = try await points("{histogram: {disable: true}}", builder.finish())
        #expect(points.map { $0.value } == [2])
    }

    @Test func `batches are cut, and nothing is lost or counted twice`() async throws {
        let harness = try await Harness(
            SpanMetricsConnector.self, yaml: "{aggregation_cardinality_limit: 0}")
        let spans = (0..<6000).map { Span(name: "operation-\($0)") }
        for start in stride(from: 0, to: 6000, by: 1000) {
            _ = try await harness.send(.spans(Array(spans[start..<(start + 1000)])))
        }
        try await harness.advance(by: .seconds(60))
        let batches = harness.sink(.metrics).batches
        #expect(batches.count > 2)
        #expect(batches.allSatisfy { $0.byteCount < 2 << 20 })
        for batch in batches {
            #expect(try Batch(validating: batch.contiguous(), as: .metrics).itemCount == batch.itemCount)
        }
        #expect(Set(batches.points.map { "\($0.metric) \($0.labels)" }).count == 12_000)
        #expect(batches.points.count == 12_000)
    }
}
