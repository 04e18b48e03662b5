import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

@testable import Processors

/// When it is decided, and what becomes of what is too much, too large or too late.
@Suite struct TailSamplingTests {
    private static let always = ["{name: all, type: always_sample}"]
    private static let errors = ["{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}"]

    private func metric(_ step: StepHarness<TailSampling>, _ name: String) -> Double? {
        step.surroundings.metric("otelcol_processor_tail_sampling_\(name)")
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            TailSampling.self, yaml: "policies: [{name: all, type: always_sample}]")
        try await Conformance.check(
            TailSampling.self,
            yaml: "{decision_wait: 1s, num_traces: 1, policies: [{name: p, type: probabilistic, "
                + "probabilistic: {sampling_percentage: 0}}]}")
    }

    @Test func `a trace is decided when the wait after its first span is over`() throws {
        var step = try StepHarness("decision_wait: 10s", policies: Self.errors)
        #expect(try step.send(.spans([Span(trace: 1), Span(trace: 2)])).isEmpty)
        #expect(step.advance(by: .seconds(5)).isEmpty)
        #expect(try step.send(.spans([Span(trace: 1, status: 2), Span(trace: 3, status: 2)])).isEmpty)
        #expect(step.advance(by: .seconds(4)).isEmpty)
        #expect(step.advance(by: .seconds(1)).traceNumbers == [1, 1])
        #expect(step.removedByRule == ["not sampled": 1])
        #expect(step.advance(by: .seconds(5)).traceNumbers == [3])
        #expect(step.deadline == nil)
    }

    @Test func `a root shortens the wait of its trace`() throws {
        var step = try StepHarness(
            "decision_wait: 10s\ndecision_wait_after_root_received: 2s", policies: Self.always)
        _ = try step.send(.spans([Span(trace: 1), Span(trace: 2)]))
        _ = step.advance(by: .seconds(1))
        _ = try step.send(.span(1, root: true))
        #expect(step.advance(by: .seconds(1)).isEmpty)
        #expect(step.advance(by: .seconds(1)).traceNumbers == [1, 1])
        #expect(step.advance(by: .seconds(6)).isEmpty)
        // One that comes when the wait is nearly over makes it no longer.
        _ = try step.send(.span(2, root: true))
        #expect(step.advance(by: .seconds(1)).traceNumbers == [2, 2])
    }

    @Test func `a second root changes nothing, and a root that comes late waits for nothing`() throws {
        var step = try StepHarness(
            "decision_wait: 10s\ndecision_wait_after_root_received: 2s", policies: Self.always)
        _ = try step.send(.span(1, root: true))
        _ = step.advance(by: .seconds(1))
        _ = try step.send(.span(1, root: true))
        #expect(step.advance(by: .seconds(1)).traceNumbers == [1, 1])
        #expect(try step.send(.span(1, root: true)).traceNumbers == [1])
        // What is left is the entry of its first span, which finds nothing.
        #expect(step.advance(by: .seconds(20)).isEmpty)
        #expect(step.deadline == nil)
    }

    @Test func `traces of one request that are decided together share their resource again`() throws {
        var step = try StepHarness(policies: Self.always)
        let batch = Batch.spans((1...1000).map { Span(trace: $0) }, resource: ["service.name": "s"])
        _ = try step.send(batch)
        let passed = step.drain()
        #expect(passed.flatMap { $0.resourceSpans }.count == 1)
        #expect(passed.flatMap { $0.resourceSpans }.flatMap { $0.scopes }.count == 1)
        #expect(passed.reduce(0) { $0 + $1.byteCount } == batch.byteCount)
        #expect(passed.traceNumbers == batch.traceNumbers)
    }

    @Test func `some traces of one request share their resource too, each policy for itself`() throws {
        let odd = "{name: k, type: string_attribute, string_attribute: {key: k, values: [v]}}"
        var step = try StepHarness("record_policy: true", policies: Self.errors + [odd])
        _ = try step.send(
            .spans(
                (1...90).map { Span(trace: $0, status: $0 % 3, attributes: $0 % 3 == 1 ? ["k": "v"] : [:]) }))
        let groups = step.drain().flatMap { $0.resourceSpans }
        #expect(groups.count == 2 && groups.allSatisfy { $0.scopes.count == 1 })
        #expect(groups.flatMap { $0.scopes }.map { $0.records.count } == [30, 30])
        #expect(step.removedByRule == ["not sampled": 30])
    }

    @Test func `what is decided in one round is bounded in bytes`() throws {
        let filler = AttributeValue.string(String(repeating: "x", count: 1 << 20))
        var step = try StepHarness("decision_wait: 1s", policies: Self.always)
        for trace in 1...20 { _ = try step.send(.spans([Span(trace: trace, attributes: ["k": filler])])) }
        let first = step.advance(by: .seconds(1))
        #expect(first.traceNumbers == Array(1...8))
        #expect(step.deadline.map { $0 <= step.surroundings.clock.now } == true)
        #expect(step.advance(by: .zero).traceNumbers == Array(9...16))
        #expect(step.drain().traceNumbers == Array(17...20))
    }

    @Test func `what comes late follows the decision`() throws {
        var step = try StepHarness("decision_wait: 1s", policies: Self.errors)
        _ = try step.send(.spans([Span(trace: 1, status: 2), Span(trace: 2)]))
        #expect(step.advance(by: .seconds(1)).traceNumbers == [1])
        #expect(try step.send(.spans([Span(trace: 2, status: 2), Span(trace: 1)])).traceNumbers == [1])
        #expect(step.removedByRule == ["not sampled": 1, "late, not sampled": 1])
        #expect(metric(step, "sampling_late_span_age") == 2)
        #expect(step.deadline == nil)
    }

    @Test func `as many decisions are remembered as traces may wait, and those of the caches longer`() throws
    {
        var plain = try StepHarness("decision_wait: 1s\nnum_traces: 16", policies: Self.always)
        var cached = try StepHarness(
            "decision_wait: 1s\nnum_traces: 16\ndecision_cache: {sampled_cache_size: 100000}",
            policies: Self.always)
        for trace in 1...200 {
            _ = try plain.send(.span(trace))
            _ = try cached.send(.span(trace))
            #expect(plain.advance(by: .seconds(1)).count == 1)
            #expect(cached.advance(by: .seconds(1)).count == 1)
        }
        #expect(try plain.send(.span(1)).isEmpty)
        #expect(try plain.send(.span(200)).traceNumbers == [200])
        #expect(try cached.send(.span(1)).traceNumbers == [1])
        #expect(metric(cached, "early_releases_from_cache_decision") == 1)
        #expect(metric(cached, "sampling_late_span_age") == 0)
    }

    @Test func `a cache for what was not sampled drops at once`() throws {
        var step = try StepHarness(
            "decision_wait: 1s\ndecision_cache: {non_sampled_cache_size: 10}", policies: Self.errors)
        _ = try step.send(.span(1))
        _ = step.advance(by: .seconds(1))
        #expect(try step.send(.spans([Span(trace: 1, status: 2)])).isEmpty)
        #expect(step.removedByRule == ["not sampled": 1, "late, not sampled": 1])
        #expect(
            step.surroundings.metric(
                "otelcol_processor_tail_sampling_early_releases_from_cache_decision", ["sampled": "false"])
                == 1)
    }

    @Test func `the oldest trace makes room for a new one`() throws {
        var step = try StepHarness("num_traces: 2", policies: Self.always)
        _ = try step.send(.spans([Span(trace: 1), Span(trace: 1), Span(trace: 2), Span(trace: 3)]))
        #expect(step.removedByRule == ["no room": 2])
        #expect(metric(step, "sampling_trace_dropped_too_early") == 1)
        // It begins anew, and nobody decides about it by what is gone.
        _ = try step.send(.span(1))
        #expect(step.removedByRule == ["no room": 3])
        #expect(step.drain().traceNumbers.sorted() == [1, 3])
    }

    @Test func `traces that wait are bounded in bytes`() throws {
        let batch = Batch.spans([Span(attributes: ["k": .string(String(repeating: "x", count: 10_000))])])
        // What a request takes is a little more than that, and as much again at most where it has grown.
        var step = try StepHarness("max_held_bytes: 80000", policies: Self.always)
        for trace in 1...10 {
            _ = try step.send(
                .spans([Span(trace: trace, attributes: ["k": .string(String(repeating: "x", count: 10_000))])]
                ))
        }
        #expect(batch.byteCount > 10_000)
        #expect(step.removedByRule == ["no room": 7])
        #expect(step.drain().traceNumbers == [8, 9, 10])
    }

    @Test func `what is known of many small traces counts too`() throws {
        var step = try StepHarness("max_held_bytes: 300000", policies: Self.always)
        _ = try step.send(.spans((1...2000).map { Span(trace: $0) }))
        let lost = try #require(step.removedByRule["no room"])
        #expect(lost > 0)
        #expect(step.drain().spans.count == 2000 - lost)
    }

    @Test func `what goes on costs no trace its place`() throws {
        let filler = AttributeValue.string(String(repeating: "x", count: 10_000))
        var step = try StepHarness(
            "decision_wait: 1s\nmax_held_bytes: 40000\ndecision_cache: {sampled_cache_size: 160}",
            policies: Self.always)
        _ = try step.send(.span(1))
        #expect(step.advance(by: .seconds(1)).traceNumbers == [1])
        _ = try step.send(.spans([Span(trace: 2, attributes: ["k": filler])]))
        let late = (1...5).map { _ in Span(trace: 1, attributes: ["k": filler]) }
        #expect(try step.send(.spans(late)).traceNumbers == [1, 1, 1, 1, 1])
        #expect(step.removedByRule == [:])
        #expect(step.drain().traceNumbers == [2])
    }

    @Test func `with block_on_overflow senders are told to come back`() throws {
        var step = try StepHarness(
            "num_traces: 2\ndecision_wait: 1s\nblock_on_overflow: true", policies: Self.always)
        _ = try step.send(.spans([Span(trace: 1), Span(trace: 2), Span(trace: 3)]))
        let error = #expect(throws: Rejection.self) { try step.send(.span(4)) }
        guard case .later = error else { return #expect(Bool(false), "\(String(describing: error))") }
        #expect(step.advance(by: .seconds(1)).traceNumbers == [1, 2, 3])
        _ = try step.send(.span(4))
        #expect(step.drain().traceNumbers == [4])
        #expect(step.removed == [:])
    }

    @Test func `a trace that is too large is not sampled`() throws {
        let size = Batch.span(1).byteCount
        var step = try StepHarness("maximum_trace_size_bytes: \(2 * size)", policies: Self.always)
        for _ in 1...2 { _ = try step.send(.span(1)) }
        #expect(step.removedByRule == [:])
        _ = try step.send(.span(1))
        #expect(step.removedByRule == ["larger than maximum_trace_size_bytes": 3])
        _ = try step.send(.span(1))
        #expect(step.removedByRule["late, not sampled"] == 1)
        #expect(step.drain().isEmpty)
        #expect(metric(step, "traces_dropped_too_large") == 1)
    }

    @Test func `at the end it is decided by what is there`() throws {
        var step = try StepHarness(policies: Self.errors)
        _ = try step.send(.spans([Span(trace: 1, status: 2), Span(trace: 2)]))
        #expect(step.drain().traceNumbers == [1])
        #expect(step.removedByRule == ["not sampled": 1])
    }

    @Test func `at the end traces that wait can be given up instead`() throws {
        var step = try StepHarness("drop_pending_traces_on_shutdown: true", policies: Self.always)
        _ = try step.send(.spans([Span(trace: 1), Span(trace: 2)]))
        #expect(step.drain().isEmpty)
        #expect(step.removedByRule == ["pending at the end": 2])
        #expect(step.deadline == nil)
    }

    @Test func `span-ingest decides by what came, and otherwise not to sample`() throws {
        var step = try StepHarness(
            "decision_wait: 1s\nsampling_strategy: span-ingest", policies: Self.errors)
        #expect(try step.send(.spans([Span(trace: 1), Span(trace: 2)])).isEmpty)
        #expect(try step.send(.spans([Span(trace: 1, status: 2)])).traceNumbers == [1, 1])
        #expect(try step.send(.span(1)).traceNumbers == [1])
        #expect(step.advance(by: .seconds(1)).isEmpty)
        #expect(step.removedByRule == ["not sampled": 1])
    }

    @Test func `span-ingest samples nothing that may still be dropped`() throws {
        let drop = "{name: d, type: drop, drop: {drop_sub_policy: [\(Self.errors[0])]}}"
        var step = try StepHarness(
            "decision_wait: 1s\nsampling_strategy: span-ingest", policies: Self.always + [drop])
        #expect(try step.send(.span(1)).isEmpty)
        #expect(try step.send(.spans([Span(trace: 1, status: 2)])).isEmpty)
        #expect(step.removedByRule == ["dropped by d": 2])
    }

    @Test func `span_count sees all spans that have come, also with span-ingest`() throws {
        var step = try StepHarness(
            "sampling_strategy: span-ingest",
            policies: ["{name: c, type: span_count, span_count: {min_spans: 3}}"])
        _ = try step.send(.spans([Span(), Span()]))
        #expect(try step.send(.span(1)).traceNumbers == [1, 1, 1])
    }
}
