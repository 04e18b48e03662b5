import Connectors
import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing

/// Answers that come late: by receipts, and by claims.
@Suite struct FailoverAnswerTests {
    /// Remembers what it was told, and when it was let go of.
    private final class Listener: Claimant {
        private struct State {
            var missed: [Int] = []
            var retries: [ClaimRetry] = []
        }

        let goal: ClaimGoal
        private let state = Mutex(State())
        let released: PendingReceipt

        init(_ goal: ClaimGoal = .asDestinationAsks, released: PendingReceipt = PendingReceipt()) {
            self.goal = goal
            self.released = released
        }

        deinit { released.resolve(nil) }

        var missed: [Int] { state.withLock { $0.missed } }

        func missed(_ items: Int, reason: String, retry: ClaimRetry) {
            state.withLock { state in
                state.missed.append(items)
                state.retries.append(retry)
            }
        }
    }

    @Test func `a refusal that comes late goes to the next level, and the sender waits for that`()
        async throws
    {
        let bench = try await FailoverBench()
        bench.sink("1").hold()
        let answer = try await bench.sendAndWait(3)
        #expect(!answer.isResolved)
        #expect(bench.activeLevel == 1)
        bench.sink("1").answer(.later(reason: "timed out"))
        try await answer.wait()
        #expect(bench.items == [3, 0, 3, 0], "the sink of the test keeps what it refuses afterwards")
        #expect(bench.activeLevel == 2)
    }

