internal import Delivery
internal import Pipeline

/// The counters of one edge at one moment.
struct EdgeReading {
    let edge: EdgeRates.Edge
    let items: Int
    let errors: Int
    /// `nil` where bytes are not counted.
    let bytes: Int?

    init(_ edge: EdgeRates.Edge, items: Int, errors: Int, bytes: Int? = nil) {
        self.edge = edge
        self.items = items
        self.errors = errors
        self.bytes = bytes
    }

    /// The places in which items end that a destination has given up.
    static let givenUp: [DeliveryAccount.Place] = [
        .overflowed, .rejected, .failed, .expired, .returned, .deadLettered, .lost,
    ]

    /// Every edge of a snapshot.
    static func all(of snapshot: CollectorSnapshot) -> [EdgeReading] {
        var readings = snapshot.receivers.map {
            EdgeReading(
                .receiver($0.id, $0.signal, transport: $0.transport), items: $0.accepted, errors: $0.refused)
        }
        for pipeline in snapshot.pipelines {
            readings.append(
                EdgeReading(
                    .pipeline(pipeline.id), items: pipeline.accepted, errors: pipeline.refused,
                    bytes: pipeline.acceptedBytes))
            for step in pipeline.steps {
                readings.append(
                    EdgeReading(
                        .step(pipeline.id, step.id), items: step.incoming, errors: step.rejected + step.lost))
            }
            for destination in pipeline.destinations {
                let failed = givenUp.reduce(0) { $0 + (destination.items[$1] ?? 0) }
                readings.append(
                    EdgeReading(
                        .destination(pipeline.id, destination.id),
                        items: destination.items[.delivered] ?? 0, errors: failed))
            }
        }
        return readings
    }

    /// Every edge of a graph that runs: what a snapshot would say, for a fraction of its cost.
    static func all(of running: RunningGraph) -> [EdgeReading] {
        var readings: [EdgeReading] = []
        readings.reserveCapacity(running.graph.pipelines.count * 5)
        for (id, receiver) in running.receivers {
            for line in receiver.outlets.lines {
                readings.append(
                    EdgeReading(
                        .receiver(id, line.outlet.signal, transport: line.transport),
                        items: line.outlet.traffic.accepted.value, errors: line.outlet.traffic.refused.value))
            }
        }
        for pipeline in running.graph.pipelines {
            guard let ledger = running.graph.components.ledgers[pipeline.id] else { continue }
            readings.append(
                EdgeReading(
                    .pipeline(pipeline.id), items: ledger.accepted.value, errors: ledger.refused.value,
                    bytes: ledger.bytes.value))
            for (id, step) in ledger.steps where pipeline.processors.contains(id) {
                readings.append(
                    EdgeReading(
                        .step(pipeline.id, id), items: step.incoming.value,
                        errors: step.rejected.value + step.lost.value))
            }
            for id in pipeline.exporters {
                let outcome = ledger.outcome(of: id, lost: givenUp)
                readings.append(
                    EdgeReading(
                        .destination(pipeline.id, id), items: outcome.delivered, errors: outcome.lost))
            }
        }
        return readings
    }
}
