internal import Pipeline
internal import Prometheus
public import Settings

extension RemoteWriteExporter.Configuration {
    static var translationFields: [Field<Self>] {
        [
            Field("namespace", \.namespace, "What stands before the name of every metric, with a _."),
            Field(
                "external_labels", \.externalLabels,
                "Labels that every series gets that has none of the name."),
            Field(
                "translation_strategy", \.translationStrategy,
                "How names become those of Prometheus; without it, add_metric_suffixes decides."),
            Field(
                "add_metric_suffixes", \.addMetricSuffixes, "Whether units and types are appended to names.",
                deprecated: "use translation_strategy"),
            Field(
                "send_metadata", \.sendMetadata,
                "Whether version 1 gets metadata of the metrics; version 2 always does."),
            Field("target_info", \.targetInfo, "The series with the attributes of a resource."),
            Field(
                "disable_scope_info", \.disableScopeInfo,
                "Whether series have no labels of their scope."),
            Field(
                "resource_to_telemetry_conversion", \.resourceToTelemetryConversion,
                "The same, as it was called before."),
            Field(
                "resource_constant_labels", \.resourceConstantLabels,
                "Which attributes of resources become labels of all series."),
            Field(
                "convert_explicit_histograms_to_nhcb", \.convertHistograms,
                "Whether histograms become native ones with bounds of their own, instead of series."),
            Field(
                "keep_classic_histograms", \.keepClassicHistograms,
                "Whether converted histograms become series as well."),
        ]
    }

    static var requestFields: [Field<Self>] {
        [
            Field(
                "http", \.http, "The client, in a section of its own; what stands there counts alone."),
            Field("protobuf_message", \.message, "The version of remote write, by its message."),
            Field(
                "include_metadata_keys", \.includeMetadataKeys,
                "Metadata of senders that requests have as header fields, where a receiver keeps it."),
            Field(
                "max_batch_size_bytes", \.maxBatchSizeBytes,
                "Largest request in bytes before compression; 0 is 3000000."
            ) { $0 < 0 ? "must not be negative" : nil },
            Field(
                "max_batch_request_parallelism", \.maxBatchRequestParallelism,
                "Requests of one batch that are sent at the same time, instead of num_consumers."
            ) { $0.map { $0 < 1 } == true ? "must be at least 1" : nil },
            Field("remote_write_queue", \.queue, "How much may wait, and what happens when that is full."),
            Field("timeout", \.delivery.timeout, "Time one attempt may take; 0 is no limit.") {
                $0 < .zero ? "must not be negative" : nil
            },
            Field("retry_on_failure", \.delivery.retry, "When and how often a batch is tried again."),
            Field(
                "on_permanent_error", \.delivery.onPermanentError,
                "What happens to a batch that the other side refuses for good: drop or dead_letter."),
            Field("dead_letters", \.delivery.deadLetters, "How many refused batches are kept, and how long."),
        ]
    }

    /// Header fields that are the protocol's own.
    static let reservedFields: Set = [
        "content-encoding", "content-type", "user-agent", RemoteWriteFields.version,
    ]

    public func check() -> [Problem] {
        var found: [Problem] = []
        do throws(ComponentError) { _ = try address() } catch {
            found.append(Problem(http.isPresent ? "http::endpoint" : "endpoint", error.description))
        }
        let client = effectiveClient
        if client.compression != .snappy && client.compression != .unset {
            let problem = "remote write is always compressed with snappy; leave it out"
            found.append(Problem(http.isPresent ? "http::compression" : "compression", problem))
        }
        if client.compressionParameters.level != 0 {
            let problem = "snappy has no levels; leave it out"
            found.append(
                Problem(http.isPresent ? "http::compression_params" : "compression_params", problem))
        }
        for pair in externalLabels.pairs where pair.name.isEmpty || pair.value.isEmpty {
            found.append(Problem("external_labels", "a label has no name or no value"))
        }
        for pair in externalLabels.pairs where LabelNamer().name(of: pair.name) == nil {
            found.append(Problem("external_labels", "nothing of the name '\(pair.name)' can be kept"))
        }
        if message == .v1, !strategy.escapes {
            let problem = "\(strategy.rawValue) needs protobuf_message \(Self.v2)"
            found.append(Problem("translation_strategy", problem))
        }
        found += ResourceLabels.problems(resourceConstantLabels, resourceToTelemetryConversion)
        for key in includeMetadataKeys where Self.reservedFields.contains(key.lowercased()) {
            found.append(Problem("include_metadata_keys", "'\(key)' is a field of the protocol itself"))
        }
        return found + deliveryProblems
    }

    private static let v2 = RemoteWriteExporter.Message.v2.rawValue

    private var deliveryProblems: [Problem] {
        let settings = effectiveDelivery
        return settings.check()
            + settings.sendingQueue.check().map { Problem("remote_write_queue::\($0.field)", $0.message) }
    }

    /// How batches wait: one is sent after the other, retries included, so that no value of a series
    /// overtakes an earlier one.
    var effectiveDelivery: DeliverySettings {
        var settings = delivery
        settings.queueKey = "remote_write_queue"
        settings.sendingQueue.numConsumers = 1
        settings.sendingQueue.queueSize = queue.queueSize
        settings.sendingQueue.overflow = queue.overflow
        settings.sendingQueue.storage = queue.storage
        // A queue that is not enabled would send batches of different senders at the same time.
        settings.sendingQueue.waitForResult = !queue.enabled
        settings.adaptiveConcurrency.enabled = false
        return settings
    }

    /// Where requests go.
    func address() throws(ComponentError) -> Endpoint {
        guard !effectiveClient.endpoint.isEmpty else {
            throw ComponentError("must be the URL to write to, such as http://prometheus:9090/api/v1/write")
        }
        let endpoint = try Endpoint(parsing: effectiveClient.endpoint, defaultPort: 9090)
        guard endpoint.scheme == .http || endpoint.scheme == .https else {
            throw ComponentError("must be a URL that begins with http:// or https://")
        }
        return endpoint
    }
}
