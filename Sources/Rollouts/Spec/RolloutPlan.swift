public import Settings

/// A named list of stages to be used again.
public struct RolloutPlan: SettingGroup, Hashable {
    public var summary = ""
    public var stages: [StageSettings] = []

    public init() {}

    public static var fields: [Field<RolloutPlan>] {
        [
            Field("summary", \.summary, "What the plan is for, in one line.") {
                $0.utf8.count <= 1024 ? nil : "has more than 1024 bytes"
            },
            Field("stages", \.stages, "The stages, in their order.", required: true) {
                StagePlan.problem(in: .stages($0))
            },
        ]
    }
}

/// What can be said of the stages of a plan before there are agents.
enum StagePlan {
    /// The most stages, the steps of ramps counted.
    static let maximumStages = 50

    /// What is wrong with the stages of a plan; `nil` when nothing is.
    static func problem(in plan: PlanChoice) -> String? {
        guard case .stages(let stages) = plan else { return nil }
        let expanded = expand(stages)
        if expanded.isEmpty { return "has no stages" }
        if expanded.count > maximumStages { return "has more than \(maximumStages) stages" }
        var counted = 0
        var share = 0.0
        for stage in expanded {
            switch stage.size {
            case .agents(.count(let count)):
                if count == 0 { return "has a stage without agents" }
                if count < counted { return "has stages that become smaller: \(stage.size) after \(counted)" }
                counted = count
            case .agents(.percent(let percent)):
                if percent == 0 { return "has a stage without agents" }
                if percent < share { return "has stages that become smaller: \(stage.size)" }
                share = percent
            default: break
            }
        }
        return nil
    }

    /// The stages with ramps taken apart and names given.
    static func expand(_ stages: [StageSettings]) -> [StageSettings] {
        var result: [StageSettings] = []
        for stage in stages {
            let steps: [StageSize] =
                if case .ramp(let counts) = stage.size { counts.map { .agents($0) } } else { [stage.size] }
            for step in steps {
                var single = stage
                single.size = step
                if single.name.isEmpty {
                    single.name = "stage \(result.count + 1)"
                } else if steps.count > 1 {
                    single.name += " \(step)"
                }
                result.append(single)
            }
        }
        return result
    }
}
