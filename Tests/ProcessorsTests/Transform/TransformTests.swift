import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

@Suite struct TransformTests {
    private static func spans(_ attributes: Attributes, resource: Attributes = [:], name: String = "s")
        -> Batch
    {
        .one(.traces, attributes, name: name, resource: resource)
    }

    /// Runs a configuration on a batch; returns what comes out.
    private func transform(_ yaml: String, _ batch: Batch) throws -> Batch {
        var step = try StepHarness(TransformProcessor.self, yaml: yaml)
        let passed = try #require(try step.send(batch).first)
        return try Batch(validating: passed.contiguous(), as: passed.signal)
    }

    /// What attributes of the resource and of the item become, by the examples of the documentation.
    @Test(
        arguments: [
            (
                "if a field does not exist",
                #"- set(span.attributes["test"], "pass") where span.attributes["test"] == nil"#,
                [:], [:], [:], ["test": "pass"]
            ),
            (
                "rename an attribute",
                """
                - set(resource.attributes["namespace"], resource.attributes["k8s.namespace.name"])
                - delete_key(resource.attributes, "k8s.namespace.name")
                """, ["k8s.namespace.name": "n"], [:], ["namespace": "n"], [:]
            ),
            (
                "rename by an expression",
                #"- replace_all_patterns(resource.attributes, "key", "k8s\\.namespace\\.name", "namespace")"#,
                ["k8s.namespace.name": "n"], [:], ["namespace": "n"], [:]
            ),
            (
                "combine two attributes",
                """
                - >-
                  set(resource.attributes["test"],
                  Concat([resource.attributes["foo"], resource.attributes["bar"]], " "))
                """, ["foo": "a", "bar": "b"], [:], ["foo": "a", "bar": "b", "test": "a b"], [:]
            ),
            (
                "move attributes that match",
                """
                - statements:
                  - set(resource.cache["attrs"], resource.attributes)
                  - keep_matching_keys(resource.cache["attrs"], "pod_labels_.*")
                  - set(resource.attributes["kubernetes.labels"], resource.cache["attrs"])
                """, ["pod_labels_a": "x", "b": "y"], [:],
                [
                    "pod_labels_a": "x", "b": "y",
                    "kubernetes.labels": .keyValues([.init("pod_labels_a", "x")]),
                ], [:]
            ),
            (
                "from the item to its resource",
                #"- set(resource.attributes["to"], span.attributes["from"])"#, [:], ["from": "v"],
                ["to": "v"],
                ["from": "v"]
            ),
            (
                "several edits",
                """
                - keep_keys(span.attributes, ["service.name", "process.command_line"])
                - >-
                  replace_pattern(span.attributes["process.command_line"],
                  "password\\\\=[^\\\\s]*(\\\\s?)", "password=***")
                - limit(span.attributes, 100, [])
                - truncate_all(span.attributes, 40)
                """, [:], ["process.command_line": "x password=secret y", "drop": 1],
                [:], ["process.command_line": "x password=***y"]
            ),
            (
                "a group with conditions",
                """
                - conditions: ['span.name == "other"', 'span.attributes["a"] == 1']
                  statements: ['set(span.attributes["b"], 2)']
                - context: span
                  conditions: ['attributes["a"] == 2']
                  statements: ['set(attributes["c"], 3)']
                """, [:], ["a": 1], [:], ["a": 1, "b": 2]
            ),
            (
                "groups see what those before them did",
                """
                - context: span
                  statements: ['set(attributes["a"], 1)']
                - context: resource
                  statements: ['set(attributes["r"], 2)']
                - context: span
                  statements: ['set(attributes["b"], resource.attributes["r"]) where attributes["a"] == 1']
                """, [:], [:], ["r": 2], ["a": 1, "b": 2]
            ),
            (
                "a cache is forgotten after a group",
                """
                - statements: ['set(span.cache["x"], 1)', 'set(span.attributes["a"], span.cache["x"])']
                - statements: ['set(span.attributes["b"], span.cache["x"])']
                """, [:], [:], [:], ["a": 1]
            ),
            (
                "a cache can be shared",
                """
                - {shared_cache: true, context: span, statements: ['set(cache["x"], 1)']}
                - {shared_cache: true, context: span, statements: ['set(attributes["b"], cache["x"])']}
                """, [:], [:], [:], ["b": 1]
            ),
        ] as [(String, String, Attributes, Attributes, Attributes, Attributes)])
    func `traces become what the documentation says`(
        _ name: String, _ statements: String, _ resource: Attributes, _ item: Attributes,
        _ newResource: Attributes, _ newItem: Attributes
    ) throws {
        let text = statements.replacing("\n", with: "\n  ")
        let after = try transform("trace_statements:\n  \(text)", Self.spans(item, resource: resource))
        #expect(after.resourceAttributes == [newResource])
        #expect(after.itemAttributes == [newItem])
    }

