import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing

@testable import Delivery

/// A queue that is kept on disk: what it promises and what a restart finds.
@Suite struct QueueOnDiskTests {
    private let harness = Harness()
    private let exporter = ScriptedExporter()
    private let account = DeliveryAccount()
    private let files = StorageFixture()

    /// A claimant that tells when nobody holds its claim any more.
    private final class Probe: Claimant {
        let goal: ClaimGoal
        let settled = PendingReceipt()
        let missed = Mutex<Rejection?>(nil)

        init(goal: ClaimGoal) { self.goal = goal }
        deinit { settled.resolve(missed.withLock { $0 }) }

        func missed(_ items: Int, reason: String, retry: ClaimRetry) {
            missed.withLock { $0 = retry == .useless ? .never(reason: reason) : .later(reason: reason) }
        }
    }

    private func queue(
        _ exporter: ScriptedExporter? = nil, _ change: (inout DeliverySettings) -> Void = { _ in },
        storage edit: (inout StorageSettings) -> Void = { _ in }
    ) async throws -> DeliveryQueue {
        var storage = StorageSettings(directory: files.root)
        storage.lockTimeout = .zero
        storage.synchronization = .never
        edit(&storage)
        let queue = (exporter ?? self.exporter).queue(harness, storage: storage) {
            $0.retry.randomizationFactor = 0
            $0.sendingQueue.storage = "file_storage"
            change(&$0)
        }
        try await queue.open()
        return queue
    }

    /// Offers items and returns what is resolved when their sender has nothing to wait for.
    private func offer(
        _ queue: DeliveryQueue, items: Int = 3, goal: ClaimGoal = .safe
    ) throws -> PendingReceipt {
        let probe = Probe(goal: goal)
        let settled = probe.settled
        var batch = try Samples.batch(.traces, items: items)
        batch.claims = [Claim(probe, items: items)]
        _ = try queue.offer(batch, account: account, on: 0)
        return settled
    }

    private func stop(_ queue: DeliveryQueue) async {
        await queue.drain(until: harness.clock.now)
    }