    @Test func `late refusals by all levels are the answer`() async throws {
        let bench = try await FailoverBench("[[logs/1], [logs/2]]")
        bench.sink("1").hold()
        bench.sink("2").hold()
        let answer = try await bench.sendAndWait()
        bench.sink("1").answer(.later(reason: "a"))
        await bench.sink("2").waitForItems(1)
        bench.sink("2").answer(.never(reason: "b"))
        await #expect(
            throws: Rejection.later(reason: "every level refused: level 1: a; level 2: b")
        ) { try await answer.wait() }
    }

    @Test func `a level of several pipelines has taken a batch when all of them have`() async throws {
        let bench = try await FailoverBench("[[logs/1, logs/1b], [logs/2]]")
        bench.sink("1").hold()
        bench.sink("1b").hold()
        let answer = try await bench.sendAndWait(2)
        bench.sink("1").answer()
        try await bench.harness.settle()
        #expect(!answer.isResolved)
        bench.sink("1b").answer(.later(reason: "down"))
        try await answer.wait()
        #expect(bench.items == [2, 2, 2, 0])
        #expect(bench.metric("apus_connector_failover_repeated_items") == 2)
    }

    // MARK: - Claims

    @Test(arguments: [ClaimGoal.asDestinationAsks, .delivered, .safe])
    func `who has a claim waits until a level has what he wants`(goal: ClaimGoal) async throws {
        let bench = try await FailoverBench()
        let released = PendingReceipt()
        let answer = try await bench.sendAndWait(
            3, claims: [Claim(Listener(goal, released: released), items: 3)])
        #expect(!answer.isResolved && !released.isResolved)
        #expect(goalsOfLettingGo(bench.sink("1")) == (goal == .safe ? [.safe, .asDestinationAsks] : [goal]))
        try await answer.wait()
        try await released.wait()
        #expect(bench.activeLevel == 1)
    }

    @Test func `a claim that is missed at one level is not missed when the next one takes the batch`()
        async throws
    {
        let bench = try await FailoverBench()
        let listener = Listener()
        let answer = try await bench.sendAndWait(3, claims: [Claim(listener, items: 3)])
        refuse(bench.sink("1").takeBatches(), .later(reason: "503", after: .seconds(1)))
        await bench.sink("2").waitForItems(3)
        #expect(!answer.isResolved)
        _ = bench.sink("2").takeBatches()
        try await answer.wait()
        #expect(listener.missed == [])
        #expect(bench.activeLevel == 2)
    }

    @Test func `what all levels refuse late is refused, and the claims stay with the sender`() async throws {
        let bench = try await FailoverBench("[[logs/1], [logs/2]]")
        let listener = Listener()
        let answer = try await bench.sendAndWait(3, claims: [Claim(listener, items: 3)])
        refuse(bench.sink("1").takeBatches(), .never(reason: "a"))
        await bench.sink("2").waitForItems(3)
        refuse(bench.sink("2").takeBatches(), .never(reason: "b"))
        await #expect(throws: Rejection.never(reason: "every level refused: level 1: a; level 2: b")) {
            try await answer.wait()
        }
        #expect(listener.missed == [], "whoever is refused still has the batch, and its claims")
    }

    @Test func `items that a destination rejects are told to the sender and go nowhere else`() async throws {
        let bench = try await FailoverBench()
        let listener = Listener()
        let answer = try await bench.sendAndWait(3, claims: [Claim(listener, items: 3)])
        for claim in bench.sink("1").takeBatches().flatMap({ $0.claims }) {
            claim.claimant.missed(1, reason: "bad item", retry: .useless)
        }
        try await answer.wait()
        #expect(listener.missed == [1])
        #expect(bench.items == [0, 0, 0, 0])
        #expect(bench.activeLevel == 1)
    }

    @Test func `an old success does not make up for a failure that came after it began`() async throws {
        let bench = try await FailoverBench()
        bench.sink("1").hold()
        let slow = try await bench.sendAndWait()
        bench.harness.surroundings.clock.advance(by: .seconds(1))
        bench.refuse("1")
        try await bench.send()
        bench.sink("1").answer()
        try await slow.wait()
        #expect(bench.activeLevel == 2)
    }

    // MARK: - What has happened meanwhile

    @Test func `a late refusal goes to the next level although others have found out before`() async throws {
        let bench = try await FailoverBench()
        bench.sink("1").hold()
        let slow = try await bench.sendAndWait(3)
        bench.refuse("1")
        try await bench.send(2)
        #expect(bench.activeLevel == 2)
        bench.sink("1").answer(.later(reason: "timed out"))
        try await slow.wait()
        #expect(bench.items == [3, 0, 5, 0], "the sink of the test keeps what it refuses afterwards")
        #expect(bench.metric("otelcol_connector_failover_count", ["level": "1"]) == 1)
    }

    @Test(arguments: [Rejection.later(reason: "timed out"), .never(reason: "bad")])
    func `a late refusal of what came before a level worked again does not make it fail`(
        refusal: Rejection
    ) async throws {
        let bench = try await FailoverBench()
        bench.sink("1").hold()
        let slow = try await bench.sendAndWait(3)
        bench.refuse("1")
        try await bench.send()
        bench.harness.surroundings.clock.advance(by: .seconds(10))
        let retried = try await bench.sendAndWait()
        bench.sink("1").takeAnswer(2)?.resolve(nil)
        try await retried.wait()
        #expect(bench.activeLevel == 1)
        bench.sink("1").answer(refusal)
        try await slow.wait()
        #expect(bench.activeLevel == 1)
        #expect(bench.sink("2").itemCount == 4, "but what was refused went on")
    }

    @Test(arguments: [nil, Rejection.later(reason: "still down")])
    func `while a level is tried again others go to the next one, and the answer decides`(
        answer: PendingReceipt.Answer
    ) async throws {
        let bench = try await FailoverBench()
        bench.refuse("1")
        try await bench.send()
        bench.harness.surroundings.clock.advance(by: .seconds(10))
        bench.sink("1").hold()
        let retried = try await bench.sendAndWait(3)
        try await bench.send(2)
        #expect(bench.items == [3, 0, 3, 0])
        bench.sink("1").answer(answer)
        try await retried.wait()
        #expect(bench.activeLevel == (answer == nil ? 1 : 2))
        #expect(bench.items == [3, 0, answer == nil ? 3 : 6, 0])
    }

    @Test(arguments: [true, false])
    func `an answer that comes after a drain is heard all the same`(hasNext: Bool) async throws {
        let bench = try await FailoverBench("[[logs/1], [logs/2]]")
        bench.sink("1").hold()
        let listener = Listener()
        let answer = try await bench.sendAndWait(3, claims: [Claim(listener, items: 3)])
        try await bench.harness.drain()
        #expect(!answer.isResolved)
        let closed = Rejection.later(reason: "the exporter is shutting down")
        if !hasNext { bench.refuse("2", with: closed) }
        _ = bench.sink("1").takeBatches()
        bench.sink("1").answer(.later(reason: "timed out"))
        if hasNext {
            await bench.sink("2").waitForItems(3)
            _ = bench.sink("2").takeBatches()
            try await answer.wait()
        } else {
            await #expect(throws: Rejection.self) { try await answer.wait() }
        }
        #expect(listener.missed == [])
    }

    // MARK: - Properties

    @Test func `every batch is taken by one level or refused, whatever happens`() async throws {
        let bench = try await FailoverBench()
        let levels = ["1", "2", "3"]
        var (random, sent, refused, late) = (UInt64(7), 0, 0, [PendingReceipt]())
        func next(_ count: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % count
        }
        for _ in 0..<500 {
            for level in levels where next(3) == 0 {
                bench.refuse(level, with: next(4) == 0 ? .never(reason: "n") : .later(reason: "l"))
            }
            if next(5) == 0 { bench.harness.surroundings.clock.advance(by: .seconds(next(15))) }
            sent += 1
            do {
                if case .pending(let receipt) = try await bench.send() { late.append(receipt) }
            } catch {
                refused += 1
            }
        }
        #expect(late.isEmpty)
        #expect(refused > 0 && bench.items[0] > 0 && bench.items[2] > 0 && bench.items[3] > 0)
        #expect(bench.items.reduce(0, +) + refused == sent)
    }

    /// Lets go of what has arrived, as whoever has got it where it was meant to go; returns what was wanted
    /// of 3 items.
    private func goalsOfLettingGo(_ sink: RecordingSink) -> [ClaimGoal] {
        sink.takeBatches().flatMap { $0.claims }.filter { $0.items == 3 }.map { $0.claimant.goal }
    }

    private func refuse(_ batches: consuming [Batch], _ refusal: Rejection) {
        for batch in batches { batch.claims.miss(refusal) }
    }
}
