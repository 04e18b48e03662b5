import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

/// What goes in comes out byte for byte or is counted, whatever the batches look like.
@Suite struct SpanConservationTests {
    /// Numbers that look random and are the same in each run.
    struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state &>> 29
        }
    }

    private static func batch(_ numbers: inout Numbers) -> Batch {
        var builder = TracesBuilder()
        for resource in 0..<Int.random(in: 1...3, using: &numbers) {
            builder.resource(schemaURL: resource == 1 ? "https://schema" : "") {
                $0.attribute("resource", .int(Int64.random(in: 0...3, using: &numbers)))
            }
            for _ in 0..<Int.random(in: 0...3, using: &numbers) {
                builder.scope("scope-\(Int.random(in: 0...2, using: &numbers))", version: "1")
                for _ in 0..<Int.random(in: 0...5, using: &numbers) {
                    let trace = Int.random(in: 1...6, using: &numbers)
                    let number = Int.random(in: 0...1 << 30, using: &numbers)
                    let isError = Int.random(in: 0...9, using: &numbers) == 0
                    let size = Int.random(in: 0...200, using: &numbers)
                    builder.span { span in
                        Span(
                            trace: trace, status: isError ? 2 : 0,
                            attributes: ["x": .string(String(repeating: "y", count: size))]
                        ).write(to: span, number: number)
                    }
                }
            }
        }
        return builder.finish()
    }

    /// The spans with what is around them, in an order of their own.
    private static func lines(_ batches: [Batch]) -> [[UInt8]] {
        batches.flatMap { $0.resourceSpans }.flatMap { group in
            group.scopes.flatMap { scope in
                scope.records.map { span in
                    group.resource.message.bytes.array + Array(group.schemaURL.utf8)
                        + scope.scope.message.bytes.array + span.message.bytes.array
                }
            }
        }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test(arguments: 0..<40)
    func `a sampler that keeps everything changes no span`(seed: Int) throws {
        var numbers = Numbers(state: UInt64(seed) &* 77 + 1)
        var step = try StepHarness("decision_wait: 1s", policies: ["{name: all, type: always_sample}"])
        var (sent, passed): ([Batch], [Batch]) = ([], [])
        for _ in 0..<20 {
            let batch = Self.batch(&numbers)
            sent.append(batch)
            passed += try step.send(batch)
            passed += step.advance(by: .milliseconds(Int.random(in: 0...700, using: &numbers)))
        }
        passed += step.drain()
        #expect(Self.lines(sent) == Self.lines(passed))
        for batch in passed {
            #expect(try Batch(validating: batch.contiguous(), as: .traces).itemCount == batch.itemCount)
        }
    }

    @Test(arguments: 0..<40)
    func `every span goes on, with all of its trace, or is counted`(seed: Int) throws {
        var numbers = Numbers(state: UInt64(seed) &* 91 + 5)
        let settings = [
            "decision_wait: 1s", "decision_wait: 1s\nnum_traces: 3",
            "decision_wait: 1s\nmax_held_bytes: 6000",
            "decision_wait: 1s\nmaximum_trace_size_bytes: 600",
            "decision_wait: 1s\nsampling_strategy: span-ingest",
            "decision_wait: 2s\ndecision_wait_after_root_received: 500ms\n"
                + "decision_cache: {sampled_cache_size: 2}",
        ][seed % 6]
        var step = try StepHarness(
            settings, policies: ["{name: e, type: status_code, status_code: {status_codes: [ERROR]}}"])
        var (sent, passed) = (0, 0)
        for _ in 0..<20 {
            let batch = Self.batch(&numbers)
            sent += batch.itemCount
            passed += try step.send(batch).spans.count
            passed += step.advance(by: .milliseconds(Int.random(in: 0...700, using: &numbers))).spans.count
        }
        passed += step.drain().spans.count
        #expect(passed + step.removed[.sampledOut, default: 0] == sent)
        #expect(step.surroundings.metric("otelcol_processor_tail_sampling_new_trace_id_received") ?? 0 > 0)
    }

    @Test func `the encoded size of a trace is known before it is written`() throws {
        var numbers = Numbers(state: 99)
        for _ in 0..<50 {
            let batch = Self.batch(&numbers)
            for chunk in batch.chunks {
                for portion in SpanIndex(of: chunk).portions {
                    let spans = TraceSpans([portion])
                    #expect(spans.batch().byteCount == spans.byteCount)
                }
            }
        }
    }

    @Test func `memory is given back with the last trace of a request`() throws {
        let store = TraceStore(lanes: 1)
        let batch = Batch.spans([Span(trace: 1), Span(trace: 2)])
        let chunk = try #require(batch.chunks.first)
        let index = SpanIndex(of: chunk)
        var request: HeldRequest? = HeldRequest(index, in: store.memory)
        #expect(store.memory.bytes >= batch.byteCount)
        request = nil
        #expect(store.memory.bytes == 0 && request == nil)
    }

    @Test func `what is remembered longest ago is forgotten first`() {
        var memory = DecisionMemory(capacity: 3)
        let entry = DecisionMemory.Entry(decision: .notSampled, time: Instant(offset: .zero))
        func id(_ number: UInt64) -> TraceID { TraceID(high: 0, low: number) }
        for number in 1...3 { memory.remember(entry, of: id(UInt64(number))) }
        #expect(memory.look(up: id(1)) != nil)
        memory.remember(entry, of: id(4))
        #expect(memory.look(up: id(2)) == nil)
        memory.resize(to: 2)
        #expect(memory.look(up: id(3)) == nil)
        #expect(memory.look(up: id(1)) != nil && memory.look(up: id(4)) != nil && memory.count == 2)
        memory.remember(entry, of: id(5))
        #expect(memory.look(up: id(1)) == nil && memory.count == 2)
    }
}
