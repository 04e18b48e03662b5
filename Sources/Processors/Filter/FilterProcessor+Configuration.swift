internal import OTTL
public import Settings
internal import Telemetry

extension FilterProcessor {
    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        var errorMode = ErrorMode.ignore
        var traceConditions = FilterConditions<TracePlace>()
        var metricConditions = FilterConditions<MetricPlace>()
        var logConditions = FilterConditions<LogPlace>()
        var traces = TraceFilters()
        var metrics = MetricFilters()
        var logs = LogFilters()
        var spans = SpanFilters()

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "error_mode", \.errorMode,
                "What happens when a condition cannot be evaluated: it does not hold and is reported "
                    + "(ignore), or is not reported (silent), or the batch is refused (propagate)."),
            Field(
                "trace_conditions", \.traceConditions,
                "Spans, span events, scopes and resources that are dropped; OTTL conditions of which one "
                    + "has to hold, or groups of them."),
            Field(
                "metric_conditions", \.metricConditions,
                "Metrics, data points, scopes and resources that are dropped."),
            Field(
                "log_conditions", \.logConditions,
                "Log records, scopes and resources that are dropped."),
            Field("traces", \.traces, "Older form of trace_conditions."),
            Field("metrics", \.metrics, "Older form of metric_conditions."),
            Field("logs", \.logs, "Older form of log_conditions."),
            Field("spans", \.spans, "Oldest form: spans by names and attributes."),
            .unsupported("profile_conditions", profiles), .unsupported("profiles", profiles),
        ]

        private static let profiles =
            "profiles refer to a dictionary that they share, and pass as they are; filter them where they "
            + "are made"

        public func check() -> [Problem] {
            var problems: [Problem] = []
            func exclude(_ isBoth: Bool, _ key: String, _ other: String) {
                if isBoth { problems.append(Problem(key, "cannot be used together with \(other)")) }
            }
            let hasTraces = !traceConditions.rules.isEmpty
            let hasMetrics = !metricConditions.rules.isEmpty
            let hasLogs = !logConditions.rules.isEmpty
            exclude(hasTraces && traces.isGiven, "traces", "trace_conditions")
            exclude(hasTraces && spans.isGiven, "spans", "trace_conditions")
            exclude(traces.isGiven && spans.isGiven, "spans", "traces")
            exclude(hasMetrics && (metrics.isGiven || metrics.selects), "metrics", "metric_conditions")
            exclude(metrics.isGiven && metrics.selects, "metrics", "its include and exclude")
            exclude(hasLogs && (logs.isGiven || logs.selects), "logs", "log_conditions")
            exclude(logs.isGiven && logs.selects, "logs", "its include and exclude")
            return problems
        }
    }

    /// Conditions for traces in their older form.
    struct TraceFilters: SettingGroup {
        var resource = FilterList<InResource>()
        var span = FilterList<InSpan>()
        var spanevent = FilterList<InSpanEvent>()

        init() {}

        static let fields: [Field<Self>] = [
            Field("resource", \.resource, "Resources that are dropped with all their spans."),
            Field("span", \.span, "Spans that are dropped."),
            Field("spanevent", \.spanevent, "Span events that are dropped; their span stays."),
        ]

        var isGiven: Bool { resource.isGiven || span.isGiven || spanevent.isGiven }
        var rules: [FilterRule] { resource.rules + span.rules + spanevent.rules }
    }

    /// Conditions for metrics in their older forms.
    struct MetricFilters: SettingGroup {
        var resource = FilterList<InResource>()
        var metric = FilterList<InMetric>()
        var datapoint = FilterList<InDataPoint>()
        var include: MetricMatch?
        var exclude: MetricMatch?

        init() {}

        static let fields: [Field<Self>] = [
            Field("resource", \.resource, "Resources that are dropped with all their metrics."),
            Field("metric", \.metric, "Metrics that are dropped."),
            Field(
                "datapoint", \.datapoint,
                "Data points that are dropped; a metric that loses all of them goes too."),
            Field("include", \.include, "The metrics that stay; all others are dropped."),
            Field("exclude", \.exclude, "Metrics that are dropped, of those that are included."),
            .unsupported(
                "regexp", "results are not cached, since an expression takes about as long as a look-up"),
        ]

        var isGiven: Bool { resource.isGiven || metric.isGiven || datapoint.isGiven }
        var selects: Bool { include != nil || exclude != nil }
        var rules: [FilterRule] { resource.rules + metric.rules + datapoint.rules }
    }

    /// Conditions for logs in their older forms.
    struct LogFilters: SettingGroup {
        var resource = FilterList<InResource>()
        var logRecord = FilterList<InLog>()
        var include: LogMatch?
        var exclude: LogMatch?

        init() {}

        static let fields: [Field<Self>] = [
            Field("resource", \.resource, "Resources that are dropped with all their records."),
            Field("log_record", \.logRecord, "Log records that are dropped."),
            Field("include", \.include, "The records that stay; all others are dropped."),
            Field("exclude", \.exclude, "Records that are dropped, of those that are included."),
        ]

        var isGiven: Bool { resource.isGiven || logRecord.isGiven }
        var selects: Bool { include != nil || exclude != nil }
        var rules: [FilterRule] { resource.rules + logRecord.rules }
    }

    /// Spans by names and attributes.
    struct SpanFilters: SettingGroup {
        var include: MatchSettings?
        var exclude: MatchSettings?

        init() {}

        static let fields: [Field<Self>] = [
            Field("include", \.include, "The spans that stay; all others are dropped."),
            Field("exclude", \.exclude, "Spans that are dropped, of those that are included."),
        ]

        var isGiven: Bool { include != nil || exclude != nil }

        func check() -> [Problem] {
            MatchSettings.problems(["include": include, "exclude": exclude], for: .traces)
        }
    }
}
