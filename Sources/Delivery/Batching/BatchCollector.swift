public import Pipeline
public import Telemetry

/// Collects batches on one lane into larger ones: what a step that does so is made of.
public struct BatchCollector {
    private let clock: any PipelineClock
    private let count: @Sendable (Batcher.Portion) -> Void
    private var partitions: BatchPartitions

    /// Collects by `rules`; `count` is called with everything that goes on.
    public init(
        _ rules: BatchRules, census: BatchCensus, clock: any PipelineClock,
        count: @escaping @Sendable (Batcher.Portion) -> Void
    ) {
        self.clock = clock
        self.count = count
        partitions = BatchPartitions(rules, census: census)
    }

    /// When `release` has to be called next; `nil` when nothing is kept.
    public var deadline: Instant? { partitions.due }

    /// Takes `batch` and emits what is large enough; `false`, and nothing is taken, when there would be too
    /// many combinations of metadata values.
    public mutating func take(_ batch: consuming Batch, into output: inout Output) -> Bool {
        guard let portions = partitions.add(batch, at: clock.now) else { return false }
        emit(portions, into: &output)
        return true
    }

    /// Emits what has waited long enough.
    public mutating func release(into output: inout Output) {
        emit(partitions.takeDue(at: clock.now), into: &output)
    }

    /// Emits everything.
    public mutating func drain(into output: inout Output) {
        emit(partitions.flush(), into: &output)
    }

    private func emit(_ portions: [Batcher.Portion], into output: inout Output) {
        for portion in portions {
            count(portion)
            output.emit(portion.batch)
        }
    }
}