    @Test func `a batch is safe when the disk has it, although it is not delivered`() async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = try await queue()
        try await offer(queue).wait()
        #expect(account.items(in: .inFlight) == 3)
        gate.resolve(nil)
        await stop(queue)
        #expect(account.items(in: .delivered) == 3)
    }

    @Test func `what was not delivered is sent after a restart, once, in order`() async throws {
        let down = ScriptedExporter()
        down.otherwise(.failure(.retryable(reason: "down")))
        let first = try await queue(down) { $0.sendingQueue.numConsumers = 1 }
        for _ in 0..<5 { try await offer(first).wait() }
        await stop(first)
        #expect(account.items(in: .spilled) == 15)
        #expect(account.items(in: .lost) == 0)

        let second = try await queue()
        await second.drain(until: harness.clock.now + .seconds(60))
        #expect(exporter.batches.map { $0.itemCount } == [3, 3, 3, 3, 3])
        #expect(second.recovered.items(in: .delivered) == 15)

        let third = ScriptedExporter()
        await stop(try await queue(third))
        #expect(third.batches.isEmpty)
    }

    @Test func `capacity counts what was found on disk`() async throws {
        let down = ScriptedExporter()
        down.otherwise(.failure(.retryable(reason: "down")))
        let first = try await queue(down) { $0.sendingQueue.numConsumers = 1 }
        for _ in 0..<4 { try await offer(first).wait() }
        await stop(first)

        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let second = try await queue {
            $0.sendingQueue.queueSize = 4
            $0.sendingQueue.numConsumers = 1
        }
        #expect(second.size == 4)
        #expect(throws: Rejection.later(reason: "the sending queue is full", after: .seconds(1))) {
            try offer(second)
        }
        gate.resolve(nil)
        await second.drain(until: harness.clock.now + .seconds(60))
        #expect(second.size == 0)
    }

    @Test func `data on disk is tried for ever unless the user sets a limit`() async throws {
        exporter.script(.failure(.retryable(reason: "down")))
        let queue = try await queue {
            $0.retry.initialInterval = .seconds(600)
            $0.retry.maxInterval = .seconds(600)
        }
        let settled = try offer(queue, goal: .delivered)
        await harness.clock.waitForSleepers(1)
        harness.clock.advance(by: .seconds(600))
        try await settled.wait()
        await stop(queue)
        #expect(account.items(in: .delivered) == 3)
    }

    @Test func `a limit on memory leaves a queue with room on disk a small part of it`() async throws {
        let queue = try await queue()
        #expect(queue.surroundings.residentLimit == 64 << 20)
        let watch = MemoryWatch(
            MemoryLimits(hard: 128 << 20, spike: 0), of: MemoryLimiterSettings(),
            in: harness.context(.processor, "memory_limiter"))
        #expect(queue.surroundings.residentLimit == 8 << 20)
        withExtendedLifetime(watch) {}
        await stop(queue)
    }

    @Test func `what is older than max_age is given up`() async throws {
        let down = ScriptedExporter()
        down.otherwise(.failure(.retryable(reason: "down")))
        let first = try await queue(down)
        try await offer(first).wait()
        await stop(first)
        harness.clock.advance(by: .seconds(3600))
        let second = try await queue(storage: { $0.maxAge = .seconds(1800) })
        await second.drain(until: harness.clock.now + .seconds(60))
        #expect(exporter.batches.isEmpty)
        #expect(second.recovered.items(in: .expired) == 3)
    }

    @Test func `with overflow spill only what the queue has no room for is on disk`() async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = try await queue {
            $0.sendingQueue.overflow = .spill
            $0.sendingQueue.queueSize = 2
            $0.sendingQueue.numConsumers = 1
        }
        for _ in 0..<2 { _ = try queue.offer(Samples.batch(.traces), account: account, on: 0) }
        #expect(queue.sizeOnDisk == 0)
        // The one that is written tells when it is, so that nothing has to wait for the disk by time.
        try await offer(queue).wait()
        #expect(queue.sizeOnDisk > 0)
        #expect(queue.size == 2)
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(exporter.batches.count == 3)
        #expect(account.items(in: .delivered) == account.offered)
    }

    @Test func `with overflow spill a claim of what the queue asks for is content with its memory`()
        async throws
    {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = try await queue {
            $0.sendingQueue.overflow = .spill
            $0.sendingQueue.queueSize = 3
            $0.sendingQueue.numConsumers = 1
        }
        for _ in 0..<2 {
            try await offer(queue, goal: .asDestinationAsks).wait()
            #expect(queue.sizeOnDisk == 0)
        }
        // Who wants the disk gets it, and so does what there is no room for.
        try await offer(queue, goal: .safe).wait()
        let size = queue.sizeOnDisk
        #expect(size > 0)
        try await offer(queue, goal: .asDestinationAsks).wait()
        #expect(queue.sizeOnDisk > size)
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(account.items(in: .delivered) == account.offered)
    }

    @Test func `with overflow spill the rest is left to the disk when the time to stop is over`() async throws
    {
        let down = ScriptedExporter()
        down.otherwise(.failure(.retryable(reason: "down")))
        let first = try await queue(down) {
            $0.sendingQueue.overflow = .spill
            $0.sendingQueue.numConsumers = 1
        }
        for _ in 0..<3 { _ = try first.offer(Samples.batch(.traces), account: account, on: 0) }
        await harness.clock.waitForSleepers(1)
        await stop(first)
        #expect(account.items(in: .spilled) == account.offered)
        let second = try await queue()
        await second.drain(until: harness.clock.now + .seconds(60))
        #expect(second.recovered.items(in: .delivered) == account.offered)
    }

    @Test func `a disk without room refuses, and the queue goes on by itself when there is some`()
        async throws
    {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = try await queue {
            $0.sendingQueue.numConsumers = 1
        } storage: {
            $0.maxSize = 1 << 20
        }
        try await offer(queue).wait()
        let settled = try offer(queue, items: 20_000)
        await #expect(throws: Rejection.later(reason: "the disk of the queue is full")) {
            try await settled.wait()
        }
        #expect(account.items(in: .returned) == 20_000)
        #expect(throws: Rejection.self) { try offer(queue) }
        await harness.clock.waitForSleepers(1)
        harness.clock.advance(by: .seconds(1))
        await eventually { (try? offer(queue)) != nil }
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(account.items(in: .lost) == 0)
    }

    @Test
    func
        `what some have been told is accepted stays when the disk has no room, though a step took items out`()
        async throws
    {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = try await queue {
            $0.sendingQueue.numConsumers = 1
        } storage: {
            $0.maxSize = 1 << 20
        }
        try await offer(queue).wait()
        let probe = Probe(goal: .safe)
        var batch = try Samples.batch(.traces, items: 20_000)
        batch.claims = [Claim(probe, items: 20_000)]
        // Its sender has its answer.
        batch.append(try Samples.batch(.traces, items: 10_000))
        var seen = 0
        batch.rewrite(.record) { span in
            seen += 1
            if seen <= 10_000 { span.drop() }
        }
        #expect(batch.itemCount == 20_000 && !batch.isClaimedExactly)
        _ = try queue.offer(batch, account: account, on: 0)
        batch.claims = []
        // It is written again after a pause, since it was not taken back.
        await harness.clock.waitForSleepers(1)
        #expect(account.items(in: .queued) == 20_000 && account.items(in: .returned) == 0)
        #expect(probe.missed.withLock { $0 } == nil)
        gate.resolve(nil)
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(account.items(in: .delivered) == 20_003)
    }

    private func eventually(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }

    @Test func `what is refused for good is kept as a dead letter with its story`() async throws {
        exporter.script(.failure(.retryable(reason: "busy")), .failure(.permanent(reason: "too old")))
        let account = DeliveryAccount(pipeline: PipelineID(signal: .traces))
        let queue = try await queue { $0.onPermanentError = .deadLetter }
        _ = try queue.offer(Samples.batch(.traces, items: 3), account: account, on: 0)
        await harness.clock.waitForSleepers(1)
        harness.clock.advance(by: .seconds(5))
        await queue.drain(until: harness.clock.now + .seconds(60))
        #expect(account.items(in: .deadLettered) == 3)
        let letters = try files.archive.list().letters
        #expect(letters.map { $0.reason } == ["too old"])
        #expect(letters.map { $0.attempts } == [2])
        #expect(letters.map { $0.itemCount } == [3])
        #expect(letters.map { $0.pipeline } == ["traces"])
    }
}
