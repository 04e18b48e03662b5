import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

@testable import Processors

/// What senders hear who wait for what becomes of their spans.
@Suite struct WaitingSenderTests {
    /// What a claimant was told, and whether somebody still holds it.
    final class Told: Sendable {
        private let state = Mutex((missed: 0, canRetry: true, isReleased: false))

        var missed: Int { state.withLock { $0.missed } }
        var canRetry: Bool { state.withLock { $0.canRetry } }
        var isReleased: Bool { state.withLock { $0.isReleased } }

        func claim(_ goal: ClaimGoal, items: Int) -> Claim {
            let waiter = Waiter(goal) {
                self.state.withLock { $0.isReleased = true }
            } told: { items, retry in
                self.state.withLock { state in
                    state.missed += items
                    if retry == .useless { state.canRetry = false }
                }
            }
            return Claim(waiter, items: items)
        }
    }

    private func batch(_ spans: [Span], _ goal: ClaimGoal, _ told: Told) -> Batch {
        var batch = Batch.spans(spans)
        batch.claims = [told.claim(goal, items: batch.itemCount)]
        return batch
    }

    private static let always = ["{name: all, type: always_sample}"]
    private static let errors = ["{name: errors, type: status_code, status_code: {status_codes: [ERROR]}}"]

    @Test func `a sender that asks for nothing special is answered when its spans wait`() throws {
        let told = Told()
        var step = try StepHarness(policies: Self.always)
        _ = try step.send(batch([Span()], .asDestinationAsks, told))
        #expect(told.isReleased && told.missed == 0)
    }

    @Test(arguments: [ClaimGoal.safe, .delivered])
    func `a sender that asks for more waits until its spans have gone on`(goal: ClaimGoal) throws {
        let told = Told()
        var step = try StepHarness("decision_wait: 1s", policies: Self.errors)
        _ = try step.send(batch([Span(trace: 1, status: 2), Span(trace: 2), Span(trace: 1)], goal, told))
        #expect(!told.isReleased)
        var passed = step.advance(by: .seconds(1))
        #expect(passed.map { $0.claims.items } == [2])
        #expect(!told.isReleased)
        passed = []
        #expect(told.isReleased && told.missed == 0)
        _ = passed
    }

    @Test func `a sender of what is not sampled has its answer with the decision`() throws {
        let told = Told()
        var step = try StepHarness("decision_wait: 1s", policies: Self.errors)
        _ = try step.send(batch([Span()], .delivered, told))
        #expect(!told.isReleased)
        _ = step.advance(by: .seconds(1))
        #expect(told.isReleased && told.missed == 0)
    }

    @Test(arguments: ["num_traces: 1", "drop_pending_traces_on_shutdown: true"])
    func `a sender of what is given up is told to send it again`(settings: String) throws {
        let told = Told()
        var step = try StepHarness(settings, policies: Self.always)
        _ = try step.send(batch([Span(trace: 1), Span(trace: 1)], .delivered, told))
        _ = try step.send(.span(2))
        _ = step.drain()
        #expect(told.isReleased && told.missed == 2 && told.canRetry)
    }

    @Test func `spans of several senders in one batch keep to their own`() throws {
        let (first, second) = (Told(), Told())
        var step = try StepHarness(policies: Self.always)
        var batch = Batch.spans([Span(trace: 1), Span(trace: 2), Span(trace: 2), Span(trace: 1)])
        batch.claims = [first.claim(.delivered, items: 1), second.claim(.delivered, items: 3)]
        _ = try step.send(batch)
        batch = Batch(signal: .traces)
        var items: [[Int]] = []
        for sampled in step.drain() { items.append(sampled.claims.map { $0.items }) }
        #expect(items == [[1, 3]])
        #expect(first.isReleased && second.isReleased)
    }

    @Test func `spans of several senders that are decided apart keep to their own`() throws {
        let (first, second) = (Told(), Told())
        var step = try StepHarness(policies: Self.errors)
        var batch = Batch.spans([
            Span(trace: 1), Span(trace: 2, status: 2), Span(trace: 2), Span(trace: 3, status: 2),
            Span(trace: 1),
        ])
        batch.claims = [first.claim(.delivered, items: 2), second.claim(.delivered, items: 3)]
        _ = try step.send(batch)
        batch = Batch(signal: .traces)
        var sampled = try #require(step.drain().first)
        #expect(sampled.traceNumbers == [2, 2, 3])
        let head = sampled.removeFirst(items: 1)
        head.claims.miss(.later(reason: "full"))
        #expect(first.missed == 1 && second.missed == 0)
        sampled.claims.miss(.later(reason: "full"))
        #expect(first.missed == 1 && second.missed == 2)
    }

    @Test func `a sender that waits is told of its own spans, not of those beside them`() throws {
        let told = Told()
        var step = try StepHarness(policies: Self.always)
        _ = try step.send(.spans([Span(trace: 1), Span(trace: 2), Span(trace: 3)]))
        _ = try step.send(batch([Span(trace: 4), Span(trace: 5)], .delivered, told))
        var sampled = try #require(step.drain().first)
        #expect(sampled.traceNumbers == [1, 2, 3, 4, 5])
        // The queue behind takes the first three, and loses the others.
        let head = sampled.removeFirst(items: 3)
        #expect(head.claims.isEmpty)
        sampled.claims.miss(.later(reason: "full"))
        #expect(told.missed == 2)
    }

    @Test func `when spans were taken out before, whoever may have sent a span is told of it`() throws {
        let (first, second) = (Told(), Told())
        var step = try StepHarness("num_traces: 1", policies: Self.always)
        var batch = Batch.spans([Span(trace: 1), Span(trace: 2)])
        batch.claims = [first.claim(.delivered, items: 2), second.claim(.delivered, items: 2)]
        _ = try step.send(batch)
        batch.claims = []
        #expect(!first.isReleased && !second.isReleased)
        _ = step.drain()
        #expect(first.isReleased && second.isReleased)
        #expect(first.missed == 1 && second.missed == 1 && first.canRetry)
    }

    @Test func `when spans were taken out before, senders who want the same are one for every trace`()
        throws
    {
        let told = (0..<400).map { _ in Told() }
        var step = try StepHarness("max_held_bytes: 2000000", policies: Self.always)
        var batch = Batch(signal: .traces)
        for (number, told) in told.enumerated() {
            batch.append(self.batch([Span(trace: number)], number == 0 ? .safe : .delivered, told))
        }
        var seen = 0
        batch.rewrite(.record) { span in
            seen += 1
            if seen == 7 { span.drop() }
        }
        _ = try step.send(batch)
        batch = Batch(signal: .traces)
        // A list of all senders for each of them would be 400 times 400 claims, for which there is no room.
        #expect(step.removed.isEmpty)
        var sampled = step.drain()
        #expect(sampled.reduce(0) { $0 + $1.claims.count } < 2 * 400)
        for batch in sampled { batch.claims.miss(.later(reason: "full")) }
        sampled = []
        #expect(told.allSatisfy { $0.isReleased && $0.missed == 1 && $0.canRetry })
    }
}
