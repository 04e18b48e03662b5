public import FleetModel
internal import OpAMP
internal import Synchronization

/// What goes through one pipeline of an agent, as the agent has counted it.
public struct PipelineFlow: Sendable, Hashable {
    /// Such as `traces/2`.
    public let id: String
    /// The last two readings; the older one first.
    public let before: FlowCounters
    public let last: FlowCounters

    public init(id: String, before: FlowCounters, last: FlowCounters) {
        self.id = id
        self.before = before
        self.last = last
    }
}

/// What goes through each pipeline of those agents that somebody looks at; of all others only the sums are
/// kept, since a fleet has many agents and nobody looks at all of them.
///
/// Bounded: 256 agents, of which that one is forgotten first that was asked about longest ago, and 64
/// pipelines of each.
final class PipelineFlows: Sendable {
    static let agentLimit = 256
    static let pipelineLimit = 64

    private struct Entry {
        /// When it was asked about last, in questions.
        var asked: UInt64
        var pipelines: [(id: String, before: FlowCounters?, last: FlowCounters)] = []
    }

    private struct State {
        var questions: UInt64 = 0
        var entries: [InstanceUID: Entry] = [:]
    }

    private let state = Mutex(State())

    /// The pipelines with two readings, in the order of the agent; from now on its readings are kept.
    func flows(of uid: InstanceUID) -> [PipelineFlow] {
        state.withLock { state in
            state.questions += 1
            if state.entries[uid] == nil, state.entries.count >= Self.agentLimit {
                let oldest = state.entries.min { $0.value.asked < $1.value.asked }
                if let oldest { state.entries[oldest.key] = nil }
            }
            state.entries[uid, default: Entry(asked: 0)].asked = state.questions
            return (state.entries[uid]?.pipelines ?? []).compactMap { pipeline in
                pipeline.before.map { PipelineFlow(id: pipeline.id, before: $0, last: pipeline.last) }
            }
        }
    }

    /// Keeps a reading of an agent that somebody looks at.
    func note(_ uid: InstanceUID, _ report: FlowReport, at time: UInt64) {
        state.withLock { state in
            guard let known = state.entries[uid]?.pipelines else { return }
            state.entries[uid]?.pipelines = report.pipelines.prefix(Self.pipelineLimit).map { pipeline in
                let sample = FlowCounters(pipeline.counters, at: time)
                let before = known.first { $0.id == pipeline.id }?.last
                // What has begun anew counts from the beginning.
                let isNewer = before.map { $0.accepted <= sample.accepted && $0.time < time } ?? false
                return (pipeline.id, isNewer ? before : nil, sample)
            }
        }
    }
}
