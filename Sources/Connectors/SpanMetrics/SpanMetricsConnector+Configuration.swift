public import Settings

extension SpanMetricsConnector {
    /// What a point says: everything since its series began, or since the point before.
    public enum Temporality: String, SettingChoice {
        case cumulative = "AGGREGATION_TEMPORALITY_CUMULATIVE"
        case delta = "AGGREGATION_TEMPORALITY_DELTA"
    }

    /// The keys of the connector.
    public struct Configuration: SettingGroup {
        public var histogram = SpanHistogramSettings()
        public var dimensions: [DimensionSettings] = []
        public var callsDimensions: [DimensionSettings] = []
        public var excludeDimensions: [String] = []
        public var cardinalityLimit: Int?
        public var dimensionsCacheSize: Int?
        public var resourceLimit = 1000
        public var resourceKeys: [String] = []
        public var temporality = Temporality.cumulative
        public var namespace = "traces.span.metrics"
        public var flushInterval = Duration.seconds(60)
        public var metricsExpiration = Duration.zero
        public var seriesExpiration = Duration.zero
        public var timestampCacheSize = 1000
        public var exemplars = ExemplarSettings()
        public var events = SpanEventSettings()
        public var instrumentationScopes: [String] = []
        public var addResourceAttributes = true
        public var showsSampling = false
        public var maxStateSize = ByteCount.mebibytes(64)

        public init() {}

        /// Series of a metric and resource when the configuration does not say.
        static let defaultCardinality = 2000

        public static let fields: [Field<Self>] = dimensionFields + flushFields + limitFields

        private static let dimensionFields: [Field<Self>] = [
            Field("histogram", \.histogram, "The metric duration: how long spans took."),
            Field(
                "dimensions", \.dimensions,
                "Attributes of spans, or else of their resources, by which spans are told apart, beside "
                    + "service.name, span.name, span.kind, status.code and collector.instance.id."),
            Field("calls_dimensions", \.callsDimensions, "Further dimensions of the metric calls alone."),
            Field(
                "exclude_dimensions", \.excludeDimensions,
                "Names of dimensions that come by themselves and are not wanted."),
            Field("events", \.events, "The metric events: events of spans."),
            Field("exemplars", \.exemplars, "Spans as examples of points."),
            Field(
                "include_instrumentation_scope", \.instrumentationScopes,
                "Names of scopes whose spans get the dimensions span.instrumentation.scope.name and version."
            ),
            Field(
                "add_resource_attributes", \.addResourceAttributes,
                "Whether metrics have the resource of the spans; without it all spans share an empty one."
            ),
            Field(
                "resource_metrics_key_attributes", \.resourceKeys,
                "Attributes that make out a resource; without names all do. Metrics show what the first "
                    + "resource had."),
            Field(
                "enable_metrics_sampling_method", \.showsSampling,
                "Adds the dimension sampling.method: extrapolated where the trace state says how "
                    + "many spans a span stands for, counted elsewhere."),
        ]

        private static let flushFields: [Field<Self>] = [
            Field("namespace", \.namespace, "What the names of the metrics begin with, before a dot."),
            Field(
                "aggregation_temporality", \.temporality,
                "Whether a point counts from the beginning of its series or from the point before."),
            Field("metrics_flush_interval", \.flushInterval, "How often metrics are sent.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field(
                "metrics_expiration", \.metricsExpiration,
                "How long after its last span a resource is sent; 0 is for ever.", check: notNegative),
            Field(
                "series_expiration", \.seriesExpiration,
                "How long after its last span a series is sent; 0 is for ever.", check: notNegative),
            Field(
                "metric_timestamp_cache_size", \.timestampCacheSize,
                "Series whose last delta point is remembered, so that the next one begins where it ended."
            ) { (1...(1 << 24)).contains($0) ? nil : "must be from 1 to 16777216" },
        ]

        private static let limitFields: [Field<Self>] = [
            Field(
                "aggregation_cardinality_limit", \.cardinalityLimit,
                "Series of a metric and resource, 2000 unless written; spans of others count in one series "
                    + "with the attribute otel.metric.overflow. 0 is no limit but that of max_state_size."
            ) { $0.map { (0...(1 << 24)).contains($0) ? nil : "must be from 0 to 16777216" } ?? nil },
            Field(
                "dimensions_cache_size", \.dimensionsCacheSize,
                "Series of a metric and resource when aggregation_cardinality_limit is not set.",
                deprecated: "aggregation_cardinality_limit"
            ) { $0.map { (1...(1 << 24)).contains($0) ? nil : "must be from 1 to 16777216" } ?? nil },
            Field(
                "resource_metrics_cache_size", \.resourceLimit,
                "Resources that are kept; beyond it, those without a span for the longest time are sent and "
                    + "forgotten."
            ) { (1...(1 << 24)).contains($0) ? nil : "must be from 1 to 16777216" },
            Field(
                "max_state_size", \.maxStateSize,
                "Memory for all that is kept; beyond it new series overflow, and new resources take the "
                    + "place of those without a span for the longest time."
            ) { $0 < .mebibytes(1) ? "must be 1MiB or more" : nil },
            .unsupported(
                "self_time", "no release of the Collector has it; duration is the whole time of a span"),
        ]

        private static let notNegative: @Sendable (Duration) -> String? = {
            $0 < .zero ? "must not be negative" : nil
        }

        public func check() -> [Problem] {
            var problems: [Problem] = []
            let lists = [
                ("dimensions", [], dimensions), ("calls_dimensions", dimensions, callsDimensions),
                ("histogram::dimensions", dimensions, histogram.dimensions),
                ("events::dimensions", dimensions, events.dimensions),
            ]
            for (field, before, list) in lists {
                var names = Set(SpanDimensions.ownNames + before.compactMap { $0.name })
                for (index, dimension) in list.enumerated() {
                    guard let name = dimension.name, !names.insert(name).inserted else { continue }
                    problems.append(
                        Problem("\(field)::\(index)::name", "the dimension '\(name)' is there already"))
                }
            }
            return problems
        }
    }
}
