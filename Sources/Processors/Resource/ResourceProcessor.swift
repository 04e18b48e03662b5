public import Pipeline
public import Settings
public import Telemetry

/// Changes the attributes of resources: a list of actions, done in order.
///
/// The actions are those of `attributes`.
public struct ResourceProcessor: Processor {
    public static let name = "resource"
    public static let summary =
        "Inserts, changes, hashes, extracts, converts and deletes attributes of resources."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let differences = [
        "hash is SHA-256, as there since its feature gate is stable; earlier versions wrote SHA-1.",
        "A key that an action would ignore is an error.",
    ]

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var attributes: [AttributeAction] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("attributes", \.attributes, "What is done, one after another.", required: true) {
                $0.isEmpty ? "must not be empty" : nil
            }
        ]
    }

    private var actions: ActionList

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        actions = try ActionList(configuration.attributes)
    }

    public mutating func process(_ batch: inout Batch) throws(Rejection) {
        actions.begin(batch.origin)
        batch.rewrite(.resource) { actions.run(on: $0) }
    }
}
