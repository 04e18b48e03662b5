internal import Delivery
internal import Pipeline
internal import Telemetry

/// What the collector publishes about one queue.
struct QueueMetrics {
    private let queue: DeliveryQueue
    private let labels: Metrics.Labels

    init(_ queue: DeliveryQueue, _ key: Graph.EndKey) {
        self.queue = queue
        labels = [("data_type", key.signal.rawValue), ("exporter", key.exporter.description)]
    }

    /// Publishes it in the place of what an earlier queue of the same exporter has published.
    func publish(in metrics: Metrics) {
        metrics.observe(
            "otelcol_exporter_queue_size", "What the sending queue holds, in the unit of its sizer.",
            labels: labels
        ) { [weak queue] in Double(queue?.size ?? 0) }
        metrics.observe(
            "otelcol_exporter_queue_capacity", "What fits into the sending queue.", labels: labels
        ) { [weak queue] in Double(queue?.capacity ?? 0) }
        metrics.observe(
            "otelcol_exporter_in_flight_requests", "Batches being sent.", labels: labels
        ) { [weak queue] in Double(queue?.requestsInFlight ?? 0) }
        if queue.concurrencyLimit != nil {
            metrics.observe(
                "apus_exporter_concurrency_limit", "Batches that may be sent at the same time.",
                labels: labels
            ) { [weak queue] in Double(queue?.concurrencyLimit ?? 0) }
        }
        if queue.hasStore { publishStorage(in: metrics) }
        if queue.keepsDeadLetters { publishDeadLetters(in: metrics) }
    }

    /// What a queue keeps on disk, and what became of the items that were found there.
    private func publishStorage(in metrics: Metrics) {
        metrics.observe(
            "apus_exporter_queue_disk_bytes", "Bytes of the sending queue on disk.", labels: labels
        ) { [weak queue] in Double(queue?.sizeOnDisk ?? 0) }
        metrics.observe(
            "apus_exporter_queue_disk_write_failures", "Attempts to write the queue to disk that failed.",
            kind: .counter, labels: labels
        ) { [weak queue] in Double(queue?.failedWrites ?? 0) }
        for place in DeliveryAccount.Place.allCases {
            metrics.observe(
                "apus_recovered_items", "Items of an earlier process found on disk, by where they are.",
                labels: labels + [("place", place.rawValue)]
            ) { [weak queue] in Double(queue?.recovered.items(in: place) ?? 0) }
        }
    }

    private func publishDeadLetters(in metrics: Metrics) {
        metrics.observe("apus_dead_letters", "Refused batches that are kept.", labels: labels) {
            [weak queue] in
            Double(queue?.deadLetters?.count ?? 0)
        }
        metrics.observe("apus_dead_letter_bytes", "Bytes on disk of refused batches.", labels: labels) {
            [weak queue] in
            Double(queue?.deadLetters?.sizeOnDisk ?? 0)
        }
        metrics.observe(
            "apus_dead_letters_removed", "Refused batches that had to go for want of room or for their age.",
            kind: .counter, labels: labels
        ) { [weak queue] in
            Double((queue?.deadLetters).map { $0.displaced.letters + $0.expired.letters } ?? 0)
        }
    }
}
