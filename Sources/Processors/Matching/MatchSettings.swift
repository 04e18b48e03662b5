internal import Patterns
internal import Pipeline
public import Settings
internal import Telemetry

/// Which records a processor works on, or leaves alone: the sections `include` and `exclude`.
public struct MatchSettings: SettingGroup, Equatable {
    /// How texts are compared.
    public enum MatchType: String, SettingChoice {
        case strict, regexp
    }

    public var matchType = MatchType.strict
    public var services: [String] = []
    public var spanNames: [String] = []
    public var spanKinds: [String] = []
    public var logBodies: [String] = []
    public var logSeverityTexts: [String] = []
    public var logSeverityNumber: Severity?
    public var metricNames: [String] = []
    public var attributes: [Pair] = []
    public var resources: [Pair] = []
    public var libraries: [Library] = []

    public init() {}

    public static let fields: [Field<Self>] = [
        Field(
            "match_type", \.matchType,
            "Whether texts have to be equal, or to match regular expressions (RE2).",
            required: true),
        .unsupported(
            "regexp", "results are not cached, since an expression takes about as long as a look-up"),
        Field("services", \.services, "Values of the resource attribute service.name; for spans."),
        Field("span_names", \.spanNames, "Names of spans."),
        Field("span_kinds", \.spanKinds, "Kinds of spans, such as SPAN_KIND_SERVER."),
        Field(
            "log_bodies", \.logBodies, "Bodies of log records; those that are no text are compared as JSON."),
        Field("log_severity_texts", \.logSeverityTexts, "Severity texts of log records."),
        Field("log_severity_number", \.logSeverityNumber, "Severity numbers of log records."),
        Field("metric_names", \.metricNames, "Names of metrics."),
        Field("attributes", \.attributes, "Attributes of spans and log records; all of them have to match."),
        Field("resources", \.resources, "Attributes of the resource; all of them have to match."),
        Field("libraries", \.libraries, "Names and versions of instrumentation scopes."),
    ]

    /// The lowest severity of log records.
    public struct Severity: SettingGroup, Equatable {
        public var min = 0
        public var matchUndefined = false

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("min", \.min, "The lowest number that matches: 1 (TRACE) to 24 (FATAL4).") {
                (0...24).contains($0) ? nil : "must be from 0 to 24"
            },
            Field("match_undefined", \.matchUndefined, "Whether records without a severity match."),
        ]
    }

    /// A key and, if it matters, its value.
    public struct Pair: SettingGroup, Equatable {
        public var key = ""
        public var value: Tree?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("key", \.key, "The key.", required: true) { $0.isEmpty ? "must not be empty" : nil },
            Field("value", \.value, "The value; without it, it is enough that the key is there."),
        ]
    }

    /// The name of an instrumentation scope and, if it matters, its version.
    public struct Library: SettingGroup, Equatable {
        public var name = ""
        public var version: String?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("name", \.name, "The name.", required: true),
            Field("version", \.version, "The version; without it any matches, an empty one matches none."),
        ]
    }

    /// Whether it says nothing, so that everything matches.
    var isEmpty: Bool { !isAnythingGiven }

    public func check() -> [Problem] {
        guard isAnythingGiven else {
            return [
                Problem(
                    "",
                    "must have at least one of services, span_names, span_kinds, log_bodies, "
                        + "log_severity_texts, log_severity_number, metric_names, attributes, resources and "
                        + "libraries")
            ]
        }
        return matchType == .strict ? kindProblems : patternProblems
    }

    private var isAnythingGiven: Bool {
        logSeverityNumber != nil || texts.contains { !$0.values.isEmpty } || !attributes.isEmpty
            || !resources.isEmpty || !libraries.isEmpty
    }

    /// Every list of texts with its key.
    private var texts: [(key: String, values: [String])] {
        [
            ("services", services), ("span_names", spanNames), ("span_kinds", spanKinds),
            ("log_bodies", logBodies), ("log_severity_texts", logSeverityTexts),
            ("metric_names", metricNames),
        ]
    }

    private var kindProblems: [Problem] {
        spanKinds.enumerated().filter { !SpanKind.names.contains($0.element) }.map { index, kind in
            Problem(
                "span_kinds.\(index)",
                "there is no kind '\(kind)'; the kinds are \(SpanKind.names.joined(separator: ", "))")
        }
    }

    private var patternProblems: [Problem] {
        var problems: [Problem] = []
        func check(_ pattern: String?, _ place: String) {
            if let pattern, let message = RegularExpression.problem(of: pattern) {
                problems.append(Problem(place, message))
            }
        }
        for (key, values) in texts {
            for (index, value) in values.enumerated() { check(value, "\(key).\(index)") }
        }
        for (key, pairs) in [("attributes", attributes), ("resources", resources)] {
            for (index, pair) in pairs.enumerated() {
                guard let value = pair.value, !value.isNull else { continue }
                if case .string(let text)? = AttributeValue(value) {
                    check(text, "\(key).\(index).value")
                } else {
                    problems.append(
                        Problem(
                            "\(key).\(index).value",
                            "must be text when match_type is regexp, not \(value.kind)"))
                }
            }
        }
        for (index, library) in libraries.enumerated() {
            check(library.name, "libraries.\(index).name")
            check(library.version, "libraries.\(index).version")
        }
        return problems
    }
}

extension RegularExpression {
    /// What is wrong with a pattern, for a person; `nil` when it can be used.
    static func problem(of pattern: String) -> String? {
        do throws(PatternError) {
            _ = try RegularExpression(pattern)
            return nil
        } catch {
            return "is not a regular expression of RE2: \(error)"
        }
    }
}
