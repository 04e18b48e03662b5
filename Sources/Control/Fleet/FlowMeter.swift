internal import Delivery
internal import Engine
internal import Pipeline
internal import Synchronization

/// Adds up what goes through pipelines, those that come and go included, so that totals never fall.
final class FlowMeter: Sendable {
    private struct State {
        var last: [PipelineID: CollectorFlow.Counters] = [:]
        var total = CollectorFlow.Counters()
    }

    private let state = Mutex(State())

    /// The counters at the moment of a snapshot.
    func read(_ snapshot: CollectorSnapshot) -> CollectorFlow {
        let pipelines = snapshot.pipelines.map { ($0.id, Self.counters($0)) }
        return state.withLock { state in
            state.total.queued = 0
            for (id, counters) in pipelines {
                state.total.add(counters.since(state.last[id]))
                state.total.queued += counters.queued
            }
            state.last = Dictionary(pipelines) { first, _ in first }
            return CollectorFlow(total: state.total, pipelines: pipelines)
        }
    }

    private static func counters(_ pipeline: PipelineSnapshot) -> CollectorFlow.Counters {
        var counters = CollectorFlow.Counters()
        counters.accepted = UInt64(clamping: pipeline.accepted)
        counters.refused = UInt64(clamping: pipeline.refused)
        for step in pipeline.steps {
            counters.filtered += step.removed.values.reduce(0) { $0 + UInt64(clamping: $1) }
            counters.dropped += UInt64(clamping: step.rejected) + UInt64(clamping: step.lost)
        }
        for destination in pipeline.destinations {
            func items(_ places: [DeliveryAccount.Place]) -> UInt64 {
                places.reduce(0) { $0 + UInt64(clamping: destination.items[$1] ?? 0) }
            }
            counters.delivered += items([.delivered])
            counters.filtered += items([.filtered])
            counters.dropped += items([.overflowed, .rejected, .failed, .expired, .returned, .lost])
            counters.dropped += items([.deadLettered])
            counters.exportFailures += items([.rejected, .failed, .expired, .deadLettered])
            counters.queued += items([.waiting, .batching, .queued, .inFlight])
        }
        counters.queued += UInt64(clamping: pipeline.held)
        return counters
    }
}

extension CollectorFlow.Counters {
    /// What has come since an earlier reading; a pipeline that was made anew has begun at 0.
    fileprivate func since(_ earlier: Self?) -> Self {
        guard let earlier, accepted >= earlier.accepted, refused >= earlier.refused else { return self }
        func grown(_ path: KeyPath<Self, UInt64>) -> UInt64 {
            self[keyPath: path] - min(earlier[keyPath: path], self[keyPath: path])
        }
        var result = Self()
        result.accepted = grown(\.accepted)
        result.delivered = grown(\.delivered)
        result.filtered = grown(\.filtered)
        result.dropped = grown(\.dropped)
        result.refused = grown(\.refused)
        result.exportFailures = grown(\.exportFailures)
        return result
    }

    /// Adds everything but what is queued.
    fileprivate mutating func add(_ other: Self) {
        accepted += other.accepted
        delivered += other.delivered
        filtered += other.filtered
        dropped += other.dropped
        refused += other.refused
        exportFailures += other.exportFailures
    }
}
