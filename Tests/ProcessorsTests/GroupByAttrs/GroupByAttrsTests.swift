import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

@Suite struct GroupByAttrsTests {
    /// What a batch is, in short: resources with their scopes and records.
    private func outline(_ batch: Batch) -> [String] {
        func text(_ attributes: Attributes) -> String {
            attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\(AnyValueView($0.value).text)" }
                .joined(separator: " ")
        }
        switch batch.signal {
        case .logs:
            return batch.resourceLogs.flatMap { group in
                group.scopes.map { scope in
                    "\(text(group.resource.attributes.dictionary)) | \(scope.scope.name) | "
                        + scope.records.map { record in
                            "\(record.body?.string ?? "")(\(text(record.attributes.dictionary)))"
                        }.joined(separator: ", ")
                }
            }
        default:
            return batch.resourceSpans.flatMap { group in
                group.scopes.map { scope in
                    "\(text(group.resource.attributes.dictionary)) | \(scope.scope.name) | "
                        + scope.records.map { "\($0.name)(\(text($0.attributes.dictionary)))" }
                        .joined(separator: ", ")
                }
            }
        }
    }

    /// The example of the documentation: four log records of three scopes, of hosts that they name
    /// themselves.
    private var logs: Batch {
        var builder = LogsBuilder()
        builder.resource { $0.write(["host.name": "localhost", "source": "prom"]) }
        builder.scope("a")
        builder.record { record in
            record.body("0")
            record.write(["host.name": "host-A", "http.method": "GET"])
        }
        builder.record { record in
            record.body("1")
            record.write(["http.method": "GET"])
        }
        builder.resource { $0.write(["source": "prom"]) }
        builder.scope("b")
        builder.record { record in
            record.body("2")
            record.write(["host.name": "host-A"])
        }
        builder.scope("a")
        builder.record { record in
            record.body("3")
            record.write(["host.name": "host-B", "n": 1])
        }
        builder.record { record in
            record.body("4")
            record.write(["host.name": "host-A", "http.method": "PUT"])
        }
        return builder.finish()
    }

