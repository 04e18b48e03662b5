public import Settings

extension ServiceGraphConnector {
    /// Where requests wait for their other half.
    public struct Store: SettingGroup {
        public var ttl = Duration.seconds(2)
        public var maxItems = 1000

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("ttl", \.ttl, "How long a span waits for the span at the other end.") {
                $0 < .zero ? "must not be negative" : nil
            },
            Field("max_items", \.maxItems, "Spans that wait at a time; one more is dropped.") {
                (1...(1 << 24)).contains($0) ? nil : "must be from 1 to 16777216"
            },
        ]
    }

    /// The keys of the connector.
    public struct Configuration: SettingGroup {
        public var latencyBuckets: [Duration]?
        public var exponentialMaxSize = 0
        public var dimensions: [String] = []
        public var store = Store()
        public var cacheLoop = Duration.seconds(60)
        public var storeExpirationLoop = Duration.seconds(2)
        public var peerAttributes = ["peer.service", "db.name", "db.system"]
        public var virtualNodeLabel = false
        public var databaseNames = ["db.name"]
        public var databaseName: String?
        public var flushInterval = Duration.seconds(60)
        public var timestampOffset = Duration.zero
        public var cardinalityLimit = 10_000
        public var maxStateSize = ByteCount.mebibytes(64)

        public init() {}

        /// The upper bounds of buckets when the configuration does not say.
        static let defaultBuckets: [Duration] = [
            .milliseconds(2), .milliseconds(4), .milliseconds(6), .milliseconds(8), .milliseconds(10),
            .milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400),
            .milliseconds(800), .seconds(1), .milliseconds(1400), .seconds(2), .seconds(5), .seconds(10),
            .seconds(15),
        ]

        public static let fields: [Field<Self>] =
            graphFields + [
                Field(
                    "metrics_flush_interval", \.flushInterval,
                    "How often metrics are sent; 0 is after every batch of spans.", check: notNegative),
                Field(
                    "metrics_timestamp_offset", \.timestampOffset,
                    "How far in the past the times of points are.", check: notNegative),
                Field(
                    "cache_loop", \.cacheLoop,
                    "How often series without a request for 15 minutes are forgotten.", check: positive),
                Field(
                    "store_expiration_loop", \.storeExpirationLoop,
                    "How often it is looked for spans that have waited too long.", check: positive),
                Field(
                    "aggregation_cardinality_limit", \.cardinalityLimit,
                    "Series; requests of others count in one with the attribute otel.metric.overflow. 0 is "
                        + "no limit but that of max_state_size."
                ) { (0...(1 << 24)).contains($0) ? nil : "must be from 0 to 16777216" },
                Field(
                    "max_state_size", \.maxStateSize,
                    "Memory for the spans that wait and for all series; beyond it spans are dropped and "
                        + "series overflow."
                ) { $0 < .mebibytes(1) ? "must be 1MiB or more" : nil },
                .unsupported(
                    "metrics_exporter", "metrics go to the pipelines that have the connector as a receiver"),
            ]

        private static let graphFields: [Field<Self>] = [
            Field(
                "latency_histogram_buckets", \.latencyBuckets,
                "The upper bounds of the buckets, rising; 2ms, 4ms, 6ms, 8ms, 10ms, 50ms, 100ms, 200ms, "
                    + "400ms, 800ms, 1s, 1400ms, 2s, 5s, 10s and 15s unless written."
            ) { $0.flatMap { LatencyBounds.problem(of: $0) } },
            Field(
                "exponential_histogram_max_size", \.exponentialMaxSize,
                "Makes histograms exponential, with this largest number of buckets; 0 does not."
            ) { $0 == 0 || (2...16384).contains($0) ? nil : "must be 0, or from 2 to 16384" },
            Field(
                "dimensions", \.dimensions,
                "Attributes of resources, or else of spans, by which requests are told apart; they become "
                    + "client_… and server_… after the end they come from."),
            Field("store", \.store, "Where requests wait for their other half."),
            Field(
                "virtual_node_peer_attributes", \.peerAttributes,
                "Attributes of a client that name the other end when no span of it comes, the first one that "
                    + "is there; without any, such requests are not shown."),
            Field(
                "virtual_node_extra_label", \.virtualNodeLabel,
                "Adds the attribute virtual_node: which end sent no span, client or server."),
            Field(
                "database_name_attributes", \.databaseNames,
                "Attributes that name a database, the first one that is there: a client with it is a request "
                    + "to the database, which sends no spans."),
            Field(
                "database_name_attribute", \.databaseName,
                "One more such attribute, before the others.", deprecated: "database_name_attributes"),
        ]

        private static let notNegative: @Sendable (Duration) -> String? = {
            $0 < .zero ? "must not be negative" : nil
        }
        private static let positive: @Sendable (Duration) -> String? = {
            $0 <= .zero ? "must be more than 0" : nil
        }

        public func check() -> [Problem] {
            latencyBuckets != nil && exponentialMaxSize > 0
                ? [
                    Problem(
                        "exponential_histogram_max_size",
                        "set latency_histogram_buckets or exponential_histogram_max_size, not both")
                ] : []
        }
    }
}
