public import OTTL
public import Settings

/// What is counted: it decides which context conditions have.
public protocol CountedKind: Sendable {
    /// The context of conditions; `nil` when there are none.
    static var context: OTTLContext? { get }
    /// Whether counts can be kept apart by attributes.
    static var hasAttributes: Bool { get }
}

/// The kinds of things that can be counted.
public enum Counted {
    public enum Spans: CountedKind {
        public static let context: OTTLContext? = .span
        public static let hasAttributes = true
    }
    public enum SpanEvents: CountedKind {
        public static let context: OTTLContext? = .spanevent
        public static let hasAttributes = true
    }
    public enum Metrics: CountedKind {
        public static let context: OTTLContext? = .metric
        public static let hasAttributes = false
    }
    public enum DataPoints: CountedKind {
        public static let context: OTTLContext? = .datapoint
        public static let hasAttributes = true
    }
    public enum Logs: CountedKind {
        public static let context: OTTLContext? = .log
        public static let hasAttributes = true
    }
    public enum Profiles: CountedKind {
        public static let context: OTTLContext? = nil
        public static let hasAttributes = false
    }
}

/// A condition that is checked and compiled where it is read, so that a mistake is told at its column.
public struct CountCondition<Kind: CountedKind>: SettingValue {
    let source: StatementSource
    let condition: Condition

    public static var kind: String { "a condition" }
    public static var schema: Tree { StatementSource.schema }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let context = Kind.context else {
            reader.error(
                "conditions are not supported here: the transformation language knows no profiles",
                at: tree.position)
            return nil
        }
        guard let source = StatementSource.read(tree, over: nil, with: &reader) else { return nil }
        do throws(OTTLError) {
            let condition = try Condition(
                parsing: source.text, context: context, functions: .filter(in: context))
            return Self(source: source, condition: condition)
        } catch {
            reader.report(source.diagnostic(error, path: reader.path))
            return nil
        }
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { source.tree(secrets) }
}

/// An attribute by which counts are kept apart.
public struct CountedAttribute: SettingGroup {
    public var key = ""
    public var defaultValue: Tree?

    public init() {}

    public static let fields: [Field<Self>] = [
        Field(
            "key", \.key, "The attribute, of what is counted, or else of its scope or its resource.",
            required: true
        ) {
            $0.isEmpty ? "must not be empty" : nil
        },
        Field(
            "default_value", \.defaultValue,
            "What stands where there is no such attribute: a text or a number; without it, what lacks the "
                + "attribute is not counted."
        ) { value in
            switch value?.scalar?.value {
            case nil: value == nil ? nil : "must be a text or a number"
            case .null, .int, .double, .string: nil
            case .unsigned, .bool: "must be a text or a number"
            }
        },
    ]
}

/// One metric of counts.
public struct CountedMetric<Kind: CountedKind>: SettingGroup {
    public var details = ""
    public var conditions: [CountCondition<Kind>] = []
    public var attributes: [CountedAttribute] = []

    public init() {}

    public static var fields: [Field<Self>] {
        [
            Field("description", \.details, "What the metric says of itself."),
            Field(
                "conditions", \.conditions,
                "Conditions of the transformation language; what one of them holds for is counted, without "
                    + "any everything is."),
            Field(
                "attributes", \.attributes,
                "Attributes by whose values counts are kept apart; what lacks one is not counted."),
        ]
    }

    public func check() -> [Problem] {
        var problems: [Problem] = []
        if !Kind.hasAttributes, !attributes.isEmpty {
            problems.append(Problem("attributes", "what is counted here has no attributes"))
        }
        var keys: Set<String> = []
        for (index, attribute) in attributes.enumerated() where !keys.insert(attribute.key).inserted {
            problems.append(Problem("attributes::\(index)::key", "'\(attribute.key)' is there already"))
        }
        return problems
    }
}

extension CountConnector {
    /// The keys of the connector.
    public struct Configuration: SettingGroup {
        public var spans: [String: CountedMetric<Counted.Spans>]?
        public var spanEvents: [String: CountedMetric<Counted.SpanEvents>]?
        public var metrics: [String: CountedMetric<Counted.Metrics>]?
        public var dataPoints: [String: CountedMetric<Counted.DataPoints>]?
        public var logs: [String: CountedMetric<Counted.Logs>]?
        public var profiles: [String: CountedMetric<Counted.Profiles>]?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "spans", \.spans, "Metrics of spans, by name; trace.span.count unless written.",
                check: names),
            Field(
                "spanevents", \.spanEvents,
                "Metrics of events of spans, by name; trace.span.event.count unless written.", check: names),
            Field(
                "metrics", \.metrics, "Metrics of metrics, by name; metric.count unless written.",
                check: names),
            Field(
                "datapoints", \.dataPoints,
                "Metrics of data points, by name; metric.datapoint.count unless written.", check: names),
            Field(
                "logs", \.logs, "Metrics of log records, by name; log.record.count unless written.",
                check: names),
            Field(
                "profiles", \.profiles, "Metrics of profiles, by name; profile.count unless written.",
                check: names),
        ]

        private static func names<Kind>(_ metrics: [String: CountedMetric<Kind>]?) -> String? {
            metrics?.keys.contains("") == true ? "a metric needs a name" : nil
        }
    }
}
