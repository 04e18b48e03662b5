import Engine
import Logging
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

/// Runs whole collectors whose exporters join batches in front of their queues.
@Suite struct QueueBatchTests {
    let world = FakeWorld()
    let targets = QueueWorld()

    private let catalog = ComponentCatalog(
        receivers: [SourceReceiver.self], processors: [HoldProcessor.self],
        exporters: [TargetExporter.self, QueueTargetExporter.self])

    private func configuration(_ yaml: String) throws -> CollectorConfiguration {
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.inline, "test.yaml"))
        let decoded = ConfigurationDecoder(catalog: catalog).decode(tree)
        return try #require(decoded.configuration, "\(decoded.diagnostics)")
    }

    /// Runs pipelines of one lane, does something with them, stops and returns the receipt.
    private func run(
        queues: [String], exporters: [String], signal: Signal = .traces, processors: [String] = [],
        timeout: String = "10s", _ body: () async throws -> Void
    ) async throws -> ShutdownReceipt {
        let configuration = """
            receivers: {source: }
            processors: {hold: }
            exporters:
              target:
              \(queues.joined(separator: "\n  "))
            service:
              telemetry: {metrics: {level: none}}
              shutdown_timeout: \(timeout)
              pipelines:
                \(signal):
                  receivers: [source]
                  processors: [\(processors.joined(separator: ", "))]
                  exporters: [\(exporters.joined(separator: ", "))]
            """
        return try await FakeWorld.$current.withValue(world) {
            try await QueueWorld.$current.withValue(targets) {
                let collector = Collector(log: LogOutput(level: .critical), threads: 1, version: "test")
                do {
                    try await collector.start(try self.configuration(configuration))
                    try await body()
                } catch {
                    _ = await collector.stop()
                    throw error
                }
                let receipt = await collector.stop()
                let balances = receipt.lines.allSatisfy { $0.unaccounted == 0 }
                #expect(balances, "the ledger does not balance: \(receipt)")
                return receipt
            }
        }
    }

    private func send(_ items: Int = 3, _ signal: Signal = .traces) async throws {
        let outlet = try #require(world.outlet(of: "source/\(signal.rawValue)"))
        try await outlet.send(Samples.batch(signal, items: items))
    }

    private func sizes(at id: String) -> [Int] { targets[id].batches.map { $0.itemCount } }

    @Test func `small batches arrive as a large one`() async throws {
        let queue = "queue: {sending_queue: {batch: {min_size: 6, flush_timeout: 1h}}}"
        let receipt = try await run(queues: [queue], exporters: ["queue"]) {
            try await send()
            #expect(sizes(at: "queue").isEmpty)
            try await send()
            await targets["queue"].waitForItems(6)
        }
        #expect(sizes(at: "queue") == [6])
        #expect(receipt.lines.map { $0.delivered } == [6])
    }

    @Test func `a batch that does not fill up goes when its time is over`() async throws {
        let queue = "queue: {sending_queue: {batch: {flush_timeout: 5ms}}}"
        _ = try await run(queues: [queue], exporters: ["queue"]) {
            try await send()
            await targets["queue"].waitForItems(3)
        }
    }

    @Test func `what waits is sent when the collector stops, after what processors let go`() async throws {
        let queue = "queue: {sending_queue: {batch: {flush_timeout: 1h}}}"
        let receipt = try await run(queues: [queue], exporters: ["queue"], processors: ["hold"]) {
            for _ in 0..<10 { try await send() }
            #expect(sizes(at: "queue").isEmpty)
        }
        #expect(sizes(at: "queue") == [30])
        #expect(receipt.lost == 0)
    }

    @Test func `destinations that join batches and those that do not are accounted for each`() async throws {
        let queues = [
            "queue/a: {sending_queue: {batch: {flush_timeout: 1h}}}", "queue/b: {}",
            "queue/c: {sending_queue: {batch: {min_size: 4, max_size: 4, flush_timeout: 1h}}}",
        ]
        let receipt = try await run(queues: queues, exporters: ["queue/a", "queue/b", "queue/c", "target"]) {
            for _ in 0..<3 { try await send() }
            await targets["queue/b"].waitForItems(9)
            await targets["queue/c"].waitForItems(8)
        }
        #expect(sizes(at: "queue/a") == [9])
        #expect(sizes(at: "queue/b") == [3, 3, 3])
        #expect(sizes(at: "queue/c").sorted() == [1, 4, 4])
        #expect(receipt.lines.map { $0.delivered } == [9, 9, 9, 9])
    }

    private static let full = """
        queue: {sending_queue: {num_consumers: 1, queue_size: 1, batch: {min_size: 3, flush_timeout: 1h}}}
        """

    @Test func `what a full queue does not take waits, and new data is refused meanwhile`() async throws {
        let receipt = try await run(queues: [Self.full], exporters: ["queue"]) {
            targets["queue"].hold()
            try await send()
            await targets["queue"].waitForItems(3)
            try await send(4)
            let error = await #expect(throws: Rejection.self) { try await send(5) }
            #expect(error?.reason == "the sending queue is full")
            targets["queue"].answer()
            await targets["queue"].waitForItems(7)
        }
        #expect(sizes(at: "queue") == [3, 4])
        #expect(receipt.lines.map { $0.delivered } == [7])
        #expect(receipt.lines.map { $0.dropped } == [0])
    }

    @Test func `a full queue that refuses a branch leaves the others alone`() async throws {
        let receipt = try await run(queues: [Self.full], exporters: ["queue", "target"]) {
            targets["queue"].hold()
            try await send()
            await targets["queue"].waitForItems(3)
            try await send(4)
            try await send(5)
            targets["queue"].answer()
            await targets["queue"].waitForItems(7)
        }
        #expect(world.items(at: "target") == 12)
        #expect(receipt.lines.map { $0.delivered } == [7, 12])
        #expect(receipt.lines.map { $0.dropped } == [5, 0])
    }

    @Test func `what cannot be sent in time is lost at its destination, and the receipt says so`()
        async throws
    {
        let receipt = try await run(
            queues: [Self.full], exporters: ["queue", "target"], timeout: "50ms"
        ) {
            targets["queue"].refuse(next: 1000, with: .later(reason: "down"))
            try await send()
            try await send(4)
        }
        #expect(receipt.lines.map { $0.lost } == [7, 0])
        #expect(receipt.lines.map { $0.delivered } == [0, 7])
        #expect(receipt.lostInProcessors == 0)
        #expect(receipt.lost == 7)
    }

    @Test func `senders wait for room where the settings say so`() async throws {
        let queue = Self.full.replacing("queue_size", with: "block_on_overflow: true, queue_size")
        let receipt = try await run(queues: [queue], exporters: ["queue"]) {
            targets["queue"].hold()
            try await send()
            await targets["queue"].waitForItems(3)
            async let second: Void = send(4)
            async let third: Void = send(5)
            targets["queue"].answer()
            _ = try await (second, third)
            await targets["queue"].waitForItems(12)
        }
        #expect(receipt.lines.map { $0.delivered } == [12])
    }

    @Test func `senders that wait for room until the end are accounted for`() async throws {
        let queue = Self.full.replacing("queue_size", with: "block_on_overflow: true, queue_size")
        let receipt = try await run(queues: [queue], exporters: ["queue", "target"], timeout: "50ms") {
            targets["queue"].refuse(next: 1000, with: .later(reason: "down"))
            try await send()
            Task { try await send(4) }
            while world.items(at: "target") < 7 { await Task.yield() }
        }
        #expect(receipt.lines.map { $0.lost } == [7, 0])
    }

    @Test func `what the other side refuses for good is returned to those who wait for the result`()
        async throws
    {
        let queue = """
            queue: {sending_queue: {wait_for_result: true, batch: {min_size: 7, flush_timeout: 1h}}}
            """
        let receipt = try await run(queues: [queue], exporters: ["queue"]) {
            targets["queue"].refuse(with: .never(reason: "wrong"))
            await #expect(throws: Rejection.never(reason: "refused: wrong")) { try await send(7) }
        }
        #expect(receipt.lines.map { $0.returned } == [7])
    }

    @Test func `profiles are not joined and do not wait`() async throws {
        let queue = "queue: {sending_queue: {batch: {flush_timeout: 1h}}}"
        _ = try await run(queues: [queue], exporters: ["queue"], signal: .profiles) {
            try await send(3, .profiles)
            try await send(3, .profiles)
            await targets["queue"].waitForItems(6)
        }
        #expect(sizes(at: "queue") == [3, 3])
    }
}
