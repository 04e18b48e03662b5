import Delivery
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Engine

/// The ledger when one destination of a pipeline refuses in the call and others answer late.
@Suite struct EarlyRefusalTests {
    private let connectors = [LaterConnector(), LaterConnector(), LaterConnector()]
    private let accounts = [DeliveryAccount(), DeliveryAccount(), DeliveryAccount()]
    private let tail: PipelineTail
    private let ledger = PipelineLedger(id: PipelineID(signal: .logs))
    private static let full = Rejection.later(reason: "full")
    private static let down = Rejection.later(reason: "down")

    init() {
        let names = ["first", "second", "third"].map { ComponentID(type: $0) }
        tail = PipelineTail(zip(names, accounts).map { (id: $0, account: $1) })
        ledger.use(tail)
        connectors[0].refusal = Self.full
    }

    /// What the ledger cannot place, which ought to be nothing at any time.
    private var unplaced: [Int] { [ledger.held] + accounts.map { tail.unplaced($0) } }

    /// Sends five items, of which `claimed` have senders that hear of refusals from their claims.
    private func send(claimed: Int = 0) throws -> PendingReceipt {
        let sinks = zip(connectors, accounts).map { AccountedSink($0, $1) }
        let end = TailSink(next: FanOut.to(sinks, tail: tail), tail: tail)
        var batch = try Samples.batch(.logs, items: 5)
        if claimed > 0 { batch.claims = [Claim.reaching(.delivered, items: claimed).claim] }
        guard case .pending(let answer) = try PipelineEntry(next: end, ledger: ledger).consume(batch) else {
            throw Rejection.never(reason: "the answer did not wait")
        }
        return answer
    }

    private func items(_ number: Int, in place: DeliveryAccount.Place) -> Int {
        accounts[number].items(in: place)
    }

    @Test func `what one destination refuses at once and the others late was never handed over`() throws {
        for round in 1...2 {
            let answer = try send()
            #expect(unplaced == [0, 0, 0, 0])
            connectors[1].answer.resolve(Self.down)
            #expect(unplaced == [0, 0, 0, 0])
            connectors[2].answer.resolve(Self.down)
            #expect(answer.answer == .some(Self.down))
            #expect(unplaced == [0, 0, 0, 0])
            #expect(accounts.allSatisfy { $0.items(in: .refused) == 5 * round })
        }
        #expect(ledger.refused.value == 10)
    }

    @Test func `what one destination refuses waits until the others have answered`() throws {
        let answer = try send()
        #expect(items(0, in: .waiting) == 5)
        #expect(tail.itemsAwaitingAnswer(of: accounts[0]) == 0)
        #expect(tail.itemsAwaitingAnswer(of: accounts[1]) == 5)
        connectors[1].answer.resolve(nil)
        #expect(!answer.isResolved && items(0, in: .waiting) == 5)
        connectors[2].answer.resolve(nil)
        #expect(answer.answer == .some(nil))
        #expect(unplaced == [0, 0, 0, 0])
        #expect(items(0, in: .overflowed) == 5 && ledger.accepted.value == 5)
    }

    @Test func `what a destination refuses at once goes back to those who are told of it`() throws {
        _ = try send(claimed: 2)
        for connector in connectors { connector.answer.resolve(nil) }
        #expect(unplaced == [0, 0, 0, 0])
        #expect(items(0, in: .overflowed) == 3 && items(0, in: .returned) == 2)
    }

    @Test func `what one destination has, and others refuse at once and late, goes back to its sender`()
        throws
    {
        let answer = try send()
        connectors[1].answer.resolve(nil)
        connectors[2].answer.resolve(Self.down)
        #expect(answer.answer == .some(Self.down))
        #expect(unplaced == [0, 0, 0, 0])
        #expect([0, 2].map { items($0, in: .returned) } == [5, 5] && items(1, in: .delivered) == 5)
        #expect(ledger.refused.value == 5 && ledger.accepted.value == 0)
    }
}
