public import Settings

/// One stage of a plan.
public struct StageSettings: SettingGroup, Hashable {
    /// What it is called; `stage 1` and so on without a name.
    public var name = ""
    public var size = StageSize.agents(.percent(100))
    /// How many agents of the stage there are at least for each value of a label.
    public var minimumPerLabel: [String: Int] = [:]
    /// How long the stage is watched after its last agent is healthy.
    public var bake = Duration.seconds(300)
    /// How many agents may be in the middle of the change at the same time.
    public var maximumParallel: AgentCount?
    public var rate: AssignmentRate?

    public init() {}

    public static var fields: [Field<StageSettings>] {
        [
            Field("name", \.name, "What the stage is called.", aliases: ["stage"]) {
                $0.utf8.count <= 64 ? nil : "has more than 64 bytes"
            },
            Field(
                "size", \.size,
                """
                How many agents have the revision when the stage is over: a number, a share, a ramp such as \
                10%→50%→100%, or a selector of agents to add.
                """, required: true),
            Field(
                "min_per_label", \.minimumPerLabel,
                "How many agents there are at least for each value of a label; the stage grows for it."
            ) { labels in
                if labels.count > 4 { return "has more than 4 labels" }
                return labels.values.allSatisfy { (1...1000).contains($0) } ? nil : "takes 1 to 1000 agents"
            },
            Field("bake", \.bake, "How long the stage is watched after its last agent is healthy.") {
                $0 < .zero || $0 > .seconds(30 * 86_400) ? "must be from 0s to 720h" : nil
            },
            Field(
                "max_parallel", \.maximumParallel,
                "How many agents, or which share of the stage, may be changing at the same time."
            ) { $0 == .count(0) || $0 == .percent(0) ? "lets no agent change" : nil },
            Field("rate", \.rate, "How fast agents get the revision."),
        ]
    }
}

/// The stages of a rollout: written in place, or the name of a plan that is kept.
public enum PlanChoice: Sendable, Hashable {
    case named(String)
    case stages([StageSettings])
}

extension PlanChoice: SettingValue {
    public static var kind: String { "a list of stages, or the name of a plan" }
    public static var schema: Tree {
        .table(["oneOf": .list([.table(["type": .text("string")]), [StageSettings].schema])])
    }
    public var nested: NestedSection? { NestedSection(StageSettings(), shape: .listed, isPresent: false) }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if tree.list != nil {
            return [StageSettings].read(tree, over: nil, with: &reader).map { .stages($0) }
        }
        if let name = tree.text, !name.isEmpty { return .named(name) }
        reader.mismatch(tree, expected: kind)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        switch self {
        case .named(let name): .text(name)
        case .stages(let stages): stages.tree(secrets)
        }
    }
}
