internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The requests and series of one connector, shared by all lanes and taken over by whatever replaces it after
/// a change of the configuration that the series do not depend on.
///
/// The two ends of a request come over different connections, so over different lanes; a lane holds the lock
/// for a number of ends that it has found before, or for a batch of metrics.
final class ServiceGraphState: SharedState {
    let users = ShareCount()
    private let content = Mutex(ServiceGraphAggregate())

    var edgeCount: Int { content.withLock { $0.edgeCount } }
    var seriesCount: Int { content.withLock { $0.seriesCount } }
    /// Memory that all of it takes, at most.
    var byteCount: Int { content.withLock { $0.byteCount } }
    /// When there is something to do.
    func deadline(_ rules: ServiceGraphRules) -> Instant? { content.withLock { $0.deadline(rules) } }

    /// Adds ends of requests.
    func add(
        _ ends: [EdgeEnd], _ rules: ServiceGraphRules, at moment: Moment
    ) -> ServiceGraphAggregate.Outcome {
        content.withLock { $0.add(ends, rules, at: moment) }
    }

    /// Does what is due, or a part of it.
    func release(
        _ rules: ServiceGraphRules, at moment: Moment
    ) -> ([Batch], ServiceGraphAggregate.Outcome) {
        content.withLock { $0.release(rules, at: moment) }
    }

    /// Ends all waits and writes everything that was not written.
    func drain(
        _ rules: ServiceGraphRules, at moment: Moment
    ) -> ([Batch], ServiceGraphAggregate.Outcome) {
        content.withLock { $0.drain(rules, at: moment) }
    }
}
