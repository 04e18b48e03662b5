import Delivery
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@Suite struct OverflowTests {
    let harness = Harness()
    let exporter = ScriptedExporter()
    let account = DeliveryAccount()

    /// A queue with one consumer, which is busy until `gate` is resolved.
    private func busyQueue(
        until gate: PendingReceipt, _ change: (inout QueueSettings) -> Void
    ) throws -> DeliveryQueue {
        exporter.script(.wait(gate))
        var settings = DeliverySettings()
        settings.sendingQueue.numConsumers = 1
        change(&settings.sendingQueue)
        let context = harness.context(.exporter, "scripted")
        let queue = DeliveryQueue(
            exporter: exporter, settings: settings,
            surroundings: .init(
                lanes: harness.lanes, clock: harness.clock, logger: context.logger,
                meters: DeliveryMeters(exporter: context.id, signal: .traces, metrics: harness.metrics),
                status: context.status))
        _ = try offer(queue, size: 1)
        return queue
    }

    /// Offers a batch of `size` times as many items as a sample has.
    private func offer(_ queue: DeliveryQueue, size: Int) throws -> Receipt {
        var batch = try Samples.batch(.traces)
        for _ in 1..<size { batch.append(try Samples.batch(.traces)) }
        return try queue.offer(batch, account: account, on: 0)
    }

    private func sizesSent() throws -> [Int] {
        let one = try Samples.batch(.traces).itemCount
        return exporter.batches.map { $0.itemCount / one }
    }

    @Test func `drop_oldest gives up what has waited longest and takes the new`() async throws {
        let gate = PendingReceipt()
        let queue = try busyQueue(until: gate) {
            $0.queueSize = 3
            $0.overflow = .dropOldest
        }
        for size in 2...5 { _ = try offer(queue, size: size) }
        #expect(queue.size == 3)
        let one = try Samples.batch(.traces).itemCount
        #expect(account.items(in: .overflowed) == (2 + 3) * one)
        #expect(harness.metric("otelcol_exporter_enqueue_failed_spans") == Double((2 + 3) * one))
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(try sizesSent() == [1, 4, 5])
        #expect(account.items(in: .delivered) + account.items(in: .overflowed) == account.offered)
    }

    @Test func `drop_oldest gives up no more than the new batch needs`() async throws {
        let gate = PendingReceipt()
        let one = try Samples.batch(.traces).itemCount
        let queue = try busyQueue(until: gate) {
            $0.sizer = .items
            $0.queueSize = 9 * one
            $0.overflow = .dropOldest
        }
        for size in [2, 3, 3, 4] { _ = try offer(queue, size: size) }
        #expect(queue.size == 8 * one)
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(try sizesSent() == [1, 3, 4])
    }

    @Test func `drop_oldest refuses what does not fit beside that under way and keeps the rest`()
        async throws
    {
        let gate = PendingReceipt()
        let one = try Samples.batch(.traces).itemCount
        let queue = try busyQueue(until: gate) {
            $0.sizer = .items
            $0.queueSize = 4 * one
            $0.overflow = .dropOldest
        }
        _ = try offer(queue, size: 2)
        #expect(throws: Rejection.self) { try offer(queue, size: 4) }
        #expect(account.items(in: .refused) == 4 * one)
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(try sizesSent() == [1, 2])
        #expect(account.items(in: .overflowed) == 0)
    }

    @Test func `a sender that waits for its result learns that it was given up`() async throws {
        let gate = PendingReceipt()
        let queue = try busyQueue(until: gate) {
            $0.queueSize = 2
            $0.overflow = .dropOldest
            $0.waitForResult = true
        }
        guard case .pending(let oldest) = try offer(queue, size: 2) else {
            Issue.record("expected the sender to wait for its result")
            return
        }
        _ = try offer(queue, size: 3)
        let refusal = await #expect(throws: Rejection.self) { try await oldest.wait() }
        guard case .later = refusal else {
            Issue.record("expected a refusal for now, not \(String(describing: refusal))")
            return
        }
        #expect(account.items(in: .overflowed) == 0)
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(account.items(in: .delivered) + account.items(in: .refused) == account.offered)
    }

    @Test(arguments: [
        ("{}", QueueSettings.Overflow.dropNewest), ("{block_on_overflow: true}", .block),
        ("{overflow: block}", .block), ("{overflow: block, block_on_overflow: true}", .block),
        ("{overflow: drop_oldest}", .dropOldest), ("{overflow: drop_newest}", .dropNewest),
    ])
    func `overflow and block_on_overflow say the same thing`(
        yaml: String, expected: QueueSettings.Overflow
    ) throws {
        #expect(try QueueSettings.decode(yaml: yaml).overflowPolicy == expected)
    }

    @Test(arguments: [
        ("{overflow: drop_oldest, block_on_overflow: true}", "contradicts block_on_overflow"),
        ("{overflow: spill}", "drop_oldest"),
    ])
    func `a contradiction and an unknown policy are errors`(yaml: String, expected: String) {
        let error = #expect(throws: (any Error).self) { try QueueSettings.decode(yaml: yaml) }
        #expect(error.map { "\($0)" }?.contains(expected) == true)
    }
}
