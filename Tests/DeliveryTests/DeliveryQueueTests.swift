import Delivery
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@Suite struct DeliveryQueueTests {
    let harness = Harness()
    let exporter = ScriptedExporter()
    let account = DeliveryAccount()

    private func queue(_ change: (inout DeliverySettings) -> Void = { _ in }) -> DeliveryQueue {
        exporter.queue(harness) {
            $0.retry.randomizationFactor = 0
            change(&$0)
        }
    }

    private func offer(_ queue: DeliveryQueue, _ batch: Batch? = nil) throws -> Receipt {
        try queue.offer(batch ?? Samples.batch(.traces), account: account, on: 0)
    }

    /// Drains a queue whose clock stands still.
    private func drain(_ queue: DeliveryQueue) async {
        await queue.drain(until: harness.clock.now + .seconds(60))
    }

    @Test func `a batch is accepted at once and delivered`() async throws {
        let queue = queue()
        let batch = try Samples.batch(.traces)
        guard case .accepted = try offer(queue, batch) else {
            Issue.record("expected .accepted")
            return
        }
        await drain(queue)
        #expect(exporter.batches.map { $0.itemCount } == [batch.itemCount])
        #expect(account.items(in: .delivered) == batch.itemCount)
        #expect(account.offered == batch.itemCount)
        #expect(harness.metric("otelcol_exporter_sent_spans") == Double(batch.itemCount))
    }

    @Test func `a failure that may pass is tried again after the backoff`() async throws {
        exporter.script(.failure(.retryable(reason: "busy")), .failure(.retryable(reason: "busy")))
        let queue = queue()
        _ = try offer(queue)
        await harness.clock.waitForSleepers(1)
        harness.clock.advance(by: .seconds(5))
        await harness.clock.waitForSleepers(1)
        #expect(exporter.batches.count == 2)
        harness.clock.advance(by: .milliseconds(7_500))
        await drain(queue)
        #expect(exporter.batches.count == 3)
        #expect(account.items(in: .delivered) == account.offered)
    }

    @Test func `what the other side asks for is waited for`() async throws {
        exporter.script(.failure(.retryable(reason: "throttled", after: .seconds(20))))
        let queue = queue()
        _ = try offer(queue)
        await harness.clock.waitForSleepers(1)
        harness.clock.advance(by: .seconds(19))
        #expect(harness.clock.sleeperCount == 1)
        harness.clock.advance(by: .seconds(1))
        await drain(queue)
        #expect(exporter.batches.count == 2)
    }

    @Test func `a permanent failure is given up and accounted for`() async throws {
        exporter.script(.failure(.permanent(reason: "no")))
        let queue = queue()
        _ = try offer(queue)
        await drain(queue)
        #expect(exporter.batches.count == 1)
        #expect(account.items(in: .failed) == account.offered)
        #expect(harness.metric("otelcol_exporter_send_failed_spans") == Double(account.offered))
    }

    @Test func `a partial success is not sent again and counts both parts`() async throws {
        exporter.script(.outcome(ExportOutcome(rejectedItems: 1, message: "one was bad")))
        let queue = queue()
        let batch = try Samples.batch(.traces)
        _ = try offer(queue, batch)
        await drain(queue)
        #expect(exporter.batches.count == 1)
        #expect(account.items(in: .rejected) == 1)
        #expect(account.items(in: .delivered) == batch.itemCount - 1)
    }

    @Test func `retries end when the time for the batch is over`() async throws {
        exporter.script(.failure(.retryable(reason: "down")), .failure(.retryable(reason: "down")))
        let queue = queue { $0.retry.maxElapsedTime = .seconds(6) }
        _ = try offer(queue)
        await harness.clock.waitForSleepers(1)
        harness.clock.advance(by: .seconds(5))
        await drain(queue)
        #expect(account.items(in: .expired) == account.offered)
    }

    @Test func `no more than num_consumers batches are under way`() async throws {
        let gates = (0..<4).map { _ in PendingReceipt() }
        exporter.script(.wait(gates[0]), .wait(gates[1]), .wait(gates[2]), .wait(gates[3]))
        let queue = queue { $0.sendingQueue.numConsumers = 2 }
        for _ in 0..<4 { _ = try offer(queue) }
        #expect(queue.size == 4)
        #expect(queue.requestsInFlight == 2)
        for gate in gates { gate.resolve(nil) }
        await drain(queue)
        #expect(exporter.mostInFlight <= 2)
        #expect(exporter.batches.count == 4)
    }

    @Test func `a full queue refuses for now`() async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = queue { $0.sendingQueue.queueSize = 1 }
        _ = try offer(queue)
        #expect(throws: Rejection.self) { try offer(queue) }
        #expect(account.items(in: .refused) > 0)
        #expect((harness.metric("otelcol_exporter_enqueue_failed_spans") ?? 0) > 0)
        gate.resolve(nil)
        await drain(queue)
        #expect(account.items(in: .delivered) + account.items(in: .refused) == account.offered)
    }

    @Test func `with block_on_overflow the sender waits for room`() async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = queue {
            $0.sendingQueue.queueSize = 1
            $0.sendingQueue.blockOnOverflow = true
        }
        _ = try offer(queue)
        guard case .pending(let admission) = try offer(queue) else {
            Issue.record("expected the sender to wait")
            return
        }
        #expect(!admission.isResolved)
        #expect(account.items(in: .waiting) > 0)
        gate.resolve(nil)
        try await admission.wait()
        await drain(queue)
        #expect(account.items(in: .delivered) == account.offered)
    }

    @Test func `with wait_for_result the sender gets the backend's answer`() async throws {
        exporter.script(.failure(.permanent(reason: "no such tenant")))
        let queue = queue { $0.sendingQueue.waitForResult = true }
        guard case .pending(let result) = try offer(queue) else {
            Issue.record("expected the sender to wait")
            return
        }
        await #expect(throws: Rejection.never(reason: "no such tenant")) { try await result.wait() }
        await drain(queue)
        #expect(account.items(in: .refused) == account.offered)
    }

    @Test func `without a queue every batch is sent at once and its sender waits`() async throws {
        let gates = (0..<3).map { _ in PendingReceipt() }
        exporter.script(.wait(gates[0]), .wait(gates[1]), .wait(gates[2]))
        let queue = queue {
            $0.sendingQueue.enabled = false
            $0.sendingQueue.numConsumers = 1
        }
        var results: [PendingReceipt] = []
        for _ in 0..<3 {
            if case .pending(let result) = try offer(queue) { results.append(result) }
        }
        #expect(results.count == 3)
        #expect(queue.requestsInFlight == 3)
        for gate in gates { gate.resolve(nil) }
        for result in results { try await result.wait() }
    }

    @Test func `a drain wakes who waits between attempts`() async throws {
        exporter.script(.failure(.retryable(reason: "down", after: .seconds(30))))
        let queue = queue()
        _ = try offer(queue)
        await harness.clock.waitForSleepers(1)
        await drain(queue)
        #expect(exporter.batches.count == 2)
        #expect(account.items(in: .delivered) == account.offered)
    }

    @Test func `what is undelivered at the deadline is lost and says so`() async throws {
        exporter.script(.failure(.retryable(reason: "down")), .failure(.retryable(reason: "down")))
        let queue = queue { $0.sendingQueue.numConsumers = 1 }
        for _ in 0..<3 { _ = try offer(queue) }
        await harness.clock.waitForSleepers(1)
        let end = harness.clock.now + .seconds(2)
        async let drained: Void = queue.drain(until: end)
        await harness.clock.waitForSleepers(2)
        harness.clock.advance(by: .seconds(2))
        await drained
        #expect(account.items(in: .lost) == account.offered)
        #expect(throws: Rejection.self) { try offer(queue) }
    }
}