    @Test func `the body of a log record is taken apart`() throws {
        let yaml = """
            log_statements:
              - statements:
                  - merge_maps(log.cache, ParseJSON(log.body), "upsert") where IsMatch(log.body, "^\\\\{")
                  - set(log.attributes["attr1"], log.cache["attr1"])
                  - set(log.attributes["nested.attr3"], log.cache["nested"]["attr3"])
            """
        let body = #"{"name":"log","attr1":"foo","attr2":"bar","nested":{"attr3":"example"}}"#
        let after = try transform(yaml, .one(.logs, [:], name: body))
        #expect(after.itemAttributes == [["attr1": "foo", "nested.attr3": "example"]])
        let plain = try transform(yaml, .one(.logs, [:], name: "no JSON"))
        #expect(plain.itemAttributes == [[:]])
    }

    @Test func `the severity is found in a body`() throws {
        let yaml = """
            log_statements:
              - set(log.severity_number, SEVERITY_NUMBER_INFO) where IsMatch(log.body, "\\\\sINFO\\\\s")
              - >-
                  set(log.severity_number, SEVERITY_NUMBER_WARN) where IsString(log.body)
                  and IsMatch(log.body, "\\\\sWARN\\\\s")
            """
        let body = "[2023-09-22 07:38:22,570] INFO [Something]: some interesting log"
        let after = try transform(yaml, .one(.logs, [:], name: body))
        #expect(after.resourceLogs.flatMap { $0.scopes }.flatMap { $0.records }.map(\.severityNumber) == [9])
    }

