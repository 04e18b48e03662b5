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
    private let ledger: PipelineLedger
    private let watch: LedgerWatch
    private let surroundings: EngineSurroundings
    private let id = PipelineID(signal: .traces)
    private let destination = ComponentID(type: "otlp")

    init() {
        let log = LogOutput(level: .critical)
        surroundings = EngineSurroundings(lanes: harness.lanes, log: log, version: "test")
        ledger = PipelineLedger(id: id, steps: [], destinations: [(destination, account)])
        watch = LedgerWatch([ledger], surroundings)
        surroundings.statuses.set(.ok, .exporter, destination)
    }

    private var isHealthy: Bool { surroundings.statuses.all.allSatisfy { $0.status.error == nil } }

    @Test func `items that are nowhere are a defect that is shown`() {
        ledger.entered(.accepted, items: 5)
        account.enter(.delivered, 3)
        watch.look()
        #expect(watch.imbalance(id, destination) == 0, "something may be passing")
        watch.look()
        #expect(watch.imbalance(id, destination) == 2)
        #expect(!isHealthy)
    }

    @Test func `what is passing is no defect`() {
        ledger.entered(.accepted, items: 5)
        watch.look()
        account.enter(.delivered, 5)
        watch.look()
        watch.look()
        #expect(watch.imbalance(id, destination) == 0)
        #expect(isHealthy)
    }

    @Test func `items whose senders wait for an answer have their place`() {
        let answer = PendingReceipt()
        ledger.entered(.pending(answer), items: 4)
        account.enter(.inFlight, 4)
        for _ in 0..<3 { watch.look() }
        #expect(watch.imbalance(id, destination) == 0)
        account.move(4, from: .inFlight, to: .refused)
        answer.resolve(.later(reason: "busy"))
        for _ in 0..<3 { watch.look() }
        #expect(watch.imbalance(id, destination) == 0)
        #expect(ledger.refused.value == 4)
    }
}
