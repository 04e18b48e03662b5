import Pipeline
import PipelineTesting
import Synchronization
import Testing

@testable import Engine

@Suite struct LoopWatchdogTests {
    private let clock = ManualClock()

    @Test func `a loop that answers has no lag`() async {
        let watchdog = LoopWatchdog(pings: [{ $0() }, { $0() }], clock: clock)
        let task = Task { await watchdog.run() }
        for _ in 0..<10 {
            await clock.waitForSleepers()
            #expect(watchdog.lag == .zero)
            clock.advance(by: LoopWatchdog.interval)
        }
        await clock.waitForSleepers()
        #expect(watchdog.isAlive)
        task.cancel()
        await task.value
    }

    @Test func `one loop that hangs is enough`() async {
        let isHung = Atomic<Bool>(false)
        let hanging: LoopWatchdog.Ping = { answer in if !isHung.load(ordering: .relaxed) { answer() } }
        let watchdog = LoopWatchdog(pings: [{ $0() }, hanging], clock: clock)
        let task = Task { await watchdog.run() }
        await clock.waitForSleepers()
        isHung.store(true, ordering: .relaxed)
        for _ in 0..<4 {
            clock.advance(by: LoopWatchdog.interval)
            await clock.waitForSleepers()
        }
        #expect(watchdog.lag == .seconds(4))
        #expect(watchdog.isAlive)
        clock.advance(by: LoopWatchdog.interval)
        await clock.waitForSleepers()
        #expect(!watchdog.isAlive)
        isHung.store(false, ordering: .relaxed)
        clock.advance(by: LoopWatchdog.interval)
        await clock.waitForSleepers()
        #expect(watchdog.isAlive)
        task.cancel()
        await task.value
    }

    @Test func `a watchdog that does not run is a process that hangs`() {
        let watchdog = LoopWatchdog(pings: [{ $0() }], clock: clock)
        #expect(watchdog.isAlive)
        clock.advance(by: LoopWatchdog.limit)
        #expect(!watchdog.isAlive)
    }
}
