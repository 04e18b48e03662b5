internal import Delivery
public import Pipeline
public import Telemetry

/// Collects small batches into larger ones, by number of items and by time.
///
/// Every lane collects on its own, so that no lane waits for another: with N lanes there are up to N batches
/// in the making per pipeline (and per combination of metadata), each of which is sent when it has
/// `send_batch_size` items or its first item is `timeout` old. Under little traffic batches are therefore
/// smaller than with a single lane, never later.
///
/// With `metadata_keys`, telemetry of senders that differ in one of them is never mixed. A combination that
/// would exceed `metadata_cardinality_limit` on its lane is refused for good, as otelcol does; unlike there a
/// combination without telemetry for five minutes is forgotten and no longer counts.
public struct BatchProcessor: Holder {
    public static let name = "batch"
    public static let summary = "Collects small batches into larger ones, by number of items and by time."
    // Profiles refer to a dictionary of the whole message, so they cannot be put together by appending.
    public static let signals: [Signal] = [.traces, .metrics, .logs]

    private var collector: BatchCollector

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let rules = configuration.rules
        let meters = BatchMeters(context, hasPartitions: !rules.keys.isEmpty)
        collector = BatchCollector(
            rules, census: meters.census, clock: context.clock, count: { meters.count($0) })
    }

    public var deadline: Instant? { collector.deadline }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        guard collector.take(batch, into: &output) else {
            throw .never(reason: "too many combinations of metadata values for the batch processor")
        }
    }

    public mutating func release(into output: inout Output) { collector.release(into: &output) }

    public mutating func drain(into output: inout Output) { collector.drain(into: &output) }
}
