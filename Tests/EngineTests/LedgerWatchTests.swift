import Delivery
import Logging
import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Engine

@Suite struct LedgerWatchTests {
    private let harness = Harness()
    private let account = DeliveryAccount()
    private let tail: PipelineTail
    private let ledger: PipelineLedger
    private let watch: LedgerWatch
    private let surroundings: EngineSurroundings
    private let destination = ComponentID(type: "otlp")

    init() {
        let log = LogOutput(level: .critical)
        surroundings = EngineSurroundings(lanes: harness.lanes, log: log, version: "test")
        tail = PipelineTail([(destination, account)])
        ledger = PipelineLedger(id: PipelineID(signal: .traces))
        ledger.use(tail)
        surroundings.ledgers.open(ledger)
        watch = LedgerWatch(surroundings.ledgers, surroundings)
        surroundings.statuses.register(.exporter, destination)
        surroundings.statuses.report(.ok, .exporter, destination)
    }

    private var isHealthy: Bool { surroundings.statuses.all.allSatisfy { $0.status.error == nil } }

    /// Items that came in and were handed to the destination.
    private func pass(_ receipt: Receipt, items: Int) {
        tail.handed(receipt, items: items)
        ledger.entered(receipt, items: items)
    }

    @Test func `items that a destination cannot place are a defect that is shown`() {
        pass(.accepted, items: 5)
        account.enter(.delivered, 3)
        watch.look()
        #expect(watch.imbalance == 0, "something may be passing")
        watch.look()
        #expect(watch.imbalance == 2)
        #expect(!isHealthy)
    }

    @Test func `items that never got to a destination are a defect where no step may keep them`() {
        ledger.entered(.accepted, items: 5)
        for _ in 0..<2 { watch.look() }
        #expect(watch.imbalance == 5)
        ledger.add(
            ComponentID(type: "batch"),
            StepLedger(
                processor: ComponentID(type: "batch"), signal: .traces, metrics: surroundings.metrics))
        for _ in 0..<2 { watch.look() }
        #expect(watch.imbalance == 0)
        #expect(ledger.held == 5)
    }

    @Test func `what is passing is no defect`() {
        pass(.accepted, items: 5)
        watch.look()
        account.enter(.delivered, 5)
        watch.look()
        watch.look()
        #expect(watch.imbalance == 0)
        #expect(isHealthy)
    }

    @Test func `items whose senders wait for an answer have their place`() {
        let answer = PendingReceipt()
        pass(.pending(answer), items: 4)
        account.enter(.inFlight, 4)
        for _ in 0..<3 { watch.look() }
        #expect(watch.imbalance == 0)
        account.move(4, from: .inFlight, to: .refused)
        answer.resolve(.later(reason: "busy"))
        for _ in 0..<3 { watch.look() }
        #expect(watch.imbalance == 0)
        #expect(ledger.refused.value == 4)
    }

    @Test func `a change of destinations keeps what went to the old ones`() {
        pass(.accepted, items: 5)
        account.enter(.queued, 5)
        let other = ComponentID(type: "debug")
        let next = PipelineTail([(other, DeliveryAccount())])
        ledger.use(next)
        ledger.settle()
        #expect(ledger.tails.count == 2, "the old destination still has something to do")
        account.move(5, from: .queued, to: .delivered)
        ledger.settle()
        #expect(ledger.tails.count == 2, "a step that leaves could still feed it")
        tail.close()
        ledger.settle()
        #expect(ledger.tails.count == 1)
        #expect(ledger.items(in: .delivered, of: destination) == 5)
        #expect(ledger.formerDestinations == [destination])
        #expect(ledger.destinations == [other])
        #expect(ledger.held == 0)
    }
}
