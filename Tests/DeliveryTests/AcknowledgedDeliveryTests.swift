import Delivery
import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing

/// What senders hear that wait until their telemetry is safe or delivered.
@Suite struct AcknowledgedDeliveryTests {
    private final class Sender: Claimant {
        let goal: ClaimGoal
        let missed = Mutex<[(items: Int, retry: ClaimRetry)]>([])

        init(goal: ClaimGoal) { self.goal = goal }

        func missed(_ items: Int, reason: String, retry: ClaimRetry) {
            missed.withLock { $0.append((items, retry)) }
        }
    }

    private let harness = Harness()
    private let exporter = ScriptedExporter()
    private let account = DeliveryAccount()

    private func queue(_ change: (inout DeliverySettings) -> Void = { _ in }) -> DeliveryQueue {
        exporter.queue(harness) {
            $0.retry.randomizationFactor = 0
            change(&$0)
        }
    }

    /// Offers three items of a sender; the weak reference is `nil` once the queue has let go of the claim.
    private func offer(_ queue: DeliveryQueue, goal: ClaimGoal = .delivered) throws -> (Sender, () -> Bool) {
        let sender = Sender(goal: goal)
        var batch = try Samples.batch(.traces, items: 3)
        // The token stands for the claim: it lives as long as somebody holds the claim.
        let token = Token(sender)
        batch.claims = [Claim(token, items: 3)]
        _ = try queue.offer(batch, account: account, on: 0)
        return (sender, { [weak token] in token != nil })
    }

    private final class Token: Claimant {
        let sender: Sender
        var goal: ClaimGoal { sender.goal }

        init(_ sender: Sender) { self.sender = sender }

        func missed(_ items: Int, reason: String, retry: ClaimRetry) {
            sender.missed(items, reason: reason, retry: retry)
        }
    }

    private func drain(_ queue: DeliveryQueue) async {
        await queue.drain(until: harness.clock.now + .seconds(60))
    }

