public import Pipeline
public import Telemetry

/// `sending_queue.batch` of one exporter for one signal: what the batchers of all lanes have in common.
public final class QueueBatching: Sendable {
    private let rules: BatchRules
    private let labels: Metrics.Labels
    private let clock: any PipelineClock
    private let census = BatchCensus()
    private let sendSize: Histogram
    private let sizeTrigger: Counter
    private let timeoutTrigger: Counter

    /// Takes the settings of `exporter` and registers the series of what its batches are like.
    public init(
        _ settings: QueueBatchSettings, exporter: ComponentID, signal: Signal, metrics: Metrics,
        clock: any PipelineClock
    ) {
        rules = BatchRules(settings)
        self.clock = clock
        let exporter: Metrics.Labels = [("exporter", exporter.description)]
        labels = [("data_type", signal.rawValue)] + exporter
        sendSize = metrics.histogram(
            "otelcol_exporter_queue_batch_send_size", "Items in the batches that went to the queue.",
            bounds: BatchRules.sendSizeBounds, labels: exporter)
        sizeTrigger = metrics.counter(
            "apus_exporter_batch_size_trigger_send",
            "Batches that went to the queue because they were large enough.", labels: labels)
        timeoutTrigger = metrics.counter(
            "apus_exporter_batch_timeout_trigger_send",
            "Batches that went to the queue because they had waited long enough.", labels: labels)
    }

    /// The batcher of one pipeline on one lane.
    public func batcher() -> QueueBatcher {
        QueueBatcher(
            BatchCollector(rules, census: census, clock: clock) { [sendSize, sizeTrigger, timeoutTrigger] in
                sendSize.observe(Double($0.batch.itemCount))
                switch $0.trigger {
                case .size: sizeTrigger.add(1)
                case .timeout, .flush: timeoutTrigger.add(1)
                }
            })
    }

    /// Publishes how many combinations of metadata values batches are kept apart by.
    public func publish(in metrics: Metrics) {
        metrics.observe(
            "apus_exporter_batch_partitions",
            "Combinations of metadata values that batches are kept apart by, over all lanes.", labels: labels
        ) { [weak self] in Double(self?.census.count ?? 0) }
    }
}

extension BatchRules {
    init(_ settings: QueueBatchSettings) {
        self.init(
            limits: Batcher.Limits(
                sizer: settings.sizer == .items ? .items : .bytes, minimum: settings.minSize,
                maximum: settings.maxSize, timeout: settings.flushTimeout),
            keys: settings.partition.metadataKeys, capacity: settings.partition.metadataCardinalityLimit,
            idleTime: settings.flushTimeout * 10)
    }
}
