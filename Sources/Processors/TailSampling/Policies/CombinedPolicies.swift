internal import Pipeline

/// Keeps traces that all of its parts keep.
struct AndPolicy: TracePolicy {
    let parts: [any TracePolicy]

    func vote(_ trace: inout TraceCase) throws(PolicyFailure) -> Vote {
        for part in parts where !(try part.vote(&trace)).isSampled { return .notSampled }
        return .sampled
    }
}

/// Gives up traces that all of its parts keep, whatever other policies say.
struct DropPolicy: TracePolicy {
    let parts: [any TracePolicy]

    func vote(_ trace: inout TraceCase) throws(PolicyFailure) -> Vote {
        for part in parts where !(try part.vote(&trace)).isSampled { return .notSampled }
        return .dropped
    }
}

/// Says the opposite of its part.
struct NotPolicy: TracePolicy {
    let part: any TracePolicy

    func vote(_ trace: inout TraceCase) throws(PolicyFailure) -> Vote {
        switch try part.vote(&trace) {
        case .sampled: .notSampled
        case .notSampled: .sampled
        // These are opposites of something already, and stay what they are.
        case .invertSampled: .invertSampled
        case .invertNotSampled: .invertNotSampled
        case .dropped: .dropped
        }
    }
}

/// Asks its parts in their order; the first that wants a trace keeps it, within the rate that it may use.
struct CompositePolicy: TracePolicy {
    struct Part {
        let name: String
        let policy: any TracePolicy
        /// Spans per second.
        let limit: Int
    }

    let parts: [Part]
    let total: Int
    let count: SecondsCount

    func vote(_ trace: inout TraceCase) throws(PolicyFailure) -> Vote {
        for part in parts where (try part.policy.vote(&trace)).isSampled {
            let isWithin = count.add(
                trace.spanCount, to: part.name, limit: part.limit, total: total, at: trace.now)
            guard isWithin else { return .notSampled }
            trace.part = part.name
            return .sampled
        }
        return .notSampled
    }
}
