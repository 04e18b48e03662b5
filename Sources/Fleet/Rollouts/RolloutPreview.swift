public import FleetModel
public import OpAMP
public import Settings

/// What a rollout would do, without doing it.
public struct RolloutPreview: Sendable {
    /// The agents of one stage.
    public struct Stage: Sendable {
        public let name: String
        public let size: String
        public let agents: Int
        public let offline: Int
        /// The first of them, at most `shown`.
        public let first: [InstanceUID]
    }

    /// What changes for agents that have the same revision now.
    public struct Change: Sendable {
        /// `nil` for agents that have none.
        public let from: RevisionReference?
        public let agents: Int
    }

    /// Agents that are listed one by one.
    public static let shown = 100

    public let target: RevisionReference
    public let agents: Int
    public let stages: [Stage]
    public let changes: [Change]
    /// Agents that the selector chooses and that would not take part; at most `shown` with their reasons.
    public let excluded: [(uid: InstanceUID, reason: String)]
    public let excludedCount: Int
    /// Active rollouts that have some of the agents, with their number.
    public let conflicts: [(rollout: String, agents: Int)]
    /// The most agents that would be in the middle of the change at once.
    public let mostDisrupted: Int
    public let needsApproval: Bool
    /// What would keep it from being started.
    public let problems: [String]

    /// As JSON.
    public var tree: Tree {
        .table([
            "target": .text("\(target)"), "agents": .number(agents),
            "stages": .list(
                stages.map { stage in
                    .table([
                        "name": .text(stage.name), "size": .text(stage.size), "agents": .number(stage.agents),
                        "offline": .number(stage.offline),
                        "first": .list(stage.first.map { .text("\($0)") }),
                    ])
                }),
            "changes": .list(
                changes.map { change in
                    .table([
                        "from": change.from.map { .text("\($0)") } ?? .null, "to": .text("\(target)"),
                        "agents": .number(change.agents),
                    ])
                }),
            "excluded": .list(
                excluded.map { .table(["uid": .text("\($0.uid)"), "reason": .text($0.reason)]) }),
            "excluded_count": .number(excludedCount),
            "conflicts": .list(
                conflicts.map { .table(["rollout": .text($0.rollout), "agents": .number($0.agents)]) }),
            "most_disrupted": .number(mostDisrupted), "needs_approval": .bool(needsApproval),
            "problems": .list(problems.map { .text($0) }),
        ])
    }
}
