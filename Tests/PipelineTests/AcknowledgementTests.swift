import NIOCore
import Pipeline
import PipelineTesting
import Synchronization
import Telemetry
import Testing

/// What a receiver hears, depending on how far its telemetry has to get.
@Suite struct AcknowledgementTests {
    /// Keeps batches until a test lets go of them.
    private final class Keeper: Sink, Sendable {
        let batches = Mutex<[Batch]>([])

        func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
            let batch = batch
            batches.withLock { $0.append(batch) }
            return .accepted
        }

        /// Everything there is, cut into pieces of `items`.
        func pieces(of items: Int) -> [Batch] {
            var batches = batches.withLock { batches in
                defer { batches = [] }
                return batches
            }
            var pieces: [Batch] = []
            for index in batches.indices {
                while batches[index].itemCount > 0 {
                    pieces.append(batches[index].removeFirst(items: items))
                }
            }
            return pieces
        }

        func letGo() { _ = pieces(of: 1_000_000) }
    }

    private let harness = Harness()
    private let keeper = Keeper()
    private let traffic = Traffic()

    private func send(
        _ acknowledgement: Acknowledgement, items: Int = 10
    ) async throws -> Receipt {
        let outlet = Outlet(
            signal: .traces, lanes: harness.lanes, traffic: traffic)
        return try await harness.lanes[0].eventLoop.submit { [keeper] in
            outlet.connect(keeper, acknowledgement: acknowledgement, on: 0)
            return try outlet.send(Samples.batch(.traces, items: items), on: 0)
        }.get()
    }

    private func pending(_ acknowledgement: Acknowledgement, items: Int = 10) async throws -> PendingReceipt {
        guard case .pending(let receipt) = try await send(acknowledgement, items: items) else {
            Issue.record("expected .pending")
            return PendingReceipt()
        }
        return receipt
    }

    @Test func `with ack queued a batch is accepted when it is taken, and nobody claims it`() async throws {
        guard case .accepted = try await send(.queued) else {
            Issue.record("expected .accepted")
            return
        }
        #expect(keeper.batches.withLock { $0.allSatisfy { $0.claims.isEmpty } })
    }

    @Test(arguments: [Acknowledgement.durable, .delivered])
    func `the answer comes when nobody holds the telemetry any more`(
        acknowledgement: Acknowledgement
    ) async throws {
        let receipt = try await pending(acknowledgement)
        #expect(
            keeper.batches.withLock { $0.first?.claims.first?.claimant.goal }
                == (acknowledgement == .delivered ? .delivered : .safe))
        var pieces = keeper.pieces(of: 3)
        #expect(pieces.count == 4)
        while !pieces.isEmpty {
            #expect(!receipt.isResolved)
            pieces.removeLast()
        }
        #expect(receipt.isResolved)
        try await receipt.wait()
        #expect(traffic.accepted.value == 10)
    }

    @Test func `what may be sent again decides, with the longest delay`() async throws {
        let receipt = try await pending(.delivered)
        miss([
            .never(reason: "bad"), .later(reason: "busy", after: .seconds(3)),
            .later(reason: "throttled", after: .seconds(2)),
        ])
        await #expect(throws: Rejection.later(reason: "throttled", after: .seconds(3))) {
            try await receipt.wait()
        }
    }

    /// Refuses pieces of 4 items, one after the other, and lets go of all there are.
    private func miss(_ rejections: [Rejection]) {
        for (piece, rejection) in zip(keeper.pieces(of: 4), rejections) { piece.claims.miss(rejection) }
    }

    @Test func `a part that was refused for good is counted`() async throws {
        let receipt = try await pending(.delivered)
        miss([.never(reason: "bad")])
        await #expect(throws: Rejection.never(reason: "bad", items: 4)) { try await receipt.wait() }
        #expect(traffic.accepted.value == 6)
        #expect(traffic.refused.value == 4)
    }

    @Test func `the whole refused for good is a refusal`() async throws {
        let receipt = try await pending(.delivered)
        miss(Array(repeating: .never(reason: "bad"), count: 3))
        await #expect(throws: Rejection.never(reason: "bad")) { try await receipt.wait() }
        #expect(traffic.refused.value == 10)
    }

    /// Merges what there is, refuses the first `items` for now, and lets go of everything.
    private func missFirst(items: Int, of all: Int) {
        var merged = Batch(signal: .traces)
        for batch in keeper.pieces(of: 100) { merged.append(batch) }
        #expect(merged.itemCount == all)
        merged.removeFirst(items: items).claims.miss(.later(reason: "busy"))
    }

    @Test func `merged batches answer each of their senders`() async throws {
        let first = try await pending(.delivered, items: 2)
        let second = try await pending(.delivered, items: 3)
        missFirst(items: 2, of: 5)
        try await second.wait()
        await #expect(throws: Rejection.later(reason: "busy")) { try await first.wait() }
    }
}
