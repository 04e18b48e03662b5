import PipelineTesting
import Testing

@testable import Receivers

@Suite struct DeadlineThreadTests {
    @Test func `work is done on a thread, one after another`() async throws {
        let thread = DeadlineThread(clock: ManualClock())
        for number in 0..<5 {
            #expect(try await thread.run(within: .seconds(1)) { number * 2 } == number * 2)
        }
        thread.close()
        await #expect(throws: DeadlineThread.Failure.self) { try await thread.run(within: .seconds(1)) { 1 } }
    }

    @Test func `what hangs is left behind, up to a number`() async throws {
        let clock = ManualClock()
        let thread = DeadlineThread(clock: clock, hangingLimit: 2)
        let gate = Gate()
        for count in 1...2 {
            let begun = Gate()
            let work = Task {
                try await thread.run(within: .seconds(1)) {
                    begun.open()
                    gate.wait()
                }
            }
            await begun.opened()
            await clock.waitForSleepers()
            clock.advance(by: .seconds(1))
            await #expect(throws: DeadlineThread.Failure.self) { try await work.value }
            #expect(thread.hangingCount == count)
        }
        let failure = await #expect(throws: DeadlineThread.Failure.self) {
            try await thread.run(within: .seconds(1)) { 1 }
        }
        #expect(failure?.description == "cannot begin, because 2 others hang already")
        gate.open()
        while thread.hangingCount > 0 { await Task.yield() }
        #expect(try await thread.run(within: .seconds(1)) { 7 } == 7)
        thread.close()
    }

    @Test func `whoever is cancelled does not wait`() async throws {
        let thread = DeadlineThread(clock: ManualClock())
        let (begun, gate) = (Gate(), Gate())
        let work = Task {
            try await thread.run(within: .seconds(1)) {
                begun.open()
                gate.wait()
            }
        }
        await begun.opened()
        work.cancel()
        await #expect(throws: DeadlineThread.Failure.self) { try await work.value }
        gate.open()
        thread.close()
    }
}
