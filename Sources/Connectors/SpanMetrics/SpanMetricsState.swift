internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The series of one connector, shared by all lanes and taken over by whatever replaces it after a change of
/// the configuration that the series do not depend on.
///
/// Spans of a service may come over any connection, so over any lane; a lane holds the lock for a block of
/// spans that it has read before, or for a batch of metrics.
final class SpanMetricsState: SharedState {
    let users = ShareCount()
    private let content = Mutex(SpanAggregate())

    /// How many series there are.
    var seriesCount: Int { content.withLock { $0.seriesCount } }
    /// Memory that they take, about.
    var byteCount: Int { content.withLock { $0.byteCount } }
    /// When there is something to write.
    func deadline(_ rules: SpanMetricsRules) -> Instant? { content.withLock { $0.deadline(rules) } }

    /// Counts a block of spans.
    func add(_ block: SpanBlock, _ rules: SpanMetricsRules, at moment: Moment) -> SpanAggregate.Outcome {
        content.withLock { $0.add(block, rules, at: moment) }
    }

    /// Writes what is due, or a part of it.
    func flush(_ rules: SpanMetricsRules, at moment: Moment) -> [Batch] {
        content.withLock { $0.flush(rules, at: moment) }
    }

    /// Writes everything that was not written.
    func drain(_ rules: SpanMetricsRules, at moment: Moment) -> [Batch] {
        content.withLock { $0.drain(rules, at: moment) }
    }
}
