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

    private let clock: any PipelineClock
    private let meters: BatchMeters
    private var partitions: BatchPartitions

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let keys = configuration.metadataKeys.map { $0.lowercased() }.sorted()
        clock = context.clock
        meters = BatchMeters(context, hasPartitions: !keys.isEmpty)
        partitions = BatchPartitions(
            keys: keys, limits: configuration.limits,
            capacity: keys.isEmpty ? 0 : configuration.metadataCardinalityLimit, census: meters.census)
    }

    public var deadline: Instant? { partitions.due }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        guard let portions = partitions.add(batch, at: clock.now) else {
            throw .never(reason: "too many combinations of metadata values for the batch processor")
        }
        emit(portions, into: &output)
    }

    public mutating func release(into output: inout Output) {
        emit(partitions.takeDue(at: clock.now), into: &output)
    }

    public mutating func drain(into output: inout Output) {
        emit(partitions.flush(), into: &output)
    }

    private func emit(_ portions: [Batcher.Portion], into output: inout Output) {
        for portion in portions {
            meters.count(portion)
            output.emit(portion.batch)
        }
    }
}
