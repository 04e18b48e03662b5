import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Processors

/// How much larger statements may make a batch.
@Suite struct TransformBoundTests {
    private static let large = AttributeValue.string(String(repeating: "x", count: 1 << 18))

    /// Log records in scopes of their own, all in one resource of 256 KiB.
    private static func logs(scopes: Int, records: Int = 1) -> Batch {
        var builder = LogsBuilder()
        builder.resource { $0.attribute("large", large) }
        for scope in 0..<scopes {
            builder.scope("\(scope)")
            for _ in 0..<records { builder.record { $0.attribute("a", 1) } }
        }
        return builder.finish()
    }

    private func refusal(_ step: inout StepHarness<TransformProcessor>, _ batch: Batch) -> String {
        do throws(Rejection) {
            let passed = try step.send(batch)
            return "passed \(passed.map(\.itemCount))"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [(200, 1), (1, 200)])
    func `a batch is refused when flat data would take too much`(_ scopes: Int, _ records: Int) throws {
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: #"{flatten_data: true, log_statements: ['set(resource.attributes["b"], 1)']}"#)
        let batch = Self.logs(scopes: scopes, records: records)
        let limit = 4 * batch.byteCount + 16 << 20
        #expect(
            refusal(&step, batch) == "refused: the processor transform cannot give each of 200 log records a "
                + "resource of its own: the copies would take more than \(limit) bytes; send smaller batches "
                + "or resources, or do without flatten_data and flatten")
        #expect(step.surroundings.metric("apus_processor_transform_unflattened_items") == 200)
        let passed = try #require(try step.send(Self.logs(scopes: 20, records: 2)).first)
        #expect(passed.itemCount == 40)
        #expect(passed.byteCount < 1 << 20)
    }

