import Delivery
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@Suite struct QueueBatcherTests {
    private let surroundings = Harness()

    private func step(
        _ signal: Signal = .logs, _ change: (inout QueueBatchSettings) -> Void = { _ in }
    ) -> StepHarness<QueueBatcher> {
        StepHarness(batching(signal, change).batcher(), in: surroundings)
    }

    private func batching(
        _ signal: Signal = .logs, _ change: (inout QueueBatchSettings) -> Void = { _ in }
    ) -> QueueBatching {
        var settings = QueueBatchSettings()
        change(&settings)
        let batching = QueueBatching(
            settings, exporter: ComponentID(type: "otlp", name: "a"), signal: signal,
            metrics: surroundings.metrics, clock: surroundings.clock)
        batching.publish(in: surroundings.metrics)
        return batching
    }

    private func batch(_ items: Int, _ metadata: [String: [String]]) throws -> Batch {
        var batch = try Samples.batch(.logs, items: items)
        batch.origin = Origin(peer: "10.0.0.1:4000", metadata: metadata)
        return batch
    }

    private func sizes(_ batches: [Batch]) -> [Int] { batches.map { $0.itemCount } }

    @Test(arguments: [Signal.traces, .metrics, .logs])
    func `batches go when they are large enough`(signal: Signal) throws {
        var step = step(signal) { $0.minSize = 5 }
        #expect(try step.send(Samples.batch(signal, items: 3)).isEmpty)
        #expect(try sizes(step.send(Samples.batch(signal, items: 3))) == [6])
        #expect(surroundings.metric("apus_exporter_batch_size_trigger_send") == 1)
        #expect(surroundings.metric("apus_exporter_batch_timeout_trigger_send") == 0)
        let size = surroundings.metric("otelcol_exporter_queue_batch_send_size", ["exporter": "otlp/a"])
        #expect(size == 1)
    }

    @Test func `batches go when they have waited long enough`() throws {
        var step = step { $0.flushTimeout = .milliseconds(50) }
        _ = try step.send(Samples.batch(.logs))
        #expect(step.advance(by: .milliseconds(49)).isEmpty)
        #expect(sizes(step.advance(by: .milliseconds(1))) == [3])
        #expect(surroundings.metric("apus_exporter_batch_timeout_trigger_send") == 1)
    }

    @Test func `a maximum cuts, and the rest waits`() throws {
        var step = step {
            $0.minSize = 10
            $0.maxSize = 10
        }
        #expect(try sizes(step.send(Samples.batch(.logs, items: 25))) == [10, 10])
        #expect(sizes(step.drain()) == [5])
    }

    @Test func `without a minimum everything goes at once and is only cut`() throws {
        var step = step {
            $0.minSize = 0
            $0.maxSize = 4
        }
        #expect(try sizes(step.send(Samples.batch(.logs, items: 9))) == [4, 4, 1])
    }

    @Test func `bytes can be what is counted`() throws {
        let one = try Samples.batch(.logs, items: 10)
        var step = step {
            $0.sizer = .bytes
            $0.minSize = one.byteCount + 1
            $0.maxSize = one.byteCount + 1
        }
        #expect(try step.send(one).isEmpty)
        let batches = try step.send(one)
        #expect(batches.allSatisfy { $0.byteCount <= one.byteCount + 1 })
        #expect((batches + step.drain()).reduce(0) { $0 + $1.itemCount } == 20)
    }

    @Test func `senders that differ in a metadata key are kept apart, whatever its case`() throws {
        var step = step {
            $0.minSize = 4
            $0.partition.metadataKeys = ["X-Tenant"]
        }
        #expect(try step.send(batch(3, ["x-tenant": ["a"], "other": ["1"]])).isEmpty)
        #expect(try step.send(batch(3, ["x-tenant": ["b"]])).isEmpty)
        let full = try step.send(batch(1, ["x-tenant": ["a"], "other": ["2"]]))
        #expect(sizes(full) == [4])
        #expect(full.first?.origin?.metadata == ["x-tenant": ["a"]])
        #expect(sizes(step.drain()) == [3])
    }

    @Test func `no value and an empty value are different`() throws {
        var step = step { $0.partition.metadataKeys = ["tenant"] }
        _ = try step.send(batch(1, [:]))
        _ = try step.send(batch(2, ["tenant": [""]]))
        _ = try step.send(batch(3, ["tenant": ["", ""]]))
        #expect(sizes(step.drain()).sorted() == [1, 2, 3])
    }

    @Test func `one combination too many has to wait, until another has been idle for ten timeouts`() throws {
        let batching = batching {
            $0.flushTimeout = .milliseconds(100)
            $0.partition.metadataKeys = ["tenant"]
            $0.partition.metadataCardinalityLimit = 2
        }
        var step = StepHarness(batching.batcher(), in: surroundings)
        _ = try step.send(batch(1, ["tenant": ["a"]]))
        _ = step.advance(by: .milliseconds(500))
        _ = try step.send(batch(1, ["tenant": ["b"]]))
        let error = #expect(throws: Rejection.self) { try step.send(batch(1, ["tenant": ["c"]])) }
        guard case .later(let reason, _) = error else {
            Issue.record("refused for good")
            return
        }
        #expect(reason == "too many combinations of metadata values for the sending queue")
        #expect(surroundings.metric("apus_exporter_batch_partitions", ["exporter": "otlp/a"]) == 2)
        _ = step.advance(by: .milliseconds(499))
        #expect(throws: Rejection.self) { try step.send(batch(1, ["tenant": ["c"]])) }
        _ = step.advance(by: .milliseconds(1))
        #expect(throws: Never.self) { try step.send(batch(1, ["tenant": ["c"]])) }
        #expect(throws: Rejection.self) { try step.send(batch(1, ["tenant": ["a"]])) }
    }

    @Test func `the batchers of all lanes count together`() throws {
        let batching = batching { $0.partition.metadataKeys = ["tenant"] }
        var first = StepHarness(batching.batcher(), in: surroundings)
        var second = StepHarness(batching.batcher(), in: surroundings)
        _ = try first.send(batch(1, ["tenant": ["a"]]))
        _ = try second.send(batch(1, ["tenant": ["a"]]))
        #expect(surroundings.metric("apus_exporter_batch_partitions", ["data_type": "logs"]) == 2)
    }
}