    @Test func `metrics are converted, and those made of them pass the statements too`() throws {
        var builder = MetricsBuilder()
        builder.sum(.init("system.processes.count"), .cumulative, isMonotonic: true) { points in
            points.point { $0.value(.int(3)) }
        }
        builder.histogram(.init("latency"), .delta) { points in
            points.point { point in
                point.count(3)
                point.sum(6)
                point.buckets(counts: [1, 2], bounds: [5])
            }
        }
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: """
                metric_statements:
                  - set(metric.description, "a sum") where metric.type == METRIC_DATA_TYPE_SUM
                  - convert_sum_to_gauge() where metric.name == "system.processes.count"
                  - extract_sum_metric(true, ".sum") where metric.name == "latency"
                """)
        let passed = try #require(try step.send(builder.finish()).first)
        let metrics = passed.resourceMetrics.flatMap { $0.scopes }.flatMap { $0.records }
        #expect(metrics.map(\.name) == ["system.processes.count", "latency", "latency.sum"])
        #expect(metrics.map(\.details) == ["a sum", "", "a sum"])
        #expect(passed.itemCount == 3)
        #expect(step.added == 1 && step.removed.isEmpty)
        _ = try Batch(validating: passed.contiguous(), as: .metrics)
    }

    @Test func `data points that were put together are counted`() throws {
        var builder = MetricsBuilder()
        builder.gauge("g") { points in
            for value in 1...3 { points.point { $0.value(.int(Int64(value))) } }
        }
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: #"metric_statements: ['aggregate_on_attributes("max", []) where metric.name == "g"']"#)
        #expect(try step.send(builder.finish()).map(\.itemCount) == [1])
        #expect(step.removedByRule == ["aggregated": 2])
    }

    @Test func `what no statement changes passes as the very same bytes`() throws {
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: """
                flatten_data: true
                trace_statements:
                  - set(span.name, "x") where span.name == "-"
                  - set(resource.attributes["a"], 1) where span.name == "-"
                metric_statements:
                  - context: metric
                    statements:
                      - set(name, "x") where name == "-"
                      - extract_sum_metric(true) where name == "-"
                  - {context: datapoint, statements: ['set(attributes["a"], 1) where metric.name == "-"']}
                log_statements:
                  - set(log.body, "x") where log.body == "-"
                """)
        for batch in [try FilterSamples.traces(), try FilterSamples.metrics(), try FilterSamples.logs()] {
            let passed = try #require(try step.send(batch).first)
            #expect(passed.contiguous().array == batch.contiguous().array)
        }
    }

    @Test(arguments: [
        "flatten_data: true\nlog_statements:\n  - ", "log_statements:\n  - flatten: true\n    statements: ",
    ])
    func `each log record has a resource of its own while data is flat`(_ start: String) throws {
        var builder = LogsBuilder()
        builder.resource { $0.write(["r": 1]) }
        builder.scope("lib")
        for from in ["a", "b", "a"] {
            builder.record { $0.write(["from": .string(from)]) }
        }
        let statement = #"set(resource.attributes["to"], log.attributes["from"])"#
        let text = start.hasPrefix("flatten") ? statement : "['\(statement)']"
        let after = try transform(start + text, builder.finish())
        #expect(after.resourceAttributes == [["r": 1, "to": "a"], ["r": 1, "to": "b"]])
        #expect(after.resourceLogs.map { $0.scopes.map { Array($0.records).count } } == [[2], [1]])
    }

    @Test func `a shared cache goes on from one span to the next`() throws {
        var builder = TracesBuilder()
        for name in ["a", "b"] { builder.span { $0.name(name) } }
        let after = try transform(
            """
            trace_statements:
              - context: span
                shared_cache: true
                statements: ['set(attributes["before"], cache["name"])', 'set(cache["name"], name)']
            """, builder.finish())
        #expect(after.itemAttributes == [[:], ["before": "a"]])
    }

    @Test func `a shared cache that grows without end begins anew`() throws {
        var builder = TracesBuilder()
        for index in 0..<250 { builder.span { $0.name("\(index)") } }
        var step = try StepHarness(
            TransformProcessor.self,
            yaml:
                "trace_statements: [{context: span, shared_cache: true, statements: ['set(cache[name], 1)']}]"
        )
        _ = try step.send(builder.finish())
        #expect(step.surroundings.metrics.value("apus_processor_transform_cache_resets") == 2)
    }

    @Test func `errors are ignored, kept silent, or refuse the batch`() throws {
        func step(_ mode: String, group: String = "") throws -> StepHarness<TransformProcessor> {
            try StepHarness(
                TransformProcessor.self,
                yaml: """
                    error_mode: \(mode)
                    trace_statements:
                      - \(group)
                        statements: ['set(span.name, span.attributes["n"])', 'set(span.kind, 3)']
                    """)
        }
        let batch = Self.spans(["n": 5])
        for (mode, group, failures) in [
            ("ignore", "", 1.0), ("silent", "", 0), ("propagate", "error_mode: ignore", 1),
        ] {
            var step = try step(mode, group: group)
            let passed = try #require(try step.send(batch).first)
            #expect(passed.spans.map(\.kind) == [3])
            #expect(step.surroundings.metrics.value("apus_processor_statement_failures") == failures)
        }
        for (mode, group) in [("propagate", ""), ("ignore", "error_mode: propagate")] {
            var strict = try step(mode, group: group)
            #expect {
                _ = try strict.send(batch)
            } throws: { error in
                "\(error)" == "refused: the processor transform could not evaluate 'set(span.name, "
                    + #"span.attributes["n"])': expected string but got int"#
            }
        }
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            TransformProcessor.self, yaml: "trace_statements: ['set(span.attributes[\"a\"], 1)']")
    }
}

