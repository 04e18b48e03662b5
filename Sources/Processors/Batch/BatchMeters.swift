internal import Delivery
internal import Pipeline
internal import Telemetry

/// The metrics of the `batch` processor, with otelcol's names.
struct BatchMeters {
    let census: BatchCensus
    private let sendSize: Histogram
    private let sizeTrigger: Counter
    private let timeoutTrigger: Counter

    /// Without partitions there is nothing to count: the cardinality is 1, as in otelcol.
    init(_ context: Context, hasPartitions: Bool) {
        let labels: Metrics.Labels = [("processor", context.id.description)]
        let metrics = context.metrics
        sendSize = metrics.histogram(
            "otelcol_processor_batch_batch_send_size", "Items in the batches that were sent.",
            bounds: BatchRules.sendSizeBounds,
            labels: labels)
        sizeTrigger = metrics.counter(
            "otelcol_processor_batch_batch_size_trigger_send", "Batches sent because they were large enough.",
            labels: labels)
        timeoutTrigger = metrics.counter(
            "otelcol_processor_batch_timeout_trigger_send",
            "Batches sent because they had waited long enough.",
            labels: labels)
        let census = Siblings.object(for: context) { BatchCensus() }
        self.census = census
        metrics.observe(
            "otelcol_processor_batch_metadata_cardinality",
            "Combinations of metadata values that batches are kept apart by, over all lanes.", labels: labels
        ) { hasPartitions ? Double(census.count) : 1 }
    }

    func count(_ portion: Batcher.Portion) {
        sendSize.observe(Double(portion.batch.itemCount))
        switch portion.trigger {
        case .size: sizeTrigger.add(1)
        // What is sent because the pipeline stops counts as sent by time, as in otelcol.
        case .timeout, .flush: timeoutTrigger.add(1)
        }
    }
}
