public import Pipeline
public import Telemetry

/// Joins batches in front of the queue of an exporter, on one lane: a step like the `batch` processor.
public struct QueueBatcher: HoldingStep {
    private var collector: BatchCollector

    init(_ collector: BatchCollector) {
        self.collector = collector
    }

    public var deadline: Instant? { collector.deadline }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        guard collector.take(batch, into: &output) else {
            // Combinations are forgotten soon, so there may be room when the sender comes back.
            throw .later(
                reason: "too many combinations of metadata values for the sending queue", after: .seconds(1))
        }
    }

    public mutating func release(into output: inout Output) { collector.release(into: &output) }

    public mutating func drain(into output: inout Output) { collector.drain(into: &output) }
}
