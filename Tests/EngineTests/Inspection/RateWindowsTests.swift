import Delivery
import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing

@testable import Engine

@Suite struct RateWindowsTests {
    private let clock = ManualClock()
    private let windows = RateWindows()
    private let pipeline = PipelineID(signal: .traces)
    private let receiver = ComponentID(type: "otlp")

    /// A snapshot of one pipeline with one receiver, one processor and one destination.
    private func snapshot(
        accepted: Int, bytes: Int = 0, refused: Int = 0, pipelines: [PipelineID]? = nil
    ) -> CollectorSnapshot {
        CollectorSnapshot(
            time: clock.unixNanoseconds, uptime: .zero, isReady: true, components: [],
            pipelines: (pipelines ?? [pipeline]).map { id in
                PipelineSnapshot(
                    id: id, receivers: [receiver],
                    steps: [
                        StepSnapshot(
                            id: ComponentID(type: "batch"), incoming: accepted, outgoing: accepted,
                            removed: [:], rejected: 1, lost: 0)
                    ],
                    destinations: [
                        DestinationSnapshot(
                            id: ComponentID(type: "debug"),
                            items: [.delivered: accepted / 2, .failed: refused, .queued: 7], unplaced: 0)
                    ],
                    accepted: accepted, acceptedBytes: bytes, refused: refused, held: 0)
            },
            receivers: [
                ReceiverSnapshot(
                    id: receiver, signal: .traces, transport: "grpc", accepted: accepted, refused: refused)
            ],
            queues: [])
    }

    private func sample(accepted: Int, bytes: Int = 0, refused: Int = 0, after seconds: Int = 1) {
        clock.advance(by: .seconds(seconds))
        windows.sample(snapshot(accepted: accepted, bytes: bytes, refused: refused), at: clock.now)
    }

    private func rates(_ edge: EdgeRates.Edge? = nil) throws -> EdgeRates {
        try #require(windows.rates(of: edge ?? .pipeline(pipeline)))
    }

    @Test func `the first sample is where counting begins`() throws {
        sample(accepted: 5000, bytes: 1)
        let rates = try rates()
        #expect(rates.second == .init(items: 0, bytes: 0, errors: 0))
        #expect(rates.tenMinutes == .init(items: 0, bytes: 0, errors: 0))
    }

    @Test func `a second, a minute and ten minutes are told apart`() throws {
        var accepted = 0
        sample(accepted: 0)
        // Ten minutes at 10 a second, then a minute at 100, and then a second at 1000.
        for _ in 0..<600 {
            accepted += 10
            sample(accepted: accepted)
        }
        for _ in 0..<59 {
            accepted += 100
            sample(accepted: accepted)
        }
        accepted += 1000
        sample(accepted: accepted)
        let rates = try rates()
        #expect(rates.second.items == 1000)
        let minute = Double(59 * 100 + 1000) / 60
        #expect(rates.minute.items == minute)
        // 660 seconds are 66 slots of ten; the window is 59 of them and the one that has just begun.
        let tenMinutes = Double(531 * 10 + 59 * 100 + 1000) / 591
        #expect(rates.tenMinutes.items == tenMinutes)
    }

    @Test func `a young edge is measured over its life`() throws {
        sample(accepted: 0)
        for second in 1...4 { sample(accepted: second * 6, bytes: second * 600, refused: second) }
        let rates = try rates()
        #expect(rates.minute == .init(items: 6, bytes: 600, errors: 1))
        #expect(rates.tenMinutes == rates.minute)
    }

    @Test func `a sample that comes late covers the time it took`() throws {
        sample(accepted: 0)
        sample(accepted: 100, after: 4)
        #expect(try rates().second.items == 25)
    }

    @Test func `a counter that begins anew counts from nothing`() throws {
        sample(accepted: 1_000_000)
        sample(accepted: 40)
        #expect(try rates().second.items == 40)
        #expect(try rates().minute.items == 40)
    }

    @Test func `every kind of edge has its counters`() throws {
        sample(accepted: 0)
        sample(accepted: 20, bytes: 300, refused: 3)
        #expect(
            try rates(.receiver(receiver, .traces, transport: "grpc")).second
                == .init(items: 20, bytes: 0, errors: 3))
        #expect(try rates().second == .init(items: 20, bytes: 300, errors: 3))
        #expect(
            try rates(.step(pipeline, ComponentID(type: "batch"))).second
                == .init(items: 20, bytes: 0, errors: 0))
        #expect(
            try rates(.destination(pipeline, ComponentID(type: "debug"))).second
                == .init(items: 10, bytes: 0, errors: 3))
    }

    @Test func `an edge that is gone is forgotten`() {
        sample(accepted: 1)
        #expect(windows.rates().count == 4)
        clock.advance(by: .seconds(1))
        windows.sample(snapshot(accepted: 2, pipelines: []), at: clock.now)
        #expect(windows.rates().map { $0.edge } == [.receiver(receiver, .traces, transport: "grpc")])
    }

    @Test func `200 pipelines take less than 2 MB`() {
        let ids = (0..<200).map { PipelineID(signal: .traces, name: "number\($0)") }
        for second in 1...3 {
            clock.advance(by: .seconds(1))
            windows.sample(snapshot(accepted: second, pipelines: ids), at: clock.now)
        }
        #expect(windows.rates().count == 601)
        #expect(windows.storageBytes < 2_000_000)
    }

    @Test func `no more than so many edges are followed`() {
        let ids = (0..<RateWindows.edgeLimit).map { PipelineID(signal: .logs, name: "number\($0)") }
        clock.advance(by: .seconds(1))
        windows.sample(snapshot(accepted: 1, pipelines: ids), at: clock.now)
        #expect(windows.rates().count == RateWindows.edgeLimit)
    }

    @Test func `it samples once a second`() async throws {
        let calls = Mutex(0)
        let edge = EdgeRates.Edge.receiver(receiver, .logs, transport: "http")
        let readings = { @Sendable in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            return [EdgeReading(edge, items: call * 3, errors: 0)]
        }
        let task = Task { [windows, clock] in await windows.run(clock, readings) }
        for _ in 0..<3 {
            await clock.waitForSleepers()
            clock.advance(by: RateWindows.interval)
        }
        await clock.waitForSleepers()
        #expect(try rates(edge).second.items == 3)
        task.cancel()
        await task.value
        #expect(clock.sleeperCount == 0)
    }
}
