import Pipeline
import PipelineTesting
import Telemetry
import Testing

@testable import Engine

@Suite struct StepLedgerTests {
    @Test func `items that are taken out are counted by reason and by rule`() {
        let surroundings = Harness()
        let ledger = StepLedger(
            processor: ComponentID(type: "drop"), signal: .logs, metrics: surroundings.metrics)
        var output = Output()
        output.remove(3, .filtered, rule: "debug")
        output.remove(2, .filtered)
        output.remove(4, .sampledOut, rule: "percentage")
        ledger.count(output)
        #expect(ledger.removedByReason == [.filtered: 5, .sampledOut: 4, .expired: 0] && ledger.ended == 9)
        let name = "apus_processor_removed_items_by_rule"
        #expect(surroundings.metric(name, ["reason": "filtered", "rule": "debug"]) == 3)
        #expect(surroundings.metric(name, ["rule": "percentage", "processor": "drop"]) == 4)
        #expect(surroundings.metric("apus_processor_removed_items", ["reason": "filtered"]) == 5)
    }
}
