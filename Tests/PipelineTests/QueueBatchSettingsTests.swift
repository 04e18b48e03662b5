import Pipeline
import Settings
import Testing

@Suite struct QueueBatchSettingsTests {
    private func queue(_ yaml: String) throws -> QueueSettings {
        try DeliverySettings.decode(yaml: yaml).sendingQueue
    }

    @Test(arguments: [
        "{}", "sending_queue: {}", "sending_queue: {batch: {enabled: false}}",
        "sending_queue: {enabled: false, batch: {min_size: 1}}",
    ])
    func `batches are not joined unless the key is written, and there is a queue`(yaml: String) throws {
        #expect(try queue(yaml).batching == nil)
    }

    @Test(arguments: ["sending_queue: {batch: }", "sending_queue: {batch: {}}"])
    func `writing the key is enough`(yaml: String) throws {
        let batching = try #require(try queue(yaml).batching)
        #expect(batching == QueueBatchSettings())
        #expect(batching.flushTimeout == .milliseconds(200))
        #expect(batching.minSize == 8192)
        #expect(batching.maxSize == 0)
        #expect(batching.sizer == .items)
    }

    @Test func `every key is read`() throws {
        let batching = try #require(
            try queue(
                """
                sending_queue:
                  sizer: items
                  batch:
                    flush_timeout: 1s
                    min_size: 10
                    max_size: 20
                    sizer: bytes
                    partition: {metadata_keys: [X-Tenant, b], metadata_cardinality_limit: 7}
                """
            ).batching)
        #expect(batching.flushTimeout == .seconds(1))
        #expect(batching.minSize == 10)
        #expect(batching.maxSize == 20)
        #expect(batching.sizer == .bytes)
        #expect(batching.partition.metadataKeys == ["X-Tenant", "b"])
        #expect(batching.partition.metadataCardinalityLimit == 7)
    }

    @Test(arguments: [
        ("{sizer: items, queue_size: 99, batch: {min_size: 100}}", "min_size", "more than queue_size"),
        ("{sizer: bytes, queue_size: 9, batch: {sizer: bytes}}", "min_size", "more than queue_size"),
        ("{batch: {min_size: 10, max_size: 9}}", "max_size", "must not be less than min_size"),
        ("{batch: {min_size: -1}}", "min_size", "must not be negative"),
        ("{batch: {max_size: -1}}", "max_size", "must not be negative"),
        ("{batch: {flush_timeout: 0s}}", "flush_timeout", "must be more than 0"),
        ("{batch: {sizer: requests}}", "sizer", "items, bytes"),
        ("{batch: {partition: {metadata_keys: [a, B, b]}}}", "metadata_keys", "names 'b' a second time"),
        ("{batch: {partition: {metadata_cardinality_limit: 0}}}", "metadata_cardinality_limit", "at least 1"),
        ("{batch: {minsize: 1}}", "minsize", "did you mean 'min_size'?"),
    ])
    func `what cannot work is refused with its reason`(yaml: String, key: String, reason: String) {
        let error = #expect(throws: InvalidSettings.self) { try queue("sending_queue: \(yaml)") }
        let text = error?.description ?? ""
        #expect(text.contains(reason), "\(text)")
        #expect(text.contains(key), "\(text)")
    }

    @Test(arguments: [
        "{sizer: items, queue_size: 100, batch: {min_size: 100}}", "{queue_size: 9, batch: {min_size: 100}}",
        "{sizer: bytes, queue_size: 9, batch: {sizer: items}}", "{batch: {min_size: 0, max_size: 5}}",
        "{enabled: false, sizer: items, queue_size: 9, batch: {min_size: 100}}",
    ])
    func `sizes that count different things are not compared`(yaml: String) {
        #expect(throws: Never.self) { try queue("sending_queue: \(yaml)") }
    }

    @Test func `a key that is named twice is reported where it stands`() {
        let yaml = """
            sending_queue:
              batch:
                partition:
                  metadata_keys:
                    - tenant
                    - other
                    - Tenant
            """
        let error = #expect(throws: InvalidSettings.self) { try queue(yaml) }
        #expect(error?.diagnostics.map { $0.position?.line } == [7])
    }
}
