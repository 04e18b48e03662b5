internal import Settings

/// Metrics by their names and the attributes of their resources: the sections `include` and `exclude`.
struct MetricMatch: SettingGroup {
    var matchType = MatchSettings.MatchType.strict
    var metricNames: [String] = []
    var resourceAttributes: [MatchSettings.Pair] = []

    init() {}

    static let fields: [Field<Self>] = [
        Field(
            "match_type", \.matchType,
            "Whether texts have to be equal, or to match regular expressions (RE2).", required: true),
        Field("metric_names", \.metricNames, "Names of metrics; without any all metrics match."),
        Field(
            "resource_attributes", \.resourceAttributes,
            "Attributes of the resource, all of which have to match; without any all resources match."),
        .unsupported(
            "expressions",
            "expr is another language; write what it drops in OTTL, such as metric_conditions: "
                + "['metric.name == \"a\" and HasAttrOnDatapoint(\"label\", \"b\")']"),
        .unsupported(
            "regexp", "results are not cached, since an expression takes about as long as a look-up"),
    ]

    /// The same as other processors match.
    var settings: MatchSettings {
        var settings = MatchSettings()
        settings.matchType = matchType
        settings.metricNames = metricNames
        settings.resources = resourceAttributes
        return settings
    }

    func check() -> [Problem] {
        settings.isEmpty ? [] : settings.check().renamed(["resources": "resource_attributes"])
    }
}

/// Log records by what they say: the sections `include` and `exclude`.
struct LogMatch: SettingGroup {
    var matchType = MatchSettings.MatchType.strict
    var resourceAttributes: [MatchSettings.Pair] = []
    var recordAttributes: [MatchSettings.Pair] = []
    var severityTexts: [String] = []
    var severityNumber: Severity?
    var bodies: [String] = []

    init() {}

    static let fields: [Field<Self>] = [
        Field(
            "match_type", \.matchType,
            "Whether texts have to be equal, or to match regular expressions (RE2)."),
        Field(
            "resource_attributes", \.resourceAttributes,
            "Attributes of the resource, all of which have to match."),
        Field(
            "record_attributes", \.recordAttributes, "Attributes of the record, all of which have to match."),
        Field("severity_texts", \.severityTexts, "Severity texts, one of which has to match."),
        Field("severity_number", \.severityNumber, "The lowest severity number that matches."),
        Field(
            "bodies", \.bodies,
            "Bodies, one of which has to match; those that are no text are compared as JSON."),
    ]

    /// The lowest severity of log records.
    struct Severity: SettingGroup {
        var min = ""
        var matchUndefined = false

        init() {}

        static let fields: [Field<Self>] = [
            Field("min", \.min, "The lowest severity: its number (1 to 24) or short name, such as WARN.") {
                number(of: $0) == nil ? "is no severity: use 1 to 24 or a name such as INFO or WARN2" : nil
            },
            Field("match_undefined", \.matchUndefined, "Whether records without a severity match."),
        ]

        /// The number of a severity; 0 where none is asked for.
        static func number(of text: String) -> Int? {
            if text.isEmpty { return 0 }
            if let number = Int(text) { return (1...24).contains(number) ? number : nil }
            let levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
            let name = text.uppercased()
            guard let level = levels.firstIndex(where: { name.hasPrefix($0) }) else { return nil }
            let step = name.dropFirst(levels[level].count)
            guard step.isEmpty || ["2", "3", "4"].contains(step) else { return nil }
            return level * 4 + (Int(step) ?? 1)
        }
    }

    /// The same as other processors match.
    var settings: MatchSettings {
        var settings = MatchSettings()
        settings.matchType = matchType
        settings.resources = resourceAttributes
        settings.attributes = recordAttributes
        settings.logSeverityTexts = severityTexts
        settings.logBodies = bodies
        if let severityNumber {
            var severity = MatchSettings.Severity()
            severity.min = Severity.number(of: severityNumber.min) ?? 0
            severity.matchUndefined = severityNumber.matchUndefined
            settings.logSeverityNumber = severity
        }
        return settings
    }

    func check() -> [Problem] {
        guard !settings.isEmpty else { return [] }
        return settings.check().renamed([
            "resources": "resource_attributes", "attributes": "record_attributes",
            "log_severity_texts": "severity_texts", "log_bodies": "bodies",
        ])
    }
}

extension [Problem] {
    /// The same problems of keys that have other names here.
    fileprivate func renamed(_ names: [String: String]) -> [Problem] {
        map { problem in
            let parts = problem.field.split(separator: ".", maxSplits: 1)
            guard let first = parts.first, let name = names[String(first)] else { return problem }
            let field = ([name] + parts.dropFirst().map(String.init)).joined(separator: ".")
            return Problem(field, problem.message, severity: problem.severity)
        }
    }
}
