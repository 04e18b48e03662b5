import Engine
import Logging
import NIOCore
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

/// How whole collectors stop and change that have connectors with queues.
@Suite(.timeLimit(.minutes(1))) struct ConnectorDrainTests {
    private let bench = ConnectorBench()

    /// Sources that feed a queue directly and through another one, which is named later.
    private static let diamond = ConnectorBench.yaml(
        "{sending_queue: {queue_size: 99999}, retry_on_failure: {initial_interval: 1ms, max_interval: 9ms}}",
        pipelines: """
            logs/late: {receivers: [source/2], exporters: [line/1]}
                  logs/early: {receivers: [source], exporters: [line/2]}
                  logs/middle: {receivers: [line/1], exporters: [line/2]}
                  logs/out: {receivers: [line/2], exporters: [queue]}
            """)

    @Test func `a queue is drained after the last one that feeds it`() async throws {
        bench.world.refuse("line/1", .later(reason: "not yet"))
        var sent = 0
        let receipt = try await bench.run(Self.diamond) { collector in
            let stop = Task { await collector.stop() }
            // Until the first queue is closed: those behind it have to be open then.
            while true {
                do throws(Rejection) {
                    try await bench.send(1, from: "source/2")
                } catch {
                    #expect(error == .later(reason: "the exporter is shutting down", after: .seconds(1)))
                    break
                }
                sent += 1
            }
            bench.world.refuse("line/1", nil)
            return await stop.value
        }
        #expect(receipt.lost == 0)
        #expect(bench.targets["queue"].itemCount == sent && sent > 0)
    }

    @Test func `an answer from behind a queue that does not come ends with the time to stop`() async throws {
        bench.targets["queue"].hold()
        let receipt = try await bench.run(
            ConnectorBench.yaml("{}", "{sending_queue: {enabled: false}}", timeout: "400ms")
        ) { collector in
            try await bench.send(3)
            await bench.targets["queue"].waitForItems(3)
            return await collector.stop()
        }
        #expect(receipt.lines.first { $0.source == "logs" }?.lost == 3)
        bench.targets["queue"].answer()
    }

    @Test func `what waits in a queue for what a step behind it keeps is let go`() async throws {
        let receipt = try await bench.run(
            ConnectorBench.yaml("{sending_queue: {wait_for_result: true}}", processors: "hold")
        ) { collector in
            let answer = Task { try await bench.send(3) }
            await bench.world.wait(for: 3, at: "hold")
            let receipt = await collector.stop()
            try await answer.value
            return receipt
        }
        #expect(receipt.lost == 0)
        #expect(bench.targets["queue"].itemCount == 3)
    }

    @Test func `a step that lets go of a part at a time is drained before the queue behind it`()
        async throws
    {
        let pipelines = """
            logs: {receivers: [source], processors: [drip], exporters: [line]}
                  logs/ot: {receivers: [line], processors: [drip], exporters: [queue]}
            """
        let receipt = try await bench.run(
            ConnectorBench.yaml("{sending_queue: {queue_size: 99}}", pipelines: pipelines)
        ) { collector in
            for _ in 0..<12 { try await bench.send(1) }
            return await collector.stop()
        }
        #expect(receipt.lost == 0)
        #expect(bench.targets["queue"].itemCount == 12)
    }

    @Test func `what a step would let go of in parts is lost and told when the time is over`() async throws {
        bench.world.refuse("target", .later(reason: "down"))
        let pipelines = "logs: {receivers: [source], processors: [drip], exporters: [target]}"
        let receipt = try await bench.run(
            ConnectorBench.yaml("{}", timeout: "40ms", pipelines: pipelines)
        ) { collector in
            for _ in 0..<12 { try await bench.send(1) }
            let receipt = await collector.stop()
            #expect(collector.drops.all.reduce(0) { $0 + $1.items } == 12)
            return receipt
        }
        #expect(receipt.lostInProcessors == 12 && receipt.lost == 12)
        #expect(bench.world.items(at: "target") == 0)
    }

    // MARK: - Changes

    @Test func `a queue on disk that comes back waits for its directory`() async throws {
        let disk = LetterStorage()
        let line = "{sending_queue: {storage: disk}, retry_on_failure: {initial_interval: 10ms}}"
        let first = ConnectorBench.yaml(line, timeout: "300ms", disk: disk.root)
        let receipt = try await bench.run(first) { collector in
            bench.world.refuse("line", .later(reason: "not yet"))
            try await bench.send(3)
            let direct = "logs: {receivers: [source], exporters: [queue]}"
            _ = try await collector.replace(
                with: bench.configuration(
                    ConnectorBench.yaml(line, timeout: "300ms", pipelines: direct, disk: disk.root)))
            bench.world.refuse("line", nil)
            _ = try await collector.replace(with: bench.configuration(first))
            await bench.targets["queue"].waitForItems(3)
            return await collector.stop()
        }
        #expect(receipt.lost == 0)
    }

    @Test func `a stop does not wait for an earlier change that does not end`() async throws {
        let line = "{sending_queue: {queue_size: 9}, retry_on_failure: {initial_interval: 10ms}}"
        bench.world.refuse("line", .later(reason: "not yet"))
        try await bench.run(ConnectorBench.yaml(line, timeout: "10m")) { collector in
            try await bench.send(3)
            let direct = "logs: {receivers: [source], exporters: [queue]}"
            _ = try await collector.replace(
                with: bench.configuration(ConnectorBench.yaml(line, timeout: "200ms", pipelines: direct)))
            let receipt = await collector.stop()
            // What the earlier change still tries to send is where it was.
            #expect(receipt.lines.first { $0.destination.description == "line" }?.lost == 3)
            return receipt
        }
        bench.world.refuse("line", nil)
    }

    // MARK: - Answers

    @Test func `senders wait for the result of a queue that says so, until the destinations have it`()
        async throws
    {
        let pipelines = """
            logs: {receivers: [source], exporters: [line]}
                  logs/ot: {receivers: [line], exporters: [target]}
            """
        let line = "{sending_queue: {wait_for_result: true}}"
        try await bench.run(ConnectorBench.yaml(line, pipelines: pipelines)) { collector in
            let isLetGo = PendingReceipt()
            let answer = Task {
                try await bench.send(3)
                return isLetGo.isResolved
            }
            await bench.world.wait(for: 3, at: "target")
            // What the target has is claimed by the queue, which answers when the target lets go of it.
            var arrived = bench.world.take(at: "target")
            #expect(arrived.map { $0.claims.map { $0.claimant.goal } } == [[.delivered]])
            #expect(arrived.map { $0.claims.items } == [3])
            isLetGo.resolve(nil)
            arrived = []
            let isInOrder = try await answer.value
            #expect(isInOrder && arrived.isEmpty)
            return await collector.stop()
        }
    }

    @Test func `what is refused late while everything stops still finds another way`() async throws {
        let pipelines = """
            logs: {receivers: [source], processors: [hold], exporters: [switch]}
                  logs/1: {receivers: [switch], exporters: [queue/2]}
                  logs/2: {receivers: [switch], exporters: [queue]}
                  logs/3: {receivers: [source/2], exporters: [queue]}
            """
        let queue = "{sending_queue: {queue_size: 9999}}"
        var others = 0
        bench.targets["queue/2"].hold()
        let receipt = try await bench.run(ConnectorBench.yaml("{}", queue, pipelines: pipelines)) {
            collector in
            let answer = Task { try await bench.send(3) }
            await bench.world.wait(for: 3, at: "hold")
            let stop = Task { await collector.stop() }
            await bench.targets["queue/2"].waitForItems(3)
            // For some time, or until the other way is closed, which it must not be.
            while others < 5000, (try? await bench.send(1, from: "source/2")) != nil { others += 1 }
            bench.targets["queue/2"].answer(.later(reason: "down"))
            try await answer.value
            return await stop.value
        }
        #expect(receipt.lost == 0 && bench.targets["queue"].itemCount == 3 + others)
    }
}