    @Test(arguments: [true, false])
    func `a claim of what the destination asks for waits where senders wait for its answer`(
        waits: Bool
    ) async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = queue { $0.sendingQueue.waitForResult = waits }
        let (_, isHeld) = try offer(queue, goal: .asDestinationAsks)
        #expect(isHeld() == waits)
        gate.resolve(nil)
        await drain(queue)
        #expect(!isHeld())
    }

    @Test func `who takes the place of older data waits for the result too`() async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = queue {
            $0.sendingQueue.waitForResult = true
            $0.sendingQueue.overflow = .dropOldest
            $0.sendingQueue.queueSize = 2
            $0.sendingQueue.numConsumers = 1
        }
        var receipts: [Receipt] = []
        for _ in 0..<3 { receipts.append(try queue.offer(Samples.batch(.traces), account: account, on: 0)) }
        guard case .pending(let older) = receipts[1], case .pending(let newer) = receipts[2] else {
            Issue.record("who waits for the result is answered before it")
            return
        }
        await #expect(throws: Rejection.self) { try await older.wait() }
        #expect(!newer.isResolved)
        gate.resolve(nil)
        try await newer.wait()
        await drain(queue)
    }

    @Test func `a claim on delivery is let go when the batch is delivered`() async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = queue()
        let (sender, isHeld) = try offer(queue)
        #expect(isHeld())
        gate.resolve(nil)
        await drain(queue)
        #expect(!isHeld())
        #expect(sender.missed.withLock { $0.isEmpty })
        #expect(account.items(in: .delivered) == 3)
    }

    @Test func `without a disk a batch is as safe as it gets when it is queued`() async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = queue()
        let (_, isHeld) = try offer(queue, goal: .safe)
        #expect(!isHeld())
        gate.resolve(nil)
        await drain(queue)
    }

    @Test func `a permanent failure is told to its senders, who have the data`() async throws {
        exporter.script(.failure(.permanent(reason: "no")))
        let queue = queue()
        let (sender, isHeld) = try offer(queue)
        await drain(queue)
        #expect(!isHeld())
        #expect(sender.missed.withLock { $0.map { $0.items } } == [3])
        #expect(sender.missed.withLock { $0.first?.retry } == .useless)
        #expect(account.items(in: .returned) == 3)
        #expect(account.offered == 3)
    }

    @Test func `a throttled failure without retries carries the delay back`() async throws {
        exporter.script(.failure(.retryable(reason: "throttled", after: .seconds(7))))
        let queue = queue { $0.retry.enabled = false }
        let (sender, _) = try offer(queue)
        await drain(queue)
        #expect(sender.missed.withLock { $0.first?.retry } == .sensible(after: .seconds(7)))
        #expect(account.items(in: .returned) == 3)
    }

    @Test func `items the backend rejects are reported to whoever may have sent them`() async throws {
        exporter.script(.outcome(ExportOutcome(rejectedItems: 2, message: "two were bad")))
        let queue = queue()
        let (sender, _) = try offer(queue)
        await drain(queue)
        #expect(sender.missed.withLock { $0.map { $0.items } } == [2])
        #expect(account.items(in: .rejected) == 2)
        #expect(account.items(in: .delivered) == 1)
    }

    @Test(arguments: [true, false])
    func `what is given up for newer data is returned to senders that wait, else it has overflowed`(
        waits: Bool
    ) async throws {
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        let queue = queue {
            $0.sendingQueue.overflow = .dropOldest
            $0.sendingQueue.queueSize = 2
            $0.sendingQueue.numConsumers = 1
        }
        _ = try offer(queue)
        let (sender, isHeld) = try offer(queue, goal: waits ? .delivered : .safe)
        _ = try offer(queue)
        #expect(!isHeld())
        #expect(sender.missed.withLock { $0.map { $0.retry } } == (waits ? [.sensible(after: nil)] : []))
        #expect(account.items(in: .returned) == (waits ? 3 : 0))
        #expect(account.items(in: .overflowed) == (waits ? 0 : 3))
        gate.resolve(nil)
        await drain(queue)
        #expect(account.items(in: .delivered) == 6)
    }

    /// Claims on a batch of ten items, and how many of these surely go back to somebody when it is given up.
    struct Sharing: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let claims: [(goal: ClaimGoal?, items: Int)]
        let returned: Int

        init(_ description: String, _ claims: [(goal: ClaimGoal?, items: Int)], returned: Int) {
            testDescription = description
            self.claims = claims
            self.returned = returned
        }
    }

    private static let sharings = [
        Sharing("exact", [(.delivered, 6), (nil, 4)], returned: 6),
        Sharing("some were taken out", [(.delivered, 10), (nil, 5)], returned: 5),
        Sharing("nobody knows", [(.delivered, 10), (nil, 10)], returned: 0),
        Sharing("exact, one is content", [(.safe, 6), (.delivered, 4)], returned: 4),
        Sharing("nobody knows, one is content", [(.safe, 10), (.delivered, 10)], returned: 0),
    ]

    @Test(arguments: sharings)
    func `only what surely has a sender that is told is returned`(sharing: Sharing) async throws {
        exporter.script(.failure(.permanent(reason: "no")))
        let queue = queue()
        var batch = try Samples.batch(.traces, items: 10)
        batch.claims = sharing.claims.map { goal, items in
            goal.map { Claim(Sender(goal: $0), items: items) } ?? .ofNobody(items: items)
        }
        _ = try queue.offer(batch, account: account, on: 0)
        await drain(queue)
        #expect(account.items(in: .returned) == sharing.returned)
        #expect(account.items(in: .failed) == 10 - sharing.returned)
    }

    @Test func `a sender that is content before the result leaves others their answer of the call`()
        async throws
    {
        let queue = queue { $0.sendingQueue.waitForResult = true }
        let gate = PendingReceipt()
        exporter.script(.wait(gate))
        var batch = try Samples.batch(.traces, items: 3)
        batch.claims = [Claim(Sender(goal: .safe), items: 3), Claim(Sender(goal: .delivered), items: 3)]
        guard case .pending = try queue.offer(batch, account: account, on: 0) else {
            Issue.record("nobody waits for the result")
            return
        }
        gate.resolve(nil)
        await drain(queue)
    }
}
