import Connectors
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// What is counted, and by what.
@Suite struct CountTests {
    typealias Harness = ConnectorHarness<CountConnector>

    /// The counts of one batch, as `metric value labels`.
    private func counts(_ yaml: String, _ batch: Batch) async throws -> [String] {
        let harness = try await Harness(CountConnector.self, yaml: yaml)
        _ = try await harness.send(batch)
        return harness.sink(.metrics).batches.points.map { point in
            "\(point.metric) \(point.value ?? 0)\(point.labels.isEmpty ? "" : " " + point.labels)"
        }
    }

    private static let spans = Batch.spans(
        [
            Span(
                name: "a", kind: 2, attributes: ["env": "prod", "size": 3], events: [["env": "prod"], [:]]),
            Span(name: "b", kind: 3, attributes: ["env": "prod", "size": 4]),
            Span(name: "c", kind: 3, attributes: ["env": "test"], events: [["env": "test"]]),
            Span(name: "d", kind: 3),
        ], of: "shop", resource: ["region": "eu"])

    private static var logs: Batch {
        var builder = LogsBuilder()
        builder.resource { $0.attribute("service.name", "shop") }
        builder.scope("scope") { $0.attribute("layer", "ui") }
        for (severity, env) in [(9, "prod"), (17, "prod"), (18, "test"), (21, nil)] {
            builder.record { record in
                record.time(UInt64(severity) * 1000)
                record.severity(severity)
                if let env { record.attribute("env", .string(env)) }
            }
        }
        return builder.finish()
    }

    private static var metrics: Batch {
        var builder = MetricsBuilder()
        builder.gauge("gauge") { points in
            for env in ["prod", "test"] {
                points.point { point in
                    point.value(.int(1))
                    point.attribute("env", .string(env))
                }
            }
        }
        builder.summary("summary") { $0.point { $0.count(1) } }
        return builder.finish()
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(CountConnector.self)
    }

