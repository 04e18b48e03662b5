import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

@testable import Receivers

@Suite struct ScrapeLoopTests {
    /// What became of the scrapes of a loop.
    private final class Book: Sendable {
        let refusals = Mutex<[Rejection?]>([])
        let times = Mutex<[Duration]>([])
    }

    /// A loop that sends a point each time.
    private struct Running {
        let surroundings = Harness()
        let sink = RecordingSink()
        let book = Book()
        let lifeline = Lifeline()
        let task: Task<Void, Never>

        var clock: ManualClock { surroundings.clock }

        /// `work` is how long a scrape takes.
        init(_ yaml: String, work: Duration = .zero) async throws {
            let outlet = try await surroundings.outlet(.metrics, to: sink)
            let (book, clock) = (book, surroundings.clock)
            let loop = ScrapeLoop(settings: try ScrapeSettings.decode(yaml: yaml), clock: clock)
            let session = ReceiverSession(lifeline: lifeline) { _, _ in outlet }
            task = Task {
                await loop.run(session) { turn in
                    book.times.withLock { $0.append(clock.now.offset) }
                    try? await clock.sleep(for: work)
                    var builder = MetricsBuilder()
                    builder.gauge("up") { $0.point { $0.value(.int(1)) } }
                    let refusal = await turn.send(builder.finish(), to: outlet)
                    book.refusals.withLock { $0.append(refusal) }
                }
            }
        }

        /// Moves the time when somebody sleeps.
        func advance(by seconds: Int...) async {
            for duration in seconds {
                await clock.waitForSleepers()
                clock.advance(by: .seconds(duration))
            }
            await clock.waitForSleepers()
        }

        func stop() async {
            lifeline.requestStop(grace: .seconds(1))
            await task.value
        }
    }

    @Test func `scrapes begin at multiples of the interval, and those that are missed are left out`()
        async throws
    {
        let running = try await Running("{collection_interval: 10s, initial_delay: 2s}", work: .seconds(23))
        // From 2 s to 25 s, so those at 12 s and 22 s are missed; then from 32 s on.
        await running.advance(by: 2, 23, 7, 23)
        await running.stop()
        #expect(running.book.times.withLock { $0 } == [.seconds(2), .seconds(32)])
        #expect(running.sink.itemCount == 2)
    }

    @Test func `what is refused for now is offered again until the next scrape is due`() async throws {
        let running = try await Running("{collection_interval: 10s, initial_delay: 0s}")
        running.sink.refuse(next: 2, with: .later(reason: "full"))
        await running.advance(by: 1, 2)
        #expect(running.book.refusals.withLock { $0 } == [nil])
        #expect(running.sink.itemCount == 1)
        running.sink.refuse(next: 4, with: .later(reason: "full"))
        // After 1 s, 2 s and 4 s; another 8 s would be too late.
        await running.advance(by: 7, 1, 2, 4)
        #expect(running.book.refusals.withLock { $0 } == [nil, .later(reason: "full")])
        await running.stop()
        #expect(running.sink.itemCount == 1)
    }

    @Test func `what is refused for good is not offered again`() async throws {
        let running = try await Running("{collection_interval: 10s, initial_delay: 0s}")
        running.sink.refuse(with: .never(reason: "no"))
        await running.clock.waitForSleepers()
        #expect(running.book.refusals.withLock { $0 } == [.never(reason: "no")])
        await running.stop()
    }

    @Test func `a scrape that is under way does not keep the receiver from its end`() async throws {
        let running = try await Running("initial_delay: 0s", work: .seconds(1000))
        await running.clock.waitForSleepers()
        await running.stop()
        #expect(running.book.times.withLock { $0.count } == 1)
        // Nobody refused anything: what was offered may have been taken.
        #expect(running.book.refusals.withLock { $0 } == [nil])
    }

    @Test func `what the pipelines have not answered at the stop is not lost`() async throws {
        let running = try await Running("initial_delay: 0s")
        running.sink.hold()
        await running.sink.waitForItems(1)
        await running.stop()
        #expect(running.book.refusals.withLock { $0 } == [nil])
        running.sink.answer()
    }

    @Test func `what is refused and cannot be offered again because of the stop is lost`() async throws {
        let running = try await Running("initial_delay: 0s")
        running.sink.refuse(with: .later(reason: "full"))
        await running.clock.waitForSleepers()
        await running.stop()
        #expect(running.book.refusals.withLock { $0 } == [.later(reason: "full")])
    }
}
