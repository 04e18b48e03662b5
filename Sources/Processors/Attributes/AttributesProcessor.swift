public import Pipeline
public import Settings
public import Telemetry

/// Changes the attributes of spans, log records and data points: a list of actions, done in order.
///
/// With `include` and `exclude` only some records are worked on; include is asked first. In metrics the
/// records are data points, and what is matched is the metric.
///
/// `differences` says where it differs from otelcol-contrib.
public struct AttributesProcessor: Processor {
    public static let name = "attributes"
    public static let summary =
        "Inserts, changes, hashes, extracts, converts and deletes attributes of records."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let differences = [
        "hash is SHA-256, as there since its feature gate is stable; earlier versions wrote SHA-1.",
        "One of several libraries has to match, as its documentation says; its code wants all of them.",
        "resources is asked for metrics too; there it is checked and then ignored.",
        "A key that an action would ignore is an error.",
    ]

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var actions: [AttributeAction] = []
        public var include: MatchSettings?
        public var exclude: MatchSettings?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("actions", \.actions, "What is done, one after another.", required: true) {
                $0.isEmpty ? "must not be empty" : nil
            },
            Field("include", \.include, "The records that are worked on; without it all are."),
            Field("exclude", \.exclude, "Records that are left alone, of those that are included."),
        ]
    }

    private var actions: ActionList
    private var selection: RecordSelection

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        actions = try ActionList(configuration.actions)
        selection = try RecordSelection(include: configuration.include, exclude: configuration.exclude)
    }

    public static func problems(of configuration: Configuration, for signal: Signal) -> [Problem] {
        MatchSettings.problems(
            ["include": configuration.include, "exclude": configuration.exclude], for: signal)
    }

    public mutating func process(_ batch: inout Batch) throws(Rejection) {
        actions.begin(batch.origin)
        batch.rewrite(selection.places.union(.record)) { draft in
            guard draft.kind.place == .record else { return selection.look(at: draft) }
            if selection.contains(draft) { actions.run(on: draft) }
        }
    }
}