    @Test func `without settings everything is counted`() async throws {
        #expect(
            try await counts("{}", Self.spans) == ["trace.span.count 4", "trace.span.event.count 3"])
        #expect(
            try await counts("{}", Self.metrics) == ["metric.count 2", "metric.datapoint.count 3"])
        #expect(try await counts("{}", Self.logs) == ["log.record.count 4"])
        #expect(try await counts("{}", Samples.batch(.profiles)).first?.hasPrefix("profile.count ") == true)
    }

    @Test func `counts are deltas of the resource, from the first thing to the last`() async throws {
        let harness = try await Harness(CountConnector.self)
        _ = try await harness.send(Self.logs)
        let point = try #require(harness.sink(.metrics).batches.points.first)
        #expect(point.temporality == 1 && point.isMonotonic)
        #expect(point.resource == "service.name=shop")
        #expect(point.details == "The number of log records observed.")
        #expect((point.start, point.time) == (9000, 21_000))
        _ = try await harness.send(Self.metrics)
        let timeless = try #require(harness.sink(.metrics).batches.last?.points.first)
        #expect(timeless.start == harness.surroundings.clock.unixNanoseconds)
        #expect(timeless.time == timeless.start)
    }

    @Test(arguments: [
        // Of the documentation of the Collector.
        (
            #"""
            spanevents:
              my.prod.event.count:
                description: The number of span events from my prod environment.
                conditions:
                  - 'attributes["env"] == "prod"'
                  - 'name == "prodevent"'
            """#,
            ["my.prod.event.count 1", "trace.span.count 4"]
        ),
        (
            #"""
            spanevents: {}
            spans:
              one: {conditions: ['name == "a"']}
              two: {conditions: ['name == "a"', 'kind == SPAN_KIND_CLIENT']}
            """#,
            ["one 1", "two 4"]
        ),
        (#"{spans: {none: {conditions: ['name == "x"']}}, spanevents: {}}"#, []),
        (
            #"{spans: {by.env: {attributes: [{key: env}]}}, spanevents: {}}"#,
            ["by.env 2 env=prod", "by.env 1 env=test"]
        ),
        (
            #"{spans: {by.env: {attributes: [{key: env, default_value: none}]}}, spanevents: {}}"#,
            ["by.env 1 env=none", "by.env 2 env=prod", "by.env 1 env=test"]
        ),
        (
            #"""
            spanevents: {}
            spans:
              two:
                attributes: [{key: env}, {key: size, default_value: 7}]
                conditions: ['kind == SPAN_KIND_CLIENT']
            """#,
            ["two 1 env=prod size=4", "two 1 env=test size=7"]
        ),
        (
            #"""
            spanevents: {by.env: {attributes: [{key: env}]}}
            spans: {by.region: {attributes: [{key: region}]}}
            """#,
            ["by.env 1 env=prod", "by.env 1 env=test", "by.region 4 region=eu"]
        ),
        (
            #"""
            spanevents: {}
            spans: {x: {conditions: ['resource.attributes["region"] == "eu" and span.name != "a"']}}
            """#,
            ["x 3"]
        ),
    ])
    func `spans and events are counted by conditions and attributes`(
        yaml: String, expected: [String]
    ) async throws {
        #expect(try await counts(yaml, Self.spans) == expected)
    }

    @Test(arguments: [
        (
            #"{logs: {my.log.count: {attributes: [{key: env, default_value: unspecified_environment}]}}}"#,
            [
                "my.log.count 2 env=prod", "my.log.count 1 env=test",
                "my.log.count 1 env=unspecified_environment",
            ]
        ),
        (
            #"""
            logs:
              my.error.log.count:
                description: Error+ logs.
                conditions:
                  - severity_number >= SEVERITY_NUMBER_ERROR
            """#,
            ["my.error.log.count 3"]
        ),
        (
            #"""
            logs:
              my.error.log.count:
                conditions: [severity_number >= SEVERITY_NUMBER_ERROR]
                attributes: [{key: env}]
            """#,
            ["my.error.log.count 1 env=prod", "my.error.log.count 1 env=test"]
        ),
        (
            #"{logs: {by.layer: {attributes: [{key: layer}, {key: service.name}]}}}"#,
            ["by.layer 4 layer=ui service.name=shop"]
        ),
        (#"{logs: {}}"#, []),
    ])
    func `log records are counted by conditions and attributes`(
        yaml: String, expected: [String]
    ) async throws {
        #expect(try await counts(yaml, Self.logs) == expected)
    }

    @Test(arguments: [
        (
            #"""
            metrics:
              gauges: {conditions: ['type == METRIC_DATA_TYPE_GAUGE and HasAttrKeyOnDatapoint("env")']}
            datapoints:
              prod: {conditions: ['attributes["env"] == "prod"']}
              test: {conditions: ['attributes["env"] == "test"']}
            """#,
            ["gauges 1", "prod 1", "test 1"]
        ),
        (
            #"{metrics: {}, datapoints: {by.env: {attributes: [{key: env, default_value: 1.5}]}}}"#,
            ["by.env 1 env=1.5", "by.env 1 env=prod", "by.env 1 env=test"]
        ),
    ])
    func `metrics and data points are counted by conditions and attributes`(
        yaml: String, expected: [String]
    ) async throws {
        #expect(try await counts(yaml, Self.metrics) == expected)
    }

    @Test func `each resource has its own counts`() async throws {
        var batch = Batch.spans([Span(), Span()], of: "a")
        batch.append(.spans([Span()], of: "b"))
        let harness = try await Harness(CountConnector.self, yaml: "{spanevents: {}}")
        _ = try await harness.send(batch)
        #expect(
            harness.sink(.metrics).batches.points.map { "\($0.resource) \($0.value ?? 0)" } == [
                "service.name=a 2", "service.name=b 1",
            ])
    }

    @Test func `a condition that cannot be evaluated does not hold, and is told`() async throws {
        let harness = try await Harness(
            CountConnector.self,
            yaml: #"""
                spanevents: {}
                spans: {x: {conditions: ['Int(attributes["env"]) / 0 > 1', 'name == "b"']}}
                """#)
        _ = try await harness.send(Self.spans)
        #expect(harness.sink(.metrics).batches.points.map { $0.value } == [1])
        #expect(try #require(harness.surroundings.metric("apus_connector_count_failed_conditions")) > 0)
    }

    @Test func `the answer of the pipelines behind is its own`() async throws {
        let harness = try await Harness(CountConnector.self)
        harness.sink(.metrics).refuse(with: .later(reason: "full"))
        await #expect(throws: Rejection.later(reason: "full")) { try await harness.send(Self.spans) }
        _ = try await harness.send(Self.spans)
        #expect(harness.sink(.metrics).batches.points.map { $0.value } == [4, 3], "nothing is counted twice")
    }

    @Test(arguments: [
        (
            "spans:\n  my.count:\n    conditions:\n      - name = 5",
            "4:14 spans.my.count.conditions.0: column "
        ),
        (
            "spans:\n  my.count:\n    conditions:\n      - nme == \"a\"",
            "4:9 spans.my.count.conditions.0: column 1"
        ),
        ("{logs: {x: {conditions: ['kind == 1']}}}", "1:26 logs.x.conditions.0: column 1"),
        ("{metrics: {x: {attributes: [{key: a}]}}}", "1:28 metrics.x.attributes: what is counted here"),
        (
            "{spans: {x: {attributes: [{key: a}, {key: a}]}}}",
            "1:43 spans.x.attributes.1.key: 'a' is there already"
        ),
        (
            "{spans: {x: {attributes: [{default_value: a}]}}}",
            "1:27 spans.x.attributes.0: missing required key 'key'"
        ),
        (
            "{spans: {x: {attributes: [{key: a, default_value: [1]}]}}}",
            "1:51 spans.x.attributes.0.default_value: must be a text or a number"
        ),
        ("{spans: {'': {}}}", "1:9 spans: a metric needs a name"),
        (
            "{profiles: {x: {conditions: ['true']}}}",
            "1:30 profiles.x.conditions.0: conditions are not supported here"
        ),
    ])
    func `a mistake is told at its place`(yaml: String, expected: String) {
        let found = mistakes(CountConnector.Configuration.self, yaml)
        #expect(found.first?.hasPrefix(expected) == true, "\(found)")
    }
}