    @Test func `records move to the resource that they name`() throws {
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [host.name]")
        let passed = try #require(try step.send(logs).first)
        #expect(
            outline(passed) == [
                "host.name=host-A source=prom | a | 0(http.method=GET), 4(http.method=PUT)",
                "host.name=host-A source=prom | b | 2()",
                "host.name=localhost source=prom | a | 1(http.method=GET)",
                "host.name=host-B source=prom | a | 3(n=1)",
            ])
        #expect(passed.itemCount == 5)
        #expect(try Batch(validating: passed.contiguous(), as: .logs).itemCount == 5)
        #expect(step.surroundings.metric("otelcol_processor_groupbyattrs_num_grouped_logs") == 4)
        #expect(step.surroundings.metric("otelcol_processor_groupbyattrs_num_non_grouped_logs") == 1)
    }

    @Test func `several keys and values of all types`() throws {
        var builder = TracesBuilder()
        for (name, attributes) in [
            ("0", ["a": 1, "b": [1, 2]]), ("1", ["a": "1", "b": [1, 2]]),
            ("2", ["a": 1, "b": [1, 2], "c": 3]),
            ("3", ["a": 1]),
        ] as [(String, Attributes)] {
            builder.span { span in
                span.name(name)
                span.write(attributes)
            }
        }
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [a, b]")
        let passed = try #require(try step.send(builder.finish()).first)
        #expect(
            outline(passed) == [
                "a=1 b=[1,2] |  | 0(), 2(c=3)", "a=1 b=[1,2] |  | 1()", "a=1 |  | 3()",
            ])
    }

    @Test func `without keys equal resources and scopes are joined`() throws {
        var batch = Batch.one(.traces, ["n": 1], name: "0", resource: ["a": 1, "b": 2], scope: "x")
        batch.append(Batch.one(.traces, [:], name: "1", resource: ["a": 1], scope: "x"))
        batch.append(Batch.one(.traces, [:], name: "2", resource: ["a": 1, "b": 2], scope: "y"))
        batch.append(Batch.one(.traces, [:], name: "3", resource: ["a": 1, "b": 2], scope: "x"))
        var step = try StepHarness(GroupByAttrsProcessor.self)
        let passed = try #require(try step.send(batch).first)
        #expect(outline(passed) == ["a=1 b=2 | x | 0(n=1), 3()", "a=1 b=2 | y | 2()", "a=1 | x | 1()"])
        #expect(passed.chunks.count == 1 && passed.itemCount == 4)
    }

    @Test(arguments: [Signal.traces, .logs, .metrics])
    func `what cannot be joined stays the very same bytes`(_ signal: Signal) throws {
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [no.such.attribute]")
        for batch in [try Samples.complete(signal), try Samples.batch(signal)] {
            #expect(try step.send(batch).map { $0.contiguous().array } == [batch.contiguous().array])
        }
    }

    @Test func `data points move, and metrics are joined by what they measure`() throws {
        var builder = MetricsBuilder()
        builder.resource { $0.attribute("r", 1) }
        builder.scope("s")
        for (unit, temporality) in [
            ("1", MetricsBuilder.Temporality.delta), ("1", .cumulative), ("By", .delta),
        ] {
            builder.sum(.init("cpu", unit: unit, details: "use"), temporality, isMonotonic: true) { points in
                for host in ["a", "b", "a"] {
                    points.point { point in
                        point.value(.int(1))
                        point.write(["host": .string(host), "core": 0])
                    }
                }
            }
        }
        builder.gauge("cpu") { $0.point { $0.write(["host": "b"]) } }
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [host]")
        let passed = try #require(try step.send(builder.finish()).first)
        #expect(passed.resourceAttributes == [["r": 1, "host": "a"], ["r": 1, "host": "b"]])
        #expect(passed.itemCount == 10)
        #expect(try Batch(validating: passed.contiguous(), as: .metrics).itemCount == 10)
        let metrics = passed.resourceMetrics.map { $0.scopes.flatMap { $0.records } }
        #expect(
            metrics.map { $0.map { "\($0.name) \($0.unit) \($0.details)" } } == [
                ["cpu 1 use", "cpu 1 use", "cpu By use"], ["cpu 1 use", "cpu 1 use", "cpu By use", "cpu  "],
            ])
        guard case .sum(let points, 2, true) = metrics[0][1].content else {
            Issue.record("the second metric is no cumulative sum")
            return
        }
        #expect(points.map { $0.attributes.dictionary } == [["core": 0], ["core": 0]])
    }

    @Test func `what belongs to a resource beside its attributes stays`() throws {
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [text]")
        let passed = try #require(try step.send(try Samples.complete(.logs)).first)
        let group = try #require(passed.resourceLogs.first)
        #expect(group.schemaURL == "https://resource.example/1.0")
        #expect(group.resource.entityRefs.map { $0.type } == ["service"])
        #expect(group.resource.attributes.dictionary["text"] == "a\"b")
        #expect(group.scopes.first?.schemaURL == "https://scope.example/1.0")
        #expect(group.scopes.first?.scope.version == "1.2.3")
    }

    /// One resource and scope with records that all differ in `id`.
    private func different(_ count: Int, resource: Int, scope: Int) -> Batch {
        var builder = LogsBuilder()
        builder.resource { $0.write(["text": .string(String(repeating: "r", count: resource))]) }
        builder.scope(String(repeating: "s", count: scope))
        for id in 0..<count {
            builder.record { record in
                record.body("b")
                record.write(["id": .int(Int64(id))])
            }
        }
        return builder.finish()
    }

    @Test(arguments: [(10_000, 10), (10, 10_000)])
    func `groups do not repeat a resource or scope without end`(resource: Int, scope: Int) throws {
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [id]")
        let batch = different(2000, resource: resource, scope: scope)
        let passed = try #require(try step.send(batch).first)
        #expect(passed.itemCount == 2000)
        #expect(passed.byteCount < 5 * batch.byteCount + (1 << 20) + 20_000)
        let moved = step.surroundings.metric("otelcol_processor_groupbyattrs_num_grouped_logs") ?? 0
        let stayed = step.surroundings.metric("apus_processor_groupbyattrs_unmoved_items") ?? 0
        #expect(moved > 100 && stayed > 100 && moved + stayed == 2000)
        // Those that stay are as they were, under the resource that they had.
        let own = try #require(passed.resourceLogs.first { $0.resource.attributes.dictionary["id"] == nil })
        let records = own.scopes.flatMap { $0.records }
        #expect(records.count == Int(stayed))
        #expect(records.allSatisfy { $0.attributes.dictionary["id"] != nil })
    }

    @Test func `groups do not repeat what a metric says about itself without end`() throws {
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [id]")
        var builder = MetricsBuilder()
        builder.gauge(.init("a", details: String(repeating: "d", count: 10_000))) { points in
            for id in 0..<2000 as Range<Int64> {
                points.point { point in
                    point.value(.int(id))
                    point.attribute("id", .int(id))
                }
            }
        }
        let batch = builder.finish()
        let passed = try #require(try step.send(batch).first)
        #expect(passed.itemCount == 2000)
        #expect(passed.byteCount < 5 * batch.byteCount + (1 << 20) + 20_000)
        let stayed = step.surroundings.metric("apus_processor_groupbyattrs_unmoved_items") ?? 0
        #expect((100...1900).contains(stayed))
    }

    @Test func `small resources move however many there are`() throws {
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [id]")
        let passed = try #require(try step.send(different(2000, resource: 10, scope: 10)).first)
        #expect(passed.resourceLogs.count == 2000)
        #expect(step.surroundings.metric("apus_processor_groupbyattrs_unmoved_items") == 0)
    }

    private final class Sender: Claimant {
        let goal = ClaimGoal.delivered
        func missed(_ items: Int, reason: String, retry: ClaimRetry) {}
    }

    @Test func `telemetry of several senders that wait is not mixed`() throws {
        var first = Batch.one(.traces, [:], name: "0", resource: ["a": 1])
        first.append(Batch.one(.traces, ["k": 1], name: "1", resource: ["a": 1]))
        first.claims = [Claim(Sender(), items: 1), Claim(Sender(), items: 1)]
        var step = try StepHarness(GroupByAttrsProcessor.self, yaml: "keys: [k]")
        let passed = try #require(try step.send(first).first)
        #expect(outline(passed) == ["a=1 |  | 0()", "a=1 k=1 |  | 1()"])
        #expect(passed.chunks.count == 2 && passed.claims.map { $0.items } == [1, 1])
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(GroupByAttrsProcessor.self, yaml: "keys: [index, text, zone]")
        try await Conformance.check(GroupByAttrsProcessor.self)
    }

    @Test(arguments: [
        (
            "keys: ['']",
            "1:7 keys: must not have an "
                + "empty key"
        ), ("keys: [a, a]", "1:7 keys: must not name a key twice"),
    ])
    func `mistakes are named with their place`(_ yaml: String, _ mistake: String) {
        #expect(GroupByAttrsProcessor.Configuration.mistakes(yaml) == [mistake])
    }
}