    @Test(arguments: [
        #"set(log.attributes["copy"], resource.attributes["large"])"#,
        #"set(resource.attributes["copy"], Concat([resource.attributes["large"], log.severity_text], ""))"#,
        #"set(log.body, resource.attributes["large"])"#,
    ])
    func `a batch is refused when statements make it too large`(_ statement: String) throws {
        var step = try StepHarness(TransformProcessor.self, yaml: "log_statements: ['\(statement)']")
        let batch = Self.logs(scopes: 1, records: 500)
        let limit = 4 * batch.byteCount + 64 << 20
        #expect(
            refusal(&step, batch)
                == "refused: the statements of the processor transform would make the batch "
                + "larger by more than \(limit) bytes; send smaller batches, or copy less from resources "
                + "into what they hold")
        #expect(step.surroundings.metric("apus_processor_transform_overgrown_items") == 500)
        #expect(try step.send(Self.logs(scopes: 1, records: 100)).map(\.itemCount) == [100])
    }

    @Test func `what items write to their resources again and again counts while it is held`() throws {
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: #"log_statements: ['set(resource.attributes["copy"], resource.attributes["text"]) "#
                + #"where log.severity_text == ""']"#)
        var builder = LogsBuilder()
        let text = AttributeValue.string(String(repeating: "x", count: 1 << 14))
        for _ in 0..<100 {
            builder.resource { $0.attribute("text", text) }
            builder.scope("")
            for _ in 0..<60 { builder.record { $0.attribute("a", 1) } }
        }
        let batch = builder.finish()
        // All together they write more than the batch may grow by.
        #expect(6000 << 14 > 4 * batch.byteCount + 64 << 20)
        let passed = try #require(try step.send(batch).first)
        #expect(passed.itemCount == 6000 && passed.byteCount < 3 * batch.byteCount)
    }

    @Test func `what statements write to one item is bounded while it is held`() throws {
        let statement = #"'set(log.attributes["copy"], log.body)'"#
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: "log_statements: [\(Array(repeating: statement, count: 70).joined(separator: ", "))]")
        func batch(_ size: Int) -> Batch {
            var builder = LogsBuilder()
            builder.record { $0.body(.string(String(repeating: "x", count: size))) }
            return builder.finish()
        }
        #expect(refusal(&step, batch(1 << 22)).contains("make the batch larger by more than"))
        #expect(try step.send(batch(1 << 20)).map(\.itemCount) == [1])
    }

    @Test func `groups make a batch larger together`() throws {
        let statement =
            #"{statements: ['set(log.attributes["a"], Concat([log.body, log.body], ""))', "#
            + #"'set(log.body, log.attributes["a"])']}"#
        let groups = Array(repeating: statement, count: 8).joined(separator: ", ")
        var step = try StepHarness(TransformProcessor.self, yaml: "log_statements: [\(groups)]")
        var builder = LogsBuilder()
        for _ in 0..<32 { builder.record { $0.body(.string(String(repeating: "x", count: 1 << 13))) } }
        #expect(refusal(&step, builder.finish()).contains("make the batch larger by more than"))
    }

    @Test func `metrics made of metrics are bounded in bytes`() throws {
        var builder = MetricsBuilder()
        builder.gauge(.init("g", details: String(repeating: "x", count: 1 << 20))) { points in
            points.point { $0.value(.int(1)) }
        }
        let copies = Array(repeating: #"copy_metric(name="c") where metric.name == "g""#, count: 100)
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: "metric_statements: [\(copies.map { "'\($0)'" }.joined(separator: ","))]")
        let batch = builder.finish()
        let passed = try #require(try step.send(batch).first)
        let room = 4 * batch.byteCount + 16 << 20
        #expect(passed.byteCount - batch.byteCount <= room && passed.itemCount == 1 + room / batch.byteCount)
        #expect(step.failures == ["ignore": Double(100 - room / batch.byteCount)])
        let error = step.surroundings.log.lines.first?.metadata["error"] ?? ""
        #expect(error.contains("it would take more than a batch of this size"))
    }

    @Test(arguments: [#"set(cache["seen"][body], true)"#, #"append(cache["seen"], body)"#])
    func `a list or map in a shared cache is bounded`(_ statement: String) throws {
        var builder = LogsBuilder()
        for index in 0..<2500 { builder.record { $0.body(.string("\(index)")) } }
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: """
                log_statements:
                  - context: log
                    shared_cache: true
                    statements:
                      - \(statement)
                      - set(attributes["count"], Len(cache["seen"]))
                """)
        let passed = try #require(try step.send(builder.finish()).first)
        let records = passed.resourceLogs.flatMap { $0.scopes }.flatMap { $0.records }
        let counts = records.compactMap { $0.attributes["count"].flatMap { Int($0.text) } }
        #expect(counts.count == 2500 && counts.max() == 1001)
        #expect(step.surroundings.metric("apus_processor_transform_cache_resets") == 2)
    }

    @Test func `resets of a shared cache are counted also when the batch is refused`() throws {
        var builder = LogsBuilder()
        for index in 0..<150 { builder.record { $0.body(.string("\(index)")) } }
        builder.record { $0.body(.int(1)) }
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: """
                error_mode: propagate
                log_statements:
                  - {context: log, shared_cache: true, statements: ['set(cache[body], true)']}
                """)
        #expect(refusal(&step, builder.finish()).contains("could not evaluate"))
        #expect(step.surroundings.metric("apus_processor_transform_cache_resets") == 1)
    }

    @Test func `a shared cache is bounded however deep it grows`() throws {
        var builder = LogsBuilder()
        for index in 0..<300 { builder.record { $0.body(.string("\(index)")) } }
        let list = "[" + Array(repeating: "1", count: 1000).joined(separator: ", ") + "]"
        var step = try StepHarness(
            TransformProcessor.self,
            yaml: """
                log_statements:
                  - context: log
                    shared_cache: true
                    statements:
                      - set(cache["deep"][body], \(list))
                      - set(attributes["before"], Len(cache["deep"]))
                """)
        let passed = try #require(try step.send(builder.finish()).first)
        let records = passed.resourceLogs.flatMap { $0.scopes }.flatMap { $0.records }
        let counts = records.compactMap { $0.attributes["before"].flatMap { Int($0.text) } }
        // A hundred lists are too many; then the cache is empty, of which Len knows no length.
        #expect(counts.max() == 99 && counts.count == 297)
        #expect(step.failures == ["ignore": 6])
    }
}
