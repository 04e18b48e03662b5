import Delivery
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Engine

/// The ledger when the destinations of a pipeline do not agree, or refuse late.
@Suite struct DividedAnswerTests {
    private final class Full: Sink {
        func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt { throw .later(reason: "full") }
    }

    /// Takes two items out of each batch of five.
    private struct Thin: HoldingStep {
        static let holds = false
        var deadline: Instant? { nil }

        mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
            output.remove(2, .filtered)
            output.emit(batch.removeFirst(items: 3))
        }
        mutating func release(into output: inout Output) {}
        mutating func drain(into output: inout Output) {}
    }

    private let harness = Harness()
    private let connectors = [LaterConnector(), LaterConnector()]
    private let accounts = [DeliveryAccount(), DeliveryAccount()]
    private let tail: PipelineTail
    private let ledger = PipelineLedger(id: PipelineID(signal: .logs))

    init() {
        let names = [ComponentID(type: "first"), ComponentID(type: "second")]
        tail = PipelineTail(zip(names, accounts).map { (id: $0, account: $1) })
        ledger.use(tail)
    }

    private var ends: any Sink {
        let sinks = zip(connectors, accounts).map { AccountedSink($0, $1) }
        return TailSink(next: FanOut.to(sinks, tail: tail), tail: tail)
    }

    /// What the ledger cannot place, which ought to be nothing.
    private var unplaced: [Int] { [ledger.held] + accounts.map { tail.unplaced($0) } }

    private func send(_ sink: any Sink) throws -> PendingReceipt {
        let entry = PipelineEntry(next: sink, ledger: ledger)
        guard case .pending(let answer) = try entry.consume(Samples.batch(.logs, items: 5)) else {
            throw Rejection.never(reason: "the answer did not wait")
        }
        return answer
    }

    @Test(arguments: [0, 1])
    func `what one destination has and another one refuses late is in the ledger`(first: Int) throws {
        let answer = try send(ends)
        connectors[first].answer.resolve(first == 0 ? nil : .later(reason: "down"))
        connectors[1 - first].answer.resolve(first == 0 ? .later(reason: "down") : nil)
        #expect(answer.answer == .some(.later(reason: "down")))
        #expect(unplaced == [0, 0, 0])
        #expect(accounts[0].items(in: .delivered) == 5 && accounts[1].items(in: .returned) == 5)
        #expect(ledger.accepted.value == 0 && ledger.refused.value == 5)
        tail.close()
        ledger.use(PipelineTail([]))
        ledger.settle()
        #expect(ledger.held == 0)
    }

    @Test func `what a pipeline gives up for senders that are told was refused once`() throws {
        let other = PipelineLedger(id: PipelineID(signal: .logs, name: "other"))
        let heads = [
            PipelineEntry(next: ends, ledger: ledger), PipelineEntry(next: Full(), ledger: other),
        ]
        var batch = try Samples.batch(.logs, items: 5)
        batch.claims = [Claim.reaching(.delivered, items: 3).claim]
        _ = try FanOut.to(heads).consume(batch)
        for connector in connectors { connector.answer.resolve(nil) }
        #expect(other.refused.value == 5 && other.overflowed.value == 2)
    }

    @Test(arguments: [nil, Rejection.later(reason: "down")])
    func `what a pipeline gives up is known when the other one has answered`(answer: Rejection?) throws {
        let book = LedgerBook(metrics: harness.metrics)
        let other = PipelineLedger(id: PipelineID(signal: .logs, name: "other"))
        book.open(other)
        let heads = [
            PipelineEntry(next: Full(), ledger: other), PipelineEntry(next: ends, ledger: ledger),
        ]
        _ = try FanOut.to(heads).consume(Samples.batch(.logs, items: 5))
        #expect(other.refused.value == 5 && other.overflowed.value == 0)
        for connector in connectors { connector.answer.resolve(answer) }
        #expect(harness.metric("apus_pipeline_overflowed_items") == (answer == nil ? 5 : 0))
    }

    @Test func `what all destinations refuse late was never handed over`() throws {
        let answer = try send(ends)
        for connector in connectors { connector.answer.resolve(.later(reason: "down")) }
        #expect(answer.answer == .some(.later(reason: "down")))
        #expect(unplaced == [0, 0, 0])
        #expect(accounts.allSatisfy { $0.items(in: .refused) == 5 })
    }

    @Test(arguments: [nil, Rejection.later(reason: "down")])
    func `what a step took out of a batch counts with the answer`(answer: Rejection?) throws {
        let steps = StepLedger(
            processor: ComponentID(type: "thin"), signal: .logs, metrics: harness.metrics)
        ledger.add(ComponentID(type: "thin"), steps)
        let step = StepNode(
            Thin(), next: ends, lane: harness.lanes[0], clock: harness.clock, ledger: steps,
            logger: harness.log.logger())
        _ = try send(step)
        for connector in connectors { connector.answer.resolve(answer) }
        #expect(unplaced == [0, 0, 0])
        #expect(steps.ended == (answer == nil ? 2 : 0))
        #expect(ledger.accepted.value == (answer == nil ? 5 : 0))
    }
}

/// A connector that answers when the test says so, or refuses at once.
final class LaterConnector: ConnectorSink {
    let answer = PendingReceipt()
    var refusal: Rejection?

    func lead(to outlets: ConnectorOutlets) {}
    func retire(for successor: (any ConnectorSink)?) {}
    func inherit(_ batches: [Batch]) {}
    func wake() {}
    func takeFiltered() -> Int { 0 }
    func drain() -> Bool { true }
    func abandon() -> Int { 0 }
    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        if let refusal { throw refusal }
        return .pending(answer)
    }
}
