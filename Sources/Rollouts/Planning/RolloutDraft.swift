public import FleetModel
public import OpAMP

/// An agent as a plan sees it.
public struct Candidate: Sendable {
    public let uid: InstanceUID
    public let isConnected: Bool
    public let labels: [String: String]
    /// The revision that it had and that worked; `nil` when there is none.
    public let previous: RevisionReference?
    /// Why it cannot take part; `nil` when it can.
    public let exclusion: String?

    public init(
        uid: InstanceUID, isConnected: Bool, labels: [String: String], previous: RevisionReference?,
        exclusion: String? = nil
    ) {
        self.uid = uid
        self.isConnected = isConnected
        self.labels = labels
        self.previous = previous
        self.exclusion = exclusion
    }
}

/// Why a rollout cannot be made or commanded.
public enum RolloutError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is nobody to change.
    case noAgents(String)
    /// It is not in a state in which that can be done.
    case wrongState(String)
    /// The person may not do that.
    case forbidden(String)
    /// It asks for something that is not there or cannot be.
    case invalid(String)

    public var description: String {
        switch self {
        case .noAgents(let text), .wrongState(let text), .forbidden(let text), .invalid(let text): text
        }
    }
}

extension Rollout {
    /// Makes a draft: puts agents into a stable order and divides them into stages.
    ///
    /// - Parameters:
    ///   - id: The name of the rollout; it decides the order of the agents.
    ///   - spec: What is wanted; its plan is a list of stages.
    ///   - author: Who wants it.
    ///   - candidates: All agents that the selector chooses.
    ///   - time: Nanoseconds since 1970-01-01T00:00:00Z.
    /// - Throws: `RolloutError` when there is no agent, or no stage.
    public init(
        id: String, spec: RolloutSpec, author: String, candidates: [Candidate], time: UInt64
    ) throws(RolloutError) {
        guard let target = spec.reference else {
            throw .invalid("the target '\(spec.target)' is not a revision such as edge-logs@17")
        }
        guard case .stages(let stages) = spec.plan, StagePlan.problem(in: spec.plan) == nil else {
            throw .invalid("the plan of the rollout has no usable stages")
        }
        guard candidates.count <= Self.maximumMembers else {
            throw .invalid(
                "\(candidates.count) agents are too many for one rollout, \(Self.maximumMembers) are possible"
            )
        }
        let taking = candidates.filter { $0.exclusion == nil }
        guard !taking.isEmpty else { throw .noAgents(Self.nobody(candidates, spec)) }
        self.id = id
        self.spec = spec
        self.target = target
        self.author = author
        created = time
        state = .draft
        stateSince = time
        self.stages = []
        members = []
        revisions = []
        var known = LabelIndices([])
        let planned = StageOrder(id: id, stages: StagePlan.expand(stages)).divide(taking)
        for (settings, agents) in planned {
            let start = members.count
            for agent in agents { append(agent, stage: self.stages.count, known: &known) }
            self.stages.append(RolloutStage(settings: settings, range: start..<members.count))
        }
        for index in self.stages.indices {
            self.stages[index].counts[.pending] = self.stages[index].range.count
        }
        for agent in candidates where agent.exclusion != nil {
            let last = self.stages.count - 1
            append(agent, stage: last, known: &known)
            members[members.count - 1].phase = .excluded
            self.stages[last].counts[.excluded] += 1
            if reasons.count < Self.maximumReasons { reasons[members.count - 1] = agent.exclusion }
        }
        connected = members.count { $0.isConnected }
        changes.chunks = Set(0..<chunkCount)
        changes.states = changes.chunks
    }

    private static func nobody(_ candidates: [Candidate], _ spec: RolloutSpec) -> String {
        if let reason = candidates.lazy.compactMap(\.exclusion).first {
            return "none of the \(candidates.count) agents can take part; the first: \(reason)"
        }
        return "the selector '\(spec.selector)' chooses no agent"
    }

    /// Adds an agent at the end; the counts of its stage are not touched.
    mutating func append(_ agent: Candidate, stage: Int, known: inout LabelIndices) {
        var member = RolloutMember(uid: agent.uid, stage: stage, previous: intern(agent.previous))
        member.isConnected = agent.isConnected
        for (place, label) in limitedLabels.enumerated() {
            labelIndices.append(known.index(of: agent.labels[label] ?? "", label: place, in: &labelValues))
        }
        members.append(member)
    }

    private mutating func intern(_ revision: RevisionReference?) -> UInt16 {
        guard let revision else { return 0 }
        if let index = revisions.firstIndex(of: revision) { return UInt16(index + 1) }
        // A fleet with 65,535 different revisions has no common past to go back to.
        guard revisions.count < Int(UInt16.max) else { return 0 }
        revisions.append(revision)
        return UInt16(revisions.count)
    }
}

/// Finds the values of labels that are known already.
struct LabelIndices {
    private var indices: [[String: UInt16]]

    init(_ values: [[String]]) {
        indices = values.map { values in
            Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, UInt16($0)) })
        }
    }

    mutating func index(of value: String, label: Int, in values: inout [[String]]) -> UInt16 {
        while values.count <= label { values.append([]) }
        while indices.count <= label { indices.append([:]) }
        if let index = indices[label][value] { return index }
        // With so many values each has one agent; the last ones share a place.
        let index = UInt16(min(values[label].count, Int(UInt16.max) - 1))
        if index == values[label].count { values[label].append(value) }
        indices[label][value] = index
        return index
    }
}
