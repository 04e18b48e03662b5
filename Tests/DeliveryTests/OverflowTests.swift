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

    /// A queue that gives up its oldest data, with one consumer that is busy until `gate` is resolved.
    private func busyQueue(
        until gate: PendingReceipt, room: Int, _ sizer: QueueSettings.Sizer = .requests
    ) throws -> DeliveryQueue {
        exporter.script(.wait(gate))
        let queue = exporter.queue(harness) {
            $0.sendingQueue.numConsumers = 1
            $0.sendingQueue.queueSize = room
            $0.sendingQueue.sizer = sizer
            $0.sendingQueue.overflow = .dropOldest
        }
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
        let queue = try busyQueue(until: gate, room: 3)
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
        let queue = try busyQueue(until: gate, room: 9 * one, .items)
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
        let queue = try busyQueue(until: gate, room: 4 * one, .items)
        _ = try offer(queue, size: 2)
        #expect(throws: Rejection.self) { try offer(queue, size: 4) }
        #expect(account.items(in: .refused) == 4 * one)
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(try sizesSent() == [1, 2])
        #expect(account.items(in: .overflowed) == 0)
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
        ("{overflow: drop_oldest, wait_for_result: true}", "whose senders wait for the result"),
        ("{overflow: spil}", "drop_oldest"),
    ])
    func `a contradiction and an unknown policy are errors`(yaml: String, expected: String) {
        let error = #expect(throws: (any Error).self) { try QueueSettings.decode(yaml: yaml) }
        #expect(error.map { "\($0)" }?.contains(expected) == true)
    }
}
