import Exporters
import Pipeline
import Settings
import Testing

@Suite struct RemoteWriteConfigurationTests {
    private func read(_ keys: String) throws -> RemoteWriteExporter.Configuration {
        try RemoteWriteExporter.Configuration.decode(yaml: "{endpoint: 'http://h/write', \(keys)}")
    }

    @Test func `defaults are those of otelcol`() throws {
        let configuration = try read("")
        #expect(configuration.queue.queueSize == 10_000 && configuration.queue.numConsumers == 5)
        #expect(configuration.maxBatchSizeBytes == 3_000_000 && configuration.message == .v1)
        #expect(configuration.targetInfo.enabled && !configuration.sendMetadata)
        #expect(configuration.delivery.retry.initialInterval == .milliseconds(50))
    }

    @Test(arguments: [
        ("http: {endpoint: 'http://x/y', headers: {A: b}}"),
        ("http: {endpoint: 'https://x/y', compression: ''}"),
        ("remote_write_queue: {enabled: false}"),
        ("remote_write_queue: {storage: file_storage, overflow: block}"),
        ("resource_constant_labels: {included: ['k8s.*'], excluded: ['k8s.x']}"),
        ("resource_to_telemetry_conversion: {enabled: true, exclude_service_attributes: true}"),
        ("translation_strategy: NoTranslation, protobuf_message: io.prometheus.write.v2.Request"),
        ("external_labels: {a: b, 6key: c}"), ("max_batch_request_parallelism: 3, max_batch_size_bytes: 0"),
        ("convert_explicit_histograms_to_nhcb: true, keep_classic_histograms: true"),
        ("compression: snappy, send_metadata: true, disable_scope_info: true, namespace: n"),
        "target_info: {enabled: false}, retry_on_failure: {max_elapsed_time: 1m}",
        "add_metric_suffixes: false",
    ])
    func `keys of otelcol are taken`(keys: String) throws { _ = try read(keys) }

    @Test(arguments: [
        ("wal: {directory: /tmp}", "remote_write_queue::storage"),
        ("sending_queue: {enabled: true}", "remote_write_queue"),
        ("export_created_metric: {enabled: true}", "version 2"),
        ("compression: gzip", "always compressed with snappy"),
        ("compression_params: {level: 1}", "has no levels"),
        ("http: {endpoint: 'http://x', compression: zstd}", "always compressed with snappy"),
        ("http: {headers: {A: b}}", "must be the URL"),
        ("external_labels: {'': b}", "no name"), ("external_labels: {a: ''}", "no name or no value"),
        ("translation_strategy: NoTranslation", "needs protobuf_message"),
        ("translation_strategy: X", "one of"),
        ("remote_write_queue: {queue_size: 0}", "at least 1"),
        ("remote_write_queue: {overflow: spill}", "storage"),
        ("remote_write_queue: {num_consumers: -1}", "negative"),
        ("max_batch_request_parallelism: 0", "at least 1"), ("max_batch_size_bytes: -1", "negative"),
        ("include_metadata_keys: [Content-Type]", "the protocol itself"),
        ("resource_constant_labels: {included: ['[']}", "["),
        (
            "resource_constant_labels: {included: [a]}, resource_to_telemetry_conversion: {enabled: true}",
            "leave that one out"
        ),
    ])
    func `mistakes are found before anything starts`(keys: String, message: String) {
        let error = #expect(throws: InvalidSettings.self) { try read(keys) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test(arguments: ["", "localhost:9090", "unix:///x"])
    func `the endpoint has to be a URL`(endpoint: String) {
        #expect(throws: InvalidSettings.self) {
            try RemoteWriteExporter.Configuration.decode(yaml: "endpoint: '\(endpoint)'")
        }
    }
}
