public import Pipeline
internal import Prometheus
public import Settings

extension RemoteWriteExporter {
    /// The message of a version of the protocol.
    public enum Message: String, CaseIterable, SettingChoice {
        case v1 = "prometheus.WriteRequest"
        case v2 = "io.prometheus.write.v2.Request"
    }

    /// How names become those of Prometheus.
    public enum Strategy: String, CaseIterable, SettingChoice {
        case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
        case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
        case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
        case noTranslation = "NoTranslation"
    }

    /// The keys of the exporter.
    public struct Configuration: SettingGroup {
        public var client = Self.clientDefaults
        public var http = Presence(Self.clientDefaults)
        public var namespace = ""
        public var externalLabels: OrderedPairs<String> = [:]
        public var translationStrategy: Strategy?
        public var addMetricSuffixes = true
        public var sendMetadata = false
        public var targetInfo = TargetInfo()
        public var disableScopeInfo = false
        public var resourceToTelemetryConversion = ResourceLabels()
        public var resourceConstantLabels = ResourceLabels()
        public var convertHistograms = false
        public var keepClassicHistograms = false
        public var message = Message.v1
        public var includeMetadataKeys: [String] = []
        public var maxBatchSizeBytes = 3_000_000
        public var maxBatchRequestParallelism: Int?
        public var queue = Queue()
        public var delivery = Self.deliveryDefaults

        public init() {}

        private static let clientDefaults: HTTPClientSettings = {
            var client = HTTPClientSettings()
            client.compression = .snappy
            return client
        }()

        private static let deliveryDefaults: DeliverySettings = {
            var delivery = DeliverySettings()
            delivery.retry.initialInterval = .milliseconds(50)
            delivery.retry.maxInterval = .milliseconds(200)
            return delivery
        }()

        public static var fields: [Field<Configuration>] {
            var fields: [Field<Configuration>] = [Field(embedding: \.client)]
            fields += translationFields
            fields += requestFields
            fields += [
                .unsupported("export_created_metric", "times since when values count go with version 2"),
                .unsupported("wal", "name a storage extension in remote_write_queue::storage instead"),
                .unsupported("sending_queue", "use remote_write_queue, which keeps the order of series"),
            ]
            return fields
        }

        /// The client, whichever way it is written.
        var effectiveClient: HTTPClientSettings { http.value ?? client }

        /// How many requests of a batch are sent at a time.
        var parallelism: Int { max(maxBatchRequestParallelism ?? queue.numConsumers, 1) }

        var strategy: TranslationStrategy {
            guard let chosen = translationStrategy,
                let strategy = TranslationStrategy(rawValue: chosen.rawValue)
            else {
                return addMetricSuffixes
                    ? .underscoreEscapingWithSuffixes : .underscoreEscapingWithoutSuffixes
            }
            return strategy
        }
    }

    /// `target_info`.
    public struct TargetInfo: SettingGroup {
        public var enabled = true

        public init() {}

        public static var fields: [Field<TargetInfo>] {
            [
                Field(
                    "enabled", \.enabled,
                    "Whether the attributes of each resource become a series target_info.")
            ]
        }
    }

    /// `remote_write_queue`.
    public struct Queue: SettingGroup {
        public var enabled = true
        public var queueSize = 10_000
        public var numConsumers = 5
        public var overflow: QueueSettings.Overflow?
        public var storage: String?

        public init() {}

        public static var fields: [Field<Queue>] {
            [
                Field(
                    "enabled", \.enabled,
                    "Whether senders have their answer when a batch waits; otherwise when it is sent."),
                Field("queue_size", \.queueSize, "Batches that may wait or be sent.") {
                    $0 < 1 ? "must be at least 1" : nil
                },
                Field(
                    "num_consumers", \.numConsumers,
                    "Requests of one batch that are sent at the same time; batches go one after another."
                ) { $0 < 0 ? "must not be negative" : nil },
                Field(
                    "overflow", \.overflow,
                    "What a full queue does with a new batch; without it, drop_newest."
                ),
                Field(
                    "storage", \.storage,
                    "The storage extension that keeps the queue on disk; without one it is in memory.",
                    check: StorageReference.check),
            ]
        }
    }
}
