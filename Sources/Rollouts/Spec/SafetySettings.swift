public import Settings

/// How much may be in the middle of a change at the same time.
public struct BlastRadius: SettingGroup, Hashable {
    /// Of the whole rollout, or, with `shared_budget`, of all rollouts that share it.
    public var maximumAgents: AgentCount?
    /// For each label, how many agents of one of its values may be changing at the same time.
    public var maximumPerLabel: [String: Int] = [:]
    /// The name of the budget; rollouts with the same name count together, and the smallest limit holds.
    public var sharedBudget: String?

    public init() {}

    public static var fields: [Field<BlastRadius>] {
        [
            Field(
                "max_agents", \.maximumAgents,
                "How many agents, or which share of those chosen, may be changing at the same time."
            ) { $0 == .count(0) || $0 == .percent(0) ? "lets no agent change" : nil },
            Field(
                "max_per_label", \.maximumPerLabel,
                "How many agents with the same value of a label may be changing at the same time."
            ) { labels in
                if labels.count > 4 { return "has more than 4 labels" }
                return labels.values.allSatisfy { $0 > 0 } ? nil : "lets no agent change"
            },
            Field("shared_budget", \.sharedBudget, "The name under which rollouts share the limit.") {
                ($0 ?? "a").isEmpty ? "is empty" : nil
            },
        ]
    }
}

/// Who says that a new revision may stay.
public struct ConfirmSettings: SettingGroup, Hashable {
    /// Who confirms.
    public enum Mode: String, SettingChoice, Hashable {
        /// The agent by itself after its own checks; only what could cut it off waits for the manager.
        case agent
        /// The manager, when the agent has been healthy for `min_healthy_time`; otherwise it goes back.
        case server
    }

    public var mode = Mode.agent
    public var deadline = Duration.seconds(120)

    public init() {}

    public static var fields: [Field<ConfirmSettings>] {
        [
            Field("mode", \.mode, "Who says that the revision may stay."),
            Field(
                "deadline", \.deadline,
                "With mode server, after what time an agent goes back that has not been told to stay."
            ) { $0 < .seconds(10) || $0 > .seconds(86_400) ? "must be from 10s to 24h" : nil },
        ]
    }
}

/// How agents are taken back to the revision that they had.
public struct RollbackSettings: SettingGroup, Hashable {
    public var maximumParallel = AgentCount.count(500)
    public var rate = AssignmentRate("100/s")

    public init() {}

    public static var fields: [Field<RollbackSettings>] {
        [
            Field(
                "max_parallel", \.maximumParallel,
                "How many agents may be going back at the same time."
            ) { $0 == .count(0) || $0 == .percent(0) ? "lets no agent go back" : nil },
            Field("rate", \.rate, "How fast agents are taken back."),
        ]
    }
}

/// Asking agents what they think of the revision before anybody gets it.
public struct ValidationSettings: SettingGroup, Hashable {
    /// How many agents of the first stage are asked; 0 to ask none.
    public var agents = 5
    public var timeout = Duration.seconds(30)

    public init() {}

    public static var fields: [Field<ValidationSettings>] {
        [
            Field("agents", \.agents, "How many agents of the first stage are asked; 0 to ask none.") {
                (0...100).contains($0) ? nil : "must be from 0 to 100"
            },
            Field("timeout", \.timeout, "How long to wait for their answers.") {
                $0 < .seconds(1) || $0 > .seconds(3600) ? "must be from 1s to 1h" : nil
            },
        ]
    }
}
