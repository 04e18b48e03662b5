public import Pipeline
public import Telemetry

/// The metrics of one exporter for one signal, with otelcol's names and labels.
public struct DeliveryMeters: Sendable {
    /// Items the other side has taken.
    public let sent: Counter
    /// Items given up.
    public let sendFailed: Counter
    /// Items that found the queue full.
    public let enqueueFailed: Counter

    /// Registers the series `otelcol_exporter_{sent,send_failed,enqueue_failed}_<items>`.
    public init(exporter: ComponentID, signal: Signal, metrics: Metrics) {
        let labels: Metrics.Labels = [("exporter", exporter.description)]
        let items = signal.itemName
        sent = metrics.counter(
            "otelcol_exporter_sent_\(items)", "Items successfully sent to the destination.", labels: labels)
        sendFailed = metrics.counter(
            "otelcol_exporter_send_failed_\(items)", "Items given up after failed attempts to send.",
            labels: labels)
        enqueueFailed = metrics.counter(
            "otelcol_exporter_enqueue_failed_\(items)", "Items that found the sending queue full.",
            labels: labels)
    }
}
