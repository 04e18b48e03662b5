import Pipeline
import PipelineTesting
import Testing

@Suite struct ManualClockTests {
    private let clock = ManualClock(startingAt: 1_000_000_000)

    @Test func `time stands still until it is moved`() {
        #expect(clock.now == Instant(offset: .zero))
        clock.advance(by: .milliseconds(1500))
        #expect(clock.now == Instant(offset: .milliseconds(1500)))
        #expect(clock.unixNanoseconds == 2_500_000_000)
    }

    @Test func `a sleeper wakes when its time has come, not before`() async throws {
        let clock = clock
        let sleeper = Task { try await clock.sleep(for: .seconds(2)) }
        await clock.waitForSleepers()
        clock.advance(by: .seconds(1))
        #expect(clock.sleeperCount == 1)
        clock.advance(by: .seconds(1))
        try await sleeper.value
        #expect(clock.sleeperCount == 0)
    }

    @Test func `a cancelled sleeper wakes with an error, before or while it sleeps`() async {
        let clock = clock
        let sleeping = Task { try await clock.sleep(for: .seconds(2)) }
        await clock.waitForSleepers()
        sleeping.cancel()
        await #expect(throws: CancellationError.self) { try await sleeping.value }
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(2))
        }
        await #expect(throws: CancellationError.self) { try await early.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test func `random numbers are those of the test`() {
        clock.setRandom([0.25, 0.75])
        #expect([clock.random(), clock.random(), clock.random()] == [0.25, 0.75, 0.5])
    }
}
