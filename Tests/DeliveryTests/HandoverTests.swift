import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Delivery

/// A queue whose settings have changed gives everything to its successor.
@Suite struct HandoverTests {
    private let harness = Harness()
    private let old = ScriptedExporter()
    private let new = ScriptedExporter()
    private let account = DeliveryAccount()
    private let files = StorageFixture()

    private func queue(
        _ exporter: ScriptedExporter, directory: String? = nil,
        _ change: (inout DeliverySettings) -> Void = { _ in }
    ) -> DeliveryQueue {
        var storage = directory.map { StorageSettings(directory: $0) }
        storage?.lockTimeout = .zero
        storage?.synchronization = .never
        return exporter.queue(harness, storage: storage) {
            $0.retry.randomizationFactor = 0
            $0.sendingQueue.storage = directory == nil ? nil : "file_storage"
            $0.sendingQueue.numConsumers = 1
            change(&$0)
        }
    }

    private func offer(_ queue: DeliveryQueue, items: Int = 3) throws -> Receipt {
        try queue.offer(Samples.batch(.traces, items: items), account: account, on: 0)
    }

    private func drain(_ queue: DeliveryQueue) async {
        await queue.drain(until: harness.clock.now + .seconds(60))
    }

    @Test func `what waits goes to the successor, what is being sent is finished`() async throws {
        let answer = PendingReceipt()
        old.script(.wait(answer))
        let before = queue(old)
        for _ in 0..<3 { _ = try offer(before) }
        let after = queue(new)
        after.adopt(before)
        answer.resolve(nil)
        await drain(before)
        await drain(after)
        #expect(old.batches.count == 1)
        #expect(new.batches.count == 2)
        #expect(account.items(in: .delivered) == 9)
        #expect(account.offered == 9)
    }

    @Test func `a batch that fails in the old exporter is sent by the new one`() async throws {
        old.otherwise(.failure(.retryable(reason: "away")))
        let before = queue(old)
        _ = try offer(before)
        await harness.clock.waitForSleepers(1)
        let after = queue(new)
        after.adopt(before)
        await drain(before)
        await drain(after)
        #expect(old.batches.count == 1, "the pause ends without another attempt")
        #expect(new.batches.count == 1)
        #expect(account.items(in: .delivered) == 3)
    }

    @Test func `what is offered to the old queue goes on to the successor`() async throws {
        let before = queue(old)
        let after = queue(new)
        after.adopt(before)
        _ = try offer(before)
        await drain(before)
        await drain(after)
        #expect(old.batches.isEmpty)
        #expect(new.batches.count == 1)
    }

    @Test func `senders that wait for room are let in by the successor`() async throws {
        let answer = PendingReceipt()
        old.script(.wait(answer))
        let before = queue(old) {
            $0.sendingQueue.queueSize = 1
            $0.sendingQueue.blockOnOverflow = true
        }
        _ = try offer(before)
        guard case .pending(let admission) = try offer(before) else {
            Issue.record("expected to wait for room")
            return
        }
        let after = queue(new) { $0.sendingQueue.blockOnOverflow = true }
        after.adopt(before)
        try await admission.wait()
        answer.resolve(nil)
        await drain(before)
        await drain(after)
        #expect(account.items(in: .delivered) == 6)
    }

    @Test func `the disk goes over with its content`() async throws {
        old.otherwise(.failure(.retryable(reason: "away")))
        let before = queue(old, directory: files.root)
        try await before.open()
        for _ in 0..<3 { _ = try offer(before) }
        await harness.clock.waitForSleepers(1)
        let after = queue(new, directory: files.root)
        try await after.open(after: before)
        after.adopt(before)
        await drain(before)
        _ = try offer(after, items: 4)
        await drain(after)
        #expect(new.batches.map { $0.itemCount }.sorted() == [3, 3, 3, 4])
        #expect(account.items(in: .delivered) == 13)
        let next = queue(new, directory: files.root)
        try await next.open()
        #expect(next.size == 0, "everything that was delivered is gone from the disk")
        await drain(next)
    }

    @Test(arguments: [nil, "other"])
    func `what is on the old disk is sent from there`(directory: String?) async throws {
        old.otherwise(.failure(.retryable(reason: "away")))
        let before = queue(old, directory: files.root)
        try await before.open()
        for _ in 0..<3 { _ = try offer(before) }
        await harness.clock.waitForSleepers(1)
        let after = queue(new, directory: directory.map { "\(files.root)/\($0)" })
        try await after.open(after: before)
        after.adopt(before)
        #expect(after.occupiesDisk)
        await drain(before)
        await drain(after)
        #expect(new.batches.count == 3)
        let next = queue(new, directory: files.root)
        try await next.open()
        #expect(next.size == 0)
        await drain(next)
    }

    @Test func `a disk that was left is taken up again`() async throws {
        new.otherwise(.failure(.retryable(reason: "away")))
        let first = queue(new, directory: files.root)
        try await first.open()
        _ = try offer(first)
        let second = queue(new)
        try await second.open(after: first)
        second.adopt(first)
        let third = queue(old, directory: files.root)
        try await third.open(after: second)
        third.adopt(second)
        await drain(first)
        await drain(second)
        _ = try offer(third)
        await drain(third)
        #expect(account.items(in: .delivered) == 6)
    }
}
