public import Pipeline
public import Settings

extension FailoverConnector {
    /// The keys of the connector.
    public struct Configuration: SettingGroup {
        public var priorityLevels: [Level] = []
        public var strategy = Strategy.standard
        public var standard = Standard()
        public var retryInterval: Duration?
        public var condition: FailoverCondition?
        public var sendingQueue = Presence(QueueSettings())

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "priority_levels", \.priorityLevels,
                "Lists of pipelines, the best first; all pipelines of a level get everything.", required: true
            ) { $0.isEmpty ? "must not be empty" : nil },
            Field("strategy", \.strategy, "How levels are chosen: the best that has not failed."),
            Field("standard", \.standard, "Keys of the strategy."),
            Field(
                "retry_interval", \.retryInterval,
                "Earlier place of standard::retry_interval, which counts when both are written.",
                check: isPositive),
            Field(
                "condition", \.condition,
                "Which refusals make a level fail; without it all do. Others are the sender's answer."),
            Field(
                "sending_queue", \.sendingQueue,
                "A queue in front of the levels; writing the key switches it on."),
            .unsupported("retry_gap", "it was removed; retry_interval says when levels are tried again"),
            .unsupported("max_retries", "it was removed; levels are tried again for as long as they fail"),
        ]

        fileprivate static let isPositive: @Sendable (Duration?) -> String? = { interval in
            interval.map { $0 <= .zero } == true ? "must be more than 0" : nil
        }

        /// When a level that has failed is tried again.
        var interval: Duration { standard.retryInterval ?? retryInterval ?? .seconds(600) }

        /// The queue in front of the levels, if there is to be one.
        var queue: QueueSettings? { sendingQueue.value.flatMap { $0.enabled ? $0 : nil } }

        public func check() -> [Problem] { LevelChecks(self).problems }
    }

    /// How levels are chosen.
    public enum Strategy: String, SettingChoice {
        case standard
    }

    /// Keys of the strategy.
    public struct Standard: SettingGroup {
        public var retryInterval: Duration?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "retry_interval", \.retryInterval,
                "Time after which a level that has failed gets one batch again. Default: 10m.",
                check: Configuration.isPositive)
        ]
    }

    /// Which refusals make a level fail.
    public struct FailoverCondition: SettingGroup {
        public var error = ErrorCondition()

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("error", \.error, "What they say.", required: true)
        ]
    }

    /// What refusals say.
    public struct ErrorCondition: SettingGroup {
        public var contains = Texts()

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "contains", \.contains,
                "A text or several, of which the reason of the refusal contains one; letter case is ignored.",
                required: true
            ) { $0.values.isEmpty || $0.values.contains("") ? "must not be empty" : nil }
        ]
    }

    /// Pipelines of the same rank, as a list or alone.
    public struct Level: SettingValue, Equatable {
        public var pipelines: [PipelineID] = []

        public static var kind: String { "a list of pipelines" }
        public static var schema: Tree { [PipelineID].schema }

        public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self?
        {
            if tree.list == nil { return reader.read(PipelineID.self, tree).map { Level(pipelines: [$0]) } }
            guard let pipelines = reader.read([PipelineID].self, tree) else { return nil }
            if pipelines.isEmpty, tree.list?.isEmpty == true {
                reader.error("must not be empty", at: tree.position)
            }
            return Level(pipelines: pipelines)
        }

        public func tree(_ secrets: SecretVisibility) -> Tree? { pipelines.tree(secrets) }
    }

    /// A text, or a list of texts.
    public struct Texts: SettingValue, Equatable {
        public var values: [String] = []

        public static var kind: String { "a text or a list of texts" }
        public static var schema: Tree {
            .table(["anyOf": .list([String.schema, [String].schema])])
        }

        public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self?
        {
            if tree.list == nil { return reader.read(String.self, tree).map { Texts(values: [$0]) } }
            return reader.read([String].self, tree).map { Texts(values: $0) }
        }

        public func tree(_ secrets: SecretVisibility) -> Tree? { values.tree(secrets) }
    }
}