/// Offers to `logs/1` first and, when that refuses in the end, to `logs/2`.
struct SwitchConnector: Connector {
    static let name = "switch"
    static let summary = "Has another way."
    static let conversions: [(from: Signal, to: Signal)] = [(.logs, .logs)]
    private let loops: [any EventLoop]

    init(_ configuration: EmptyConfiguration, in context: Context) throws(ComponentError) {
        loops = context.eventLoops
    }

    mutating func consume(_ batch: consuming Batch, into outlets: ConnectorOutlets) throws(Rejection)
        -> Receipt
    {
        let whole = batch
        let (claims, answer) = Claim.following(whole.claims, items: whole.itemCount)
        var copy = whole
        copy.claims = claims
        _ = try outlets.send(copy, to: PipelineID(signal: .logs, name: "1"))
        let end = PendingReceipt()
        let ways = NIOLoopBound(outlets, eventLoop: loops[outlets.lane])
        answer.whenResolved { refusal in
            guard refusal != nil else { return end.resolve(nil) }
            ways.eventLoop.execute {
                do throws(Rejection) {
                    _ = try ways.value.send(whole, to: PipelineID(signal: .logs, name: "2"))
                    end.resolve(nil)
                } catch {
                    end.resolve(error)
                }
            }
        }
        return .pending(end)
    }
}
