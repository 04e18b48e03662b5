import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

@testable import Delivery

/// Queues in front of what hands on inside of the process, such as connectors.
@Suite struct PassingQueueTests {
    /// Remembers how far batches were to get, and answers when the test says so.
    private final class Passer: PassingExporter {
        static let name = "passer"
        static let summary = "Hands on."
        typealias Configuration = NoSettings

        let delivery = DeliverySettings()
        let outcome: ExportOutcome
        let answer = PendingReceipt()
        let goals = Mutex<[ClaimGoal?]>([])

        init(_ outcome: ExportOutcome = .delivered) { self.outcome = outcome }
        init(_ configuration: NoSettings, in context: Context) throws(ComponentError) { outcome = .delivered }

        func export(
            _ batch: Batch, toReach goal: ClaimGoal?, on lane: Int
        ) async throws(ExportFailure) -> ExportOutcome {
            goals.withLock { $0.append(goal) }
            do throws(Rejection) {
                try await answer.wait()
            } catch {
                throw .retryable(reason: error.reason)
            }
            return outcome
        }
    }

    private final class Sender: Claimant {
        let goal: ClaimGoal
        let released: PendingReceipt

        init(_ goal: ClaimGoal, _ released: PendingReceipt) {
            self.goal = goal
            self.released = released
        }

        deinit { released.resolve(nil) }
        func missed(_ items: Int, reason: String, retry: ClaimRetry) {}
    }

    private let harness = Harness()
    private let account = DeliveryAccount()
    private let files = StorageFixture()

    private func queue(
        _ exporter: Passer, isOnDisk: Bool = false, _ change: (inout DeliverySettings) -> Void = { _ in }
    ) async throws -> DeliveryQueue {
        var settings = DeliverySettings()
        change(&settings)
        let context = harness.context(.connector, "passer")
        var storage = StorageSettings(directory: files.root)
        storage.synchronization = .never
        let queue = DeliveryQueue(
            exporter: exporter, settings: settings,
            surroundings: .init(
                id: context.id, lanes: harness.lanes, clock: harness.clock, logger: context.logger,
                meters: DeliveryMeters(exporter: context.id, signal: .logs, metrics: harness.metrics),
                memory: context.memory, status: context.status,
                storage: isOnDisk ? QueueStorage(storage, exporter: context.id, signal: .logs) : nil))
        try await queue.open()
        return queue
    }

    /// Offers three items of a sender; the receipt is resolved when the queue has let go of the claim.
    private func offer(_ queue: DeliveryQueue, _ goal: ClaimGoal?) throws -> PendingReceipt {
        let released = PendingReceipt()
        var batch = try Samples.batch(.logs, items: 3)
        if let goal { batch.claims = [Claim(Sender(goal, released), items: 3)] }
        _ = try queue.offer(batch, account: account, on: 0)
        return released
    }

    private func drain(_ queue: DeliveryQueue) async {
        await queue.drain(until: harness.clock.now + .seconds(60))
    }

    @Test(arguments: [
        (nil, false, nil), (ClaimGoal.asDestinationAsks, false, nil), (.safe, false, ClaimGoal.safe),
        (.delivered, false, .delivered), (nil, true, .delivered), (.asDestinationAsks, true, .delivered),
    ])
    func `what is handed on has to get as far as senders and the queue want`(
        goal: ClaimGoal?, waits: Bool, expected: ClaimGoal?
    ) async throws {
        let passer = Passer()
        let queue = try await queue(passer) { $0.sendingQueue.waitForResult = waits }
        let released = try offer(queue, goal)
        if let goal { #expect(released.isResolved == (goal == .asDestinationAsks && !waits)) }
        passer.answer.resolve(nil)
        await drain(queue)
        #expect(passer.goals.withLock { $0 } == [expected])
        if goal != nil { #expect(released.isResolved) }
        #expect(account.items(in: .delivered) == 3)
    }

    @Test func `what is on disk is forgotten when the destinations have it`() async throws {
        let passer = Passer()
        let queue = try await queue(passer, isOnDisk: true)
        try await offer(queue, .safe).wait()
        passer.answer.resolve(nil)
        await drain(queue)
        #expect(passer.goals.withLock { $0 } == [.delivered])
    }

    @Test func `what ended on purpose is not counted as delivered`() async throws {
        let passer = Passer(ExportOutcome(rejectedItems: 1, filteredItems: 5, message: "one"))
        passer.answer.resolve(nil)
        let queue = try await queue(passer)
        _ = try offer(queue, nil)
        await drain(queue)
        #expect(account.items(in: .filtered) == 2 && account.items(in: .rejected) == 1)
        #expect(account.items(in: .delivered) == 0 && account.offered == 3)
    }

    @Test func `who waits for what is behind is told at the end of the time`() async throws {
        let queue = try await queue(Passer())
        let released = try offer(queue, .delivered)
        await queue.drain(until: harness.clock.now)
        #expect(released.isResolved && account.items(in: .returned) == 3)
    }
}
