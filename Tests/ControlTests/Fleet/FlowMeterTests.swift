import Delivery
import Pipeline
import Telemetry
import Testing

@testable import Control
@testable import Engine

@Suite struct FlowMeterTests {
    private let meter = FlowMeter()

    private func read(_ pipelines: [PipelineSnapshot]) -> CollectorFlow {
        meter.read(
            CollectorSnapshot(
                time: 0, uptime: .zero, isReady: true, components: [], pipelines: pipelines, receivers: [],
                queues: []))
    }

    private func pipeline(
        _ name: String? = nil, accepted: Int, filtered: Int = 0, _ items: [DeliveryAccount.Place: Int] = [:]
    ) -> PipelineSnapshot {
        PipelineSnapshot(
            id: PipelineID(signal: .traces, name: name), receivers: [],
            steps: [
                StepSnapshot(
                    id: ComponentID(type: "filter"), incoming: accepted, outgoing: accepted - filtered,
                    removed: [.filtered: filtered], rejected: 0, lost: 0)
            ],
            destinations: [DestinationSnapshot(id: ComponentID(type: "otlp"), items: items, unplaced: 0)],
            accepted: accepted, acceptedBytes: 0, refused: 1, held: 2)
    }

    @Test func `every item is counted where it is`() {
        let flow = read([
            pipeline(
                accepted: 100, filtered: 10,
                [.delivered: 50, .failed: 3, .overflowed: 4, .queued: 20, .inFlight: 5, .deadLettered: 6])
        ])
        #expect(flow.total.accepted == 100 && flow.total.refused == 1 && flow.total.filtered == 10)
        #expect(flow.total.delivered == 50 && flow.total.queued == 27)
        #expect(flow.total.dropped == 13 && flow.total.exportFailures == 9)
        #expect(flow.pipelines.map { $0.counters } == [flow.total])
    }

    @Test func `totals do not fall when a pipeline goes or begins anew`() {
        _ = read([pipeline(accepted: 100, [.delivered: 90]), pipeline("b", accepted: 10, [.delivered: 10])])
        let without = read([pipeline(accepted: 110, [.delivered: 95])])
        #expect(without.total.accepted == 120 && without.total.delivered == 105)
        let anew = read([pipeline(accepted: 7, [.delivered: 5]), pipeline("b", accepted: 3, [.delivered: 3])])
        #expect(anew.total.accepted == 130 && anew.total.delivered == 113)
        #expect(anew.pipelines.map { $0.counters.accepted } == [7, 3])
    }
}