@Suite struct TransformMistakeTests {
    @Test(arguments: [
        (
            "trace_statements:\n  - set(span.nam, \"a\")",
            "2:14 trace_statements.0: column 10 of 'set(span.nam, \"a\")': a span has no field 'nam'"
        ),
        (
            "trace_statements:\n  - set(span.name, \"a\")\n  - sett(span.name, \"x\")",
            "3:5 trace_statements.1: column 1 of 'sett(span.name, \"x\")': there is no editor 'sett'"
        ),
        (
            "trace_statements:\n  - set(name, \"a\")",
            "2:9 trace_statements.0: column 5 of 'set(name, \"a\")': 'name' does not say what it belongs to"
        ),
        (
            "metric_statements:\n  - statements:\n      - set(exemplar.value, 1)",
            "3:13 metric_statements.0.statements.0: column 5 of 'set(exemplar.value, 1)': there is no "
                + "context 'exemplar' here"
        ),
        (
            "log_statements:\n  - set(span.name, \"a\")",
            "2:5 log_statements.0: column 1 of 'set(span.name, \"a\")': the statements are about a span, "
                + "which logs do not have"
        ),
        (
            "metric_statements:\n  - convert_sum_to_gauge() where metric.name == \"system.processes.count\"\n"
                + "  - limit(datapoint.attributes, 100, [\"host.name\"])",
            "2:5 metric_statements.0: column 1 of 'convert_sum_to_gauge() where metric.name == "
                + "\"system.processes.count\"': it works on whole metrics: put it in a group of its own"
        ),
        (
            "metric_statements: [{context: span, statements: [a()]}]",
            "1:31 metric_statements.0.context: is no context of metrics; they have metric, datapoint, scope, "
                + "resource"
        ),
        (
            "metric_statements: [{flatten: true, statements: [a()]}]",
            "1:31 metric_statements.0.flatten: is for log_statements only"
        ),
        (
            "trace_statements: [{context: span, conditions: ['name = 1'], statements: ['set(name, \"a\")']}]",
            "1:49 trace_statements.0.conditions.0: column 6 of 'name = 1': "
        ),
        ("trace_statements: [{context: span}]", "1:20 trace_statements.0: missing required key 'statements'"),
        ("trace_statements: [{statements: []}, a]", "1:38 trace_statements: is a text among groups"),
        ("profile_statements: [a]", "1:1 profile_statements: is not supported: profiles refer to"),
        (
            "trace_statements: [{context: exemplar, statements: []}]",
            "1:30 trace_statements.0.context: must be one of resource, scope, span"
        ),
    ])
    func `mistakes are named with their place`(_ yaml: String, _ mistake: String) {
        let mistakes = TransformProcessor.Configuration.mistakes(yaml)
        #expect(mistakes.count == 1 && mistakes.first?.hasPrefix(mistake) == true, "\(mistakes)")
    }

    @Test func `what is printed can be read again`() throws {
        let yaml = """
            error_mode: silent
            trace_statements: ['set(span.name, "a")']
            log_statements: [{context: log, conditions: ['body == "x"'], statements: ['set(body, "a")']}]
            """
        let tree = try #require(try TransformProcessor.Configuration.decode(yaml: yaml).tree(.revealed))
        let again = try TransformProcessor.Configuration.decode(yaml: tree.json())
        #expect(again.tree(.revealed) == tree)
        #expect(again.traceStatements.groups.count == 1 && again.logStatements.groups.count == 1)
    }
}
