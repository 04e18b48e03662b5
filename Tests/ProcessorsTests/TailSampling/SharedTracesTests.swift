import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

/// Traces whose spans come in on several event loops, and processors that take the place of others.
@Suite struct SharedTracesTests {
    private static let always = ["{name: all, type: always_sample}"]
    private static let errors = ["{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}"]

    private func lanes(_ settings: String, _ policies: [String], _ surroundings: Harness) throws
        -> [StepHarness<TailSampling>]
    {
        try (0..<2).map { try StepHarness(settings, policies: policies, in: surroundings, lane: $0) }
    }

    @Test func `spans on several event loops are one trace, decided where it began`() throws {
        let surroundings = Harness(lanes: 2)
        try #require(surroundings.lanes.count == 2)
        var lanes = try lanes("decision_wait: 1s", Self.errors, surroundings)
        _ = try lanes[0].send(.spans([Span(trace: 1), Span(trace: 2)]))
        _ = try lanes[1].send(.spans([Span(trace: 1, status: 2), Span(trace: 3, status: 2)]))
        surroundings.clock.advance(by: .seconds(1))
        #expect(lanes[0].advance(by: .zero).traceNumbers == [1, 1])
        #expect(lanes[0].removedByRule == ["not sampled": 1])
        #expect(lanes[1].advance(by: .zero).traceNumbers == [3])
        #expect(lanes[1].removedByRule == [:])
        // Whichever event loop a late span comes in on, the decision is known there.
        #expect(try lanes[1].send(.span(1)).traceNumbers == [1])
    }

    @Test func `the event loop that has the root decides when that is sooner`() throws {
        let surroundings = Harness(lanes: 2)
        try #require(surroundings.lanes.count == 2)
        var lanes = try lanes(
            "decision_wait: 10s\ndecision_wait_after_root_received: 1s", Self.always, surroundings)
        _ = try lanes[0].send(.span(1))
        _ = try lanes[1].send(.span(1, root: true))
        #expect(lanes[1].advance(by: .seconds(1)).traceNumbers == [1, 1])
        #expect(lanes[0].advance(by: .seconds(10)).isEmpty)
    }

    @Test func `rates hold for all event loops together`() throws {
        let surroundings = Harness(lanes: 2)
        try #require(surroundings.lanes.count == 2)
        var lanes = try lanes(
            "decision_wait: 1s",
            ["{name: r, type: rate_limiting, rate_limiting: {spans_per_second: 2, burst_capacity: 3}}"],
            surroundings)
        _ = try lanes[0].send(.spans([Span(trace: 1), Span(trace: 1)]))
        _ = try lanes[1].send(.spans([Span(trace: 2), Span(trace: 2)]))
        #expect(lanes[0].drain().traceNumbers == [1, 1])
        #expect(lanes[1].drain().isEmpty)
    }

    @Test func `what waits goes over to the processor that takes the place of another`() throws {
        let surroundings = Harness()
        var old = try StepHarness("decision_wait: 10s", policies: Self.errors, in: surroundings)
        _ = try old.send(.spans([Span(trace: 1), Span(trace: 2)]))
        surroundings.clock.advance(by: .seconds(3))

        let configuration = try TailSampling.Configuration.decode(
            yaml: "{decision_wait: 5s, policies: [{name: all, type: always_sample}]}")
        var new = try TailSampling(
            configuration, in: surroundings.context(.processor, TailSampling.name), lane: 0)
        #expect(old.deadline != nil, "it decides as long as the other has not begun")
        new.begin()
        var successor = StepHarness(new, in: surroundings)
        #expect(old.deadline == nil)
        #expect(old.drain().isEmpty && old.removedByRule == [:])
        // Its last connections still bring spans to the one before.
        #expect(try old.send(.span(1)).isEmpty)
        #expect(successor.advance(by: .seconds(2)).traceNumbers == [1, 2, 1])
        #expect(successor.drain().isEmpty)
    }

    @Test func `roots count no longer when a change says so`() throws {
        let surroundings = Harness()
        var old = try StepHarness(
            "decision_wait: 10s\ndecision_wait_after_root_received: 2s", policies: Self.always,
            in: surroundings)
        _ = try old.send(.span(1, root: true))
        var new = try StepHarness("decision_wait: 10s", policies: Self.always, in: surroundings)
        _ = try new.send(.span(2))
        #expect(new.advance(by: .seconds(9)).isEmpty)
        #expect(new.advance(by: .seconds(1)).traceNumbers.sorted() == [1, 2])
    }

    @Test func `roots of the same trace take no more room than one`() throws {
        let store = TraceStore(lanes: 1)
        let intake = TraceStore.Intake(
            wait: WaitRule(total: .seconds(10), afterRoot: .seconds(5)), largestTrace: 0)
        for number in 0..<100 {
            for chunk in Batch.span(1, root: true).chunks {
                let index = SpanIndex(of: chunk)
                let request = HeldRequest(index, in: store.memory)
                let parts = index.portions.map {
                    HeldPart(portion: $0, request: request, origin: nil, claims: [])
                }
                let now = Instant(offset: .milliseconds(number))
                store.put(parts, on: 0, at: now, intake) { _ in }
            }
        }
        #expect(store.schedule(0) { $0.rooted.count } == 1)
        #expect(store.schedule(0) { $0.begun.count } == 1)
    }

    @Test func `what policies remember is forgotten with the last policy of the name`() throws {
        let store = TraceStore(lanes: 1)
        var bucket: TokenBucket? = store.bucket(of: "a")
        #expect(store.bucket(of: "a") === bucket)
        let now = Instant(offset: .zero)
        #expect(bucket?.take(1, rate: 0, capacity: 1, at: now) == true)
        #expect(!store.bucket(of: "a").take(1, rate: 0, capacity: 1, at: now))
        bucket = nil
        #expect(store.bucket(of: "a").take(1, rate: 0, capacity: 1, at: now))
        #expect(bucket == nil)
    }

    @Test func `decisions are remembered over a change`() throws {
        let surroundings = Harness()
        var old = try StepHarness("decision_wait: 1s", policies: Self.errors, in: surroundings)
        _ = try old.send(.spans([Span(trace: 1, status: 2), Span(trace: 2)]))
        #expect(old.advance(by: .seconds(1)).traceNumbers == [1])
        var new = try StepHarness(
            "decision_cache: {sampled_cache_size: 1000}", policies: Self.always, in: surroundings)
        #expect(try new.send(.spans([Span(trace: 1), Span(trace: 2)])).traceNumbers == [1])
        #expect(new.removedByRule == ["late, not sampled": 1])
    }

    @Test func `a processor that nobody follows decides about everything`() throws {
        let surroundings = Harness()
        var old = try StepHarness(policies: Self.always, in: surroundings)
        _ = try old.send(.span(1))
        // Another that was built and never took over changes nothing, and takes nothing with it.
        var other = try StepHarness(policies: Self.errors, in: surroundings)
        #expect(other.deadline == nil)
        #expect(other.drain().isEmpty && other.removedByRule == [:])
        #expect(old.drain().traceNumbers == [1])
    }
}
