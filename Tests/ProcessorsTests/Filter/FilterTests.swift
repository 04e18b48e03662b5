import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

@Suite struct FilterTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        let signal: Signal
        let rest: String

        init(_ name: String, _ signal: Signal, _ yaml: String, _ rest: String) {
            testDescription = name
            self.yaml = yaml
            self.signal = signal
            self.rest = rest
        }
    }

    static let allTraces = "a,app_3[e1],b[x.grpc.y plain] | c"
    static let allMetrics = "my.metric2,hist1,sum2 | my.metric1,hello_world1"
    static let allLogs = "my password is x,IMPORTANT RECORD 1 | low,7"

    /// The examples of the documentation, and what is special about each context.
    static let conditions: [Case] = [
        Case("nothing", .traces, "{}", allTraces),
        Case(
            "basic, traces", .traces,
            """
            trace_conditions:
              - span.attributes["container.name"] == "app_container_1"
              - span.name == "app_3"
              - spanevent.attributes["grpc"] == true
              - IsMatch(spanevent.name, ".*grpc.*")
            """, "b[plain] | c"),
        Case(
            "a resource goes with all its spans", .traces,
            "trace_conditions: ['resource.attributes[\"host.name\"] == \"localhost\"']", "c"),
        Case(
            "a scope", .traces, "trace_conditions: ['scope.name == \"own\"']", "a,app_3[e1],b[x.grpc.y plain]"
        ),
        Case(
            "events can go while their span stays", .traces, "trace_conditions: ['spanevent.name != \"\"']",
            "a,app_3,b | c"),
        Case(
            "a condition of two contexts is asked in the inner one", .traces,
            """
            trace_conditions:
              - span.kind == SPAN_KIND_SERVER and resource.attributes["host.name"] != nil
            """,
            "app_3[e1],b[x.grpc.y plain] | c"),
        Case(
            "advanced, with a context", .traces,
            """
            trace_conditions:
              - context: span
                conditions: ['name == "a"', 'name == "b"']
              - error_mode: silent
                conditions: ['resource.attributes["host.name"] == "other"']
            """, "app_3[e1]"),
        Case("everything", .traces, "trace_conditions: ['span.name != nil']", ""),
        Case(
            "older form, traces", .traces,
            """
            error_mode: ignore
            traces:
              span:
                - 'attributes["container.name"] == "app_container_1"'
                - 'resource.attributes["host.name"] == "other"'
                - 'name == "app_3"'
              spanevent:
                - 'attributes["grpc"] == true'
                - 'IsMatch(name, ".*grpc.*")'
            """, "b[plain]"),
        Case(
            "older form, resources", .traces, "traces: {resource: ['attributes[\"service.name\"] != nil']}",
            "a,app_3[e1],b[x.grpc.y plain]"),
        Case(
            "basic, metrics", .metrics,
            """
            metric_conditions:
              - metric.name == "my.metric" and resource.attributes["my_label"] == "abc123"
              - metric.type == METRIC_DATA_TYPE_HISTOGRAM
              - datapoint.attributes["http.method"] == "PUT"
            """, "sum1 | my.metric1,hello_world1"),
        Case(
            "a metric goes with its last point", .metrics,
            "metric_conditions: ['metric.type == METRIC_DATA_TYPE_SUMMARY and datapoint.count == 1']",
            "my.metric2,hist1,sum2 | hello_world1"),
        Case(
            "keys on data points", .metrics,
            "metric_conditions: ['HasAttrKeyOnDatapoint(\"http.method\") and metric.name != \"\"']",
            "my.metric2,hist1 | my.metric1,hello_world1"),
        Case(
            "values on data points", .metrics,
            """
            metrics:
              metric:
                - 'HasAttrOnDatapoint("http.method", "GET")'
                - 'HasAttrOnDatapoint("http.method", "POST")'
            """, "my.metric2,hist1 | my.metric1,hello_world1"),
        Case(
            "older form, metrics", .metrics,
            """
            metrics:
              metric:
                - 'name == "my.metric" and resource.attributes["my_label"] == "abc123"'
                - 'type == METRIC_DATA_TYPE_HISTOGRAM'
              datapoint:
                - 'metric.type == METRIC_DATA_TYPE_SUMMARY'
                - 'resource.attributes["service.name"] == "my_service_name"'
            """, "sum2"),
        Case(
            "basic, logs", .logs,
            """
            log_conditions:
              - IsMatch(log.body, ".*password.*")
              - log.severity_number > 0 and log.severity_number < SEVERITY_NUMBER_WARN
            """, "IMPORTANT RECORD 1 | 7"),
        Case(
            "older form, logs", .logs,
            """
            logs:
              log_record:
                - 'IsMatch(body, ".*password.*")'
                - 'severity_number < SEVERITY_NUMBER_WARN'
            """, "IMPORTANT RECORD 1"),
        Case("other signals pass", .logs, "trace_conditions: ['span.name != nil']", allLogs),
    ]

    private static func batch(_ signal: Signal) throws -> Batch {
        switch signal {
        case .logs: try FilterSamples.logs()
        case .metrics: try FilterSamples.metrics()
        default: try FilterSamples.traces()
        }
    }

    @Test(arguments: conditions + OlderFilterCases.all)
    func `what matches is dropped and counted`(_ example: Case) throws {
        var step = try StepHarness(FilterProcessor.self, yaml: example.yaml)
        let batch = try Self.batch(example.signal)
        let passed = try step.send(batch)
        #expect(passed.map(FilterSamples.outline).joined() == example.rest)
        let left = passed.reduce(0) { $0 + $1.itemCount }
        #expect(step.removed[.filtered, default: 0] == batch.itemCount - left)
        #expect(step.removedByRule.values.reduce(0, +) == batch.itemCount - left)
        for batch in passed { _ = try Batch(validating: batch.contiguous(), as: batch.signal) }
    }

    @Test func `the ledger knows what each condition dropped`() throws {
        var step = try StepHarness(
            FilterProcessor.self,
            yaml: """
                trace_conditions: ['span.name == "a"', 'resource.attributes["host.name"] == "other"']
                metric_conditions: ['metric.name == "sum"', 'datapoint.value_int == 2']
                """)
        _ = try step.send(FilterSamples.traces())
        _ = try step.send(FilterSamples.metrics())
        #expect(
            step.removedByRule == [
                #"span.name == "a""#: 1, #"resource.attributes["host.name"] == "other""#: 1,
                #"metric.name == "sum""#: 2, "datapoint.value_int == 2": 1,
            ])
    }

    @Test func `what never matches passes as the very same bytes`() throws {
        var step = try StepHarness(
            FilterProcessor.self,
            yaml: """
                trace_conditions: ['span.name == "-"', 'spanevent.name == "-"', 'scope.name == "-"',
                  'resource.attributes["-"] != nil']
                metric_conditions: ['metric.name == "-"', 'datapoint.attributes["-"] != nil']
                log_conditions: ['log.body == "-"']
                """)
        for signal in [Signal.traces, .metrics, .logs] {
            let batch = try Self.batch(signal)
            let passed = try #require(try step.send(batch).first)
            #expect(passed.contiguous().array == batch.contiguous().array)
        }
        #expect(step.removed.isEmpty)
    }

    @Test func `errors are ignored, kept silent, or refuse the batch`() throws {
        let condition = #"span.name == "a" or Substring(span.name, 0, 100) == "x""#
        func step(_ mode: String) throws -> StepHarness<FilterProcessor> {
            try StepHarness(
                FilterProcessor.self, yaml: "error_mode: \(mode)\ntrace_conditions: ['\(condition)']")
        }
        var ignoring = try step("ignore")
        let passed = try ignoring.send(FilterSamples.traces())
        #expect(passed.map(FilterSamples.outline) == ["app_3[e1],b[x.grpc.y plain] | c"])
        #expect(ignoring.surroundings.metrics.value("apus_processor_statement_failures") == 3)
        var silent = try step("silent")
        _ = try silent.send(FilterSamples.traces())
        #expect(silent.surroundings.metrics.value("apus_processor_statement_failures") == 0)
        var strict = try step("propagate")
        #expect {
            _ = try strict.send(FilterSamples.traces())
        } throws: { error in
            "\(error)".contains("could not evaluate '\(condition)'")
        }
        #expect(strict.removed.isEmpty)
    }

    @Test func `events that are dropped are counted`() throws {
        var step = try StepHarness(
            FilterProcessor.self, yaml: "trace_conditions: ['spanevent.name != \"\"']")
        _ = try step.send(FilterSamples.traces())
        #expect(step.surroundings.metrics.value("apus_processor_filter_removed_span_events") == 3)
        #expect(step.removed.isEmpty)
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            FilterProcessor.self, yaml: "trace_conditions: ['span.name == \"dropped\"']")
    }
}

extension Metrics {
    /// The sum of all series of a family.
    func value(_ name: String) -> Double {
        let samples = snapshot().first { $0.name == name }?.samples ?? []
        return samples.reduce(0) { sum, sample in
            if case .number(let number) = sample.value { sum + number } else { sum }
        }
    }
}
