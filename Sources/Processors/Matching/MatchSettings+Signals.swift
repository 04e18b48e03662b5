internal import Pipeline
internal import Settings
internal import Telemetry

extension MatchSettings {
    /// What does not exist in telemetry of a signal, and so could never match there.
    func problems(for signal: Signal) -> [Problem] {
        let given = [
            ("services", !services.isEmpty), ("span_names", !spanNames.isEmpty),
            ("span_kinds", !spanKinds.isEmpty), ("log_bodies", !logBodies.isEmpty),
            ("log_severity_texts", !logSeverityTexts.isEmpty),
            ("log_severity_number", logSeverityNumber != nil), ("metric_names", !metricNames.isEmpty),
            ("attributes", !attributes.isEmpty), ("libraries", !libraries.isEmpty),
            ("resources", !resources.isEmpty),
        ].filter { $0.1 }.map { $0.0 }
        let fitting = Self.keys(for: signal)
        return given.filter { !fitting.contains($0) }.map { key in
            Problem(
                key,
                "cannot be used in a pipeline for \(signal.rawValue), where "
                    + "\(fitting.joined(separator: ", ")) can be used")
        }
    }

    private static func keys(for signal: Signal) -> [String] {
        switch signal {
        case .traces: ["services", "span_names", "span_kinds", "attributes", "resources", "libraries"]
        case .logs:
            [
                "log_bodies", "log_severity_texts", "log_severity_number", "attributes", "resources",
                "libraries",
            ]
        case .metrics, .profiles: ["metric_names", "resources"]
        }
    }
}

/// SpanKind of OTLP by its name.
enum SpanKind {
    /// By number, without the unspecified one.
    static let names = [
        "SPAN_KIND_INTERNAL", "SPAN_KIND_SERVER", "SPAN_KIND_CLIENT", "SPAN_KIND_PRODUCER",
        "SPAN_KIND_CONSUMER",
    ]

    /// The name of a number; empty for one that is not known.
    static func name(_ number: UInt64) -> String {
        if number == 0 { return "SPAN_KIND_UNSPECIFIED" }
        return number <= UInt64(names.count) ? names[Int(number) - 1] : ""
    }
}

extension MatchSettings {
    /// The problems of several sections, by their keys.
    static func problems(_ sections: KeyValuePairs<String, MatchSettings?>, for signal: Signal) -> [Problem] {
        sections.flatMap { key, section in
            (section?.problems(for: signal) ?? []).map { Problem("\(key).\($0.field)", $0.message) }
        }
    }
}
