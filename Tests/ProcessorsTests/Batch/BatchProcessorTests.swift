import Pipeline
import PipelineTesting
import Processors
import Settings
import Telemetry
import Testing

@Suite struct BatchProcessorTests {
    private func step(_ yaml: String) throws -> StepHarness<BatchProcessor> {
        try StepHarness(BatchProcessor.self, yaml: yaml, id: "batch/1")
    }

    private func batch(_ items: Int, tenant: String?, of signal: Signal = .traces) throws -> Batch {
        var batch = try Samples.batch(signal, items: items)
        let metadata = tenant.map { ["x-tenant": [$0], "other": ["1"]] } ?? [:]
        batch.origin = Origin(peer: "10.0.0.1:4000", metadata: metadata)
        return batch
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(BatchProcessor.self)
        try await Conformance.check(
            BatchProcessor.self,
            yaml: "{send_batch_size: 2, send_batch_max_size: 2, metadata_keys: [x-tenant]}")
    }

    @Test(arguments: BatchProcessor.signals)
    func `batches go when they are large enough`(signal: Signal) throws {
        var step = try step("send_batch_size: 5")
        #expect(try step.send(Samples.batch(signal, items: 3)).isEmpty)
        #expect(try step.send(Samples.batch(signal, items: 3)).map(\.itemCount) == [6])
        #expect(step.surroundings.metric("otelcol_processor_batch_batch_size_trigger_send") == 1)
        #expect(step.surroundings.metric("otelcol_processor_batch_timeout_trigger_send") == 0)
        #expect(
            step.surroundings.metric("otelcol_processor_batch_batch_send_size", ["processor": "batch/1"]) == 1
        )
    }

    @Test func `batches go when they have waited long enough`() throws {
        var step = try step("timeout: 200ms")
        #expect(try step.send(Samples.batch(.logs)).isEmpty)
        #expect(step.advance(by: .milliseconds(199)).isEmpty)
        #expect(step.advance(by: .milliseconds(1)).map(\.itemCount) == [3])
        #expect(step.deadline == nil)
        #expect(step.surroundings.metric("otelcol_processor_batch_timeout_trigger_send") == 1)
    }

    @Test func `large batches are cut and no item is lost`() throws {
        var step = try step("{send_batch_size: 10, send_batch_max_size: 10}")
        #expect(try step.send(Samples.batch(.metrics, items: 35)).map(\.itemCount) == [10, 10, 10])
        #expect(step.drain().map(\.itemCount) == [5])
    }

    @Test func `without a timeout nothing waits`() throws {
        var step = try step("{timeout: 0s, send_batch_max_size: 9000}")
        #expect(try step.send(Samples.batch(.traces)).map(\.itemCount) == [3])
        #expect(step.deadline == nil)
    }

    @Test func `draining lets everything go`() throws {
        var step = try step("{}")
        _ = try step.send(Samples.batch(.traces))
        #expect(step.drain().map(\.itemCount) == [3])
        #expect(step.deadline == nil)
    }

    @Test func `senders that differ in a metadata key are kept apart, and known afterwards`() throws {
        var step = try step("{send_batch_size: 4, metadata_keys: [X-Tenant]}")
        #expect(try step.send(batch(3, tenant: "a")).isEmpty)
        #expect(try step.send(batch(3, tenant: "b")).isEmpty)
        #expect(try step.send(batch(3, tenant: nil)).isEmpty)
        #expect(step.surroundings.metric("otelcol_processor_batch_metadata_cardinality") == 3)
        let full = try step.send(batch(2, tenant: "a"))
        #expect(full.map(\.itemCount) == [5])
        #expect(full.first?.origin?.metadata == ["x-tenant": ["a"]])
        #expect(step.drain().map(\.itemCount).sorted() == [3, 3])
    }

    @Test func `one combination too many is refused for good`() throws {
        var step = try step("{metadata_keys: [x-tenant], metadata_cardinality_limit: 2}")
        _ = try step.send(batch(1, tenant: "a"))
        _ = try step.send(batch(1, tenant: "b"))
        let error = #expect(throws: Rejection.self) { try step.send(batch(1, tenant: "c")) }
        #expect(error == .never(reason: "too many combinations of metadata values for the batch processor"))
        #expect(throws: Never.self) { try step.send(batch(1, tenant: "a")) }
    }

    @Test func `a combination that is idle for five minutes makes room for another`() throws {
        var step = try step("{metadata_keys: [x-tenant], metadata_cardinality_limit: 2}")
        _ = try step.send(batch(1, tenant: "a"))
        _ = try step.send(batch(1, tenant: "b"))
        _ = step.advance(by: .seconds(299))
        #expect(throws: Rejection.self) { try step.send(batch(1, tenant: "c")) }
        _ = try step.send(batch(1, tenant: "a"))
        _ = step.advance(by: .seconds(1))
        #expect(throws: Never.self) { try step.send(batch(1, tenant: "c")) }
        #expect(step.surroundings.metric("otelcol_processor_batch_metadata_cardinality") == 2)
    }

    @Test func `partitions are let go one by one as they are due`() throws {
        var step = try step("{timeout: 200ms, metadata_keys: [x-tenant]}")
        _ = try step.send(batch(1, tenant: "a"))
        _ = step.advance(by: .milliseconds(100))
        _ = try step.send(batch(2, tenant: "b"))
        #expect(step.advance(by: .milliseconds(100)).map(\.itemCount) == [1])
        #expect(step.advance(by: .milliseconds(100)).map(\.itemCount) == [2])
    }

    @Test(arguments: [
        (
            "{send_batch_size: 10, send_batch_max_size: 9}",
            "send_batch_max_size: must not be less than send_batch_size"
        ),
        ("metadata_keys: [A, b, a]", "names 'a' a second time"),
        ("timeout: -1s", "timeout: must not be negative"),
        ("send_batch_sise: 1", "did you mean 'send_batch_size'?"),
    ])
    func `a configuration that cannot work is refused with its reason`(yaml: String, reason: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try BatchProcessor.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
}
