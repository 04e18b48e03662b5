internal import Delivery
internal import Pipeline

/// The counters of one edge at one moment.
struct EdgeReading {
    let edge: EdgeRates.Edge
    /// Items, errors and, where they are counted, bytes.
    let counters: [Int]

    private init(_ edge: EdgeRates.Edge, _ counters: Int...) {
        self.edge = edge
        self.counters = counters
    }

    /// The places in which items end that a destination has given up.
    private static let givenUp: [DeliveryAccount.Place] = [
        .overflowed, .rejected, .failed, .expired, .returned, .deadLettered, .lost,
    ]

    /// Every edge of a snapshot.
    static func all(of snapshot: CollectorSnapshot) -> [EdgeReading] {
        var readings = snapshot.receivers.map {
            EdgeReading(.receiver($0.id, $0.signal, transport: $0.transport), $0.accepted, $0.refused)
        }
        readings.reserveCapacity(readings.count + snapshot.pipelines.count * 5)
        for pipeline in snapshot.pipelines {
            readings.append(
                EdgeReading(
                    .pipeline(pipeline.id), pipeline.accepted, pipeline.refused, pipeline.acceptedBytes))
            for step in pipeline.steps {
                readings.append(
                    EdgeReading(.step(pipeline.id, step.id), step.incoming, step.rejected + step.lost))
            }
            for destination in pipeline.destinations {
                let failed = givenUp.reduce(0) { $0 + (destination.items[$1] ?? 0) }
                readings.append(
                    EdgeReading(
                        .destination(pipeline.id, destination.id), destination.items[.delivered] ?? 0,
                        failed))
            }
        }
        return readings
    }
}
