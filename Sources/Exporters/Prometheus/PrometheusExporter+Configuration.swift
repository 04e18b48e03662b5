public import Pipeline
internal import Prometheus
public import Settings

extension PrometheusExporter {
    /// How names of OTel become names of Prometheus.
    public enum Strategy: String, CaseIterable, SettingChoice {
        case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
        case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
        case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
        case noTranslation = "NoTranslation"
    }

    /// The keys of the exporter.
    public struct Configuration: SettingGroup {
        public var server = HTTPServerSettings(endpoint: "")
        public var namespace = ""
        public var constLabels: OrderedPairs<String> = [:]
        public var sendTimestamps = false
        public var metricExpiration = Duration.seconds(300)
        public var enableOpenMetrics = false
        public var createdLines = false
        public var withoutScopeInfo = false
        public var addMetricSuffixes = true
        public var translationStrategy: Strategy?
        public var resourceConstantLabels = ResourceLabels()
        public var resourceToTelemetryConversion = ResourceLabels()
        public var sendingQueue = Presence(QueueSettings())
        public var maxSeries = 1_000_000
        public var maxSize = ByteCount(512 << 20)

        public init() {}

        public static var fields: [Field<Configuration>] {
            [Field(embedding: \.server)] + nameFields + labelFields + pageFields
        }

        private static var nameFields: [Field<Configuration>] {
            [
                Field("namespace", \.namespace, "Stands before the name of every metric, with _ between."),
                Field(
                    "translation_strategy", \.translationStrategy,
                    "How names become those of Prometheus; without it add_metric_suffixes decides."),
                Field(
                    "add_metric_suffixes", \.addMetricSuffixes,
                    "Whether names get units and types; counts only without translation_strategy."),
            ]
        }

        private static var labelFields: [Field<Configuration>] {
            [
                Field(
                    "const_labels", \.constLabels, "Labels of every series that has none of that name.",
                    check: { labels in
                        labels.pairs.first { $0.name.isEmpty }.map { _ in "a label must have a name" }
                    }),
                Field(
                    "resource_constant_labels", \.resourceConstantLabels,
                    "Which attributes of resources become labels of all series."),
                Field(
                    "resource_to_telemetry_conversion", \.resourceToTelemetryConversion,
                    "The same, as it was called before."),
                Field(
                    "without_scope_info", \.withoutScopeInfo,
                    "Whether scopes give no labels: otel_scope_name, otel_scope_version and more."),
            ]
        }

        private static var pageFields: [Field<Configuration>] {
            [
                Field("send_timestamps", \.sendTimestamps, "Whether samples have the times of their points."),
                Field(
                    "metric_expiration", \.metricExpiration,
                    "How long a series is shown that gets no new points."
                ) { $0 <= .zero ? "must be positive" : nil },
                Field(
                    "enable_open_metrics", \.enableOpenMetrics,
                    "Whether scrapers that ask for OpenMetrics get it, with exemplars."),
                Field(
                    "created_lines", \.createdLines,
                    "Whether OpenMetrics has a series _created for each counter, histogram and summary; an "
                        + "addition to otelcol's keys."),
                Field(
                    "sending_queue", \.sendingQueue,
                    "A queue before the page; writing the key switches it on. Without it senders wait until "
                        + "their points are on the page, which takes no longer."),
                Field(
                    "max_series", \.maxSeries,
                    "The most series on the page, a histogram being one; an addition to otelcol's keys."
                ) { $0 < 1 ? "must be at least 1" : nil },
                Field(
                    "max_size", \.maxSize,
                    "About the most memory for series, with up to a half more for finding them, and the most "
                        + "that the page may have as text; an addition to otelcol's keys."
                ) { $0.bytes < 1 << 20 ? "must be at least 1MiB" : nil },
            ]
        }

        public func check() -> [Problem] {
            let endpoint =
                server.endpoint.isEmpty
                ? [Problem("endpoint", "set the address at which the page is to be scraped, such as :8889")]
                : []
            return endpoint
                + ResourceLabels.problems(resourceConstantLabels, resourceToTelemetryConversion)
        }

        private var strategy: TranslationStrategy {
            guard let translationStrategy else {
                return addMetricSuffixes
                    ? .underscoreEscapingWithSuffixes : .underscoreEscapingWithoutSuffixes
            }
            return switch translationStrategy {
            case .underscoreEscapingWithSuffixes: .underscoreEscapingWithSuffixes
            case .underscoreEscapingWithoutSuffixes: .underscoreEscapingWithoutSuffixes
            case .noUTF8EscapingWithSuffixes: .noUTF8EscapingWithSuffixes
            case .noTranslation: .noTranslation
            }
        }

        /// What the page is made with.
        func page() throws(ComponentError) -> PageSettings {
            let strategy = strategy
            let namer = LabelNamer(escapes: strategy.escapes)
            let constants = try constLabels.pairs.map { pair throws(ComponentError) in
                guard let name = namer.name(of: pair.name) else {
                    throw ComponentError(
                        "nothing of the name '\(pair.name)' can be kept", key: "const_labels")
                }
                return LabelSet.Label(name, pair.value)
            }
            let series = SeriesSettings(
                namespace: namespace, strategy: strategy, constantLabels: LabelSet(constants),
                resourceAttributes: ResourceLabels.selection(
                    resourceConstantLabels, resourceToTelemetryConversion),
                includesScope: !withoutScopeInfo)
            return PageSettings(
                series: series, sendsTimestamps: sendTimestamps, writesCreatedLines: createdLines,
                expiration: metricExpiration, seriesLimit: maxSeries, byteLimit: maxSize.bytes)
        }
    }
}
