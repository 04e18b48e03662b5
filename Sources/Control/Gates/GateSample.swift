internal import Delivery
internal import Engine
internal import Pipeline

/// What the gates need of a collector at one moment.
struct GateSample: Sendable, Equatable {
    /// One pipeline; all numbers count items since it was added.
    struct Flow: Sendable, Equatable {
        var accepted = 0
        var refused = 0
        /// What arrived everywhere, in the mean of the destinations, and what processors still keep.
        var delivered = 0.0
    }

    /// A component that has an error.
    struct Fault: Sendable, Equatable {
        let component: String
        let message: String
        /// Whether it may pass by itself.
        let mayPass: Bool
    }

    /// Time on a clock that only moves forward.
    let time: Duration
    var flows: [PipelineID: Flow] = [:]
    var faults: [Fault] = []
    /// Items that the ledger cannot place, by pipeline.
    var unplaced: [PipelineID: Int] = [:]

    init(time: Duration) { self.time = time }

    init(_ snapshot: CollectorSnapshot) {
        time = snapshot.uptime
        for pipeline in snapshot.pipelines {
            let destinations = pipeline.destinations
            let arrived = destinations.reduce(0) { $0 + ($1.items[.delivered] ?? 0) }
            flows[pipeline.id] = Flow(
                accepted: pipeline.accepted, refused: pipeline.refused,
                delivered: Double(arrived) / Double(max(destinations.count, 1)) + Double(pipeline.held))
            let unplaced = destinations.reduce(0) { $0 + abs($1.unplaced) }
            if unplaced != 0 { self.unplaced[pipeline.id] = unplaced }
        }
        faults = snapshot.components.compactMap { component in
            guard let error = component.status.error else { return nil }
            var mayPass = false
            if case .recoverableError = component.status { mayPass = true }
            return Fault(
                component: "\(component.kind.rawValue) '\(component.id)'", message: error, mayPass: mayPass)
        }
    }
}

extension GateSample.Flow {
    /// What has come since an earlier sample; a pipeline that was made anew has begun at 0.
    func since(_ earlier: Self?) -> Self {
        guard let earlier, accepted >= earlier.accepted, refused >= earlier.refused else { return self }
        return Self(
            accepted: accepted - earlier.accepted, refused: refused - earlier.refused,
            delivered: delivered - earlier.delivered)
    }
}
