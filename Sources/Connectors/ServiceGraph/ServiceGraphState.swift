internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The requests and series of one connector, shared by all lanes and taken over by whatever replaces it after
/// a change of the configuration that the series do not depend on.
///
/// The two ends of a request come over different connections, so over different lanes; a lane holds the lock
/// for a number of ends that it has found before, or for a batch of metrics.
final class ServiceGraphState: Sendable {
    private let content = Mutex(ServiceGraphAggregate())
    private let shares = Atomic<Int>(0)

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

    /// Writes everything that was not written.
    func drain(
        _ rules: ServiceGraphRules, isLast: Bool, at moment: Moment
    ) -> ([Batch], ServiceGraphAggregate.Outcome) {
        content.withLock { $0.drain(rules, isLast: isLast, at: moment) }
    }

    /// One value of the connector that uses the state, until it is let go or says that it has stopped.
    final class Share: Sendable {
        let state: ServiceGraphState
        private let hasStopped = Atomic<Bool>(false)

        init(_ state: ServiceGraphState) {
            self.state = state
            state.shares.wrappingAdd(1, ordering: .sequentiallyConsistent)
        }

        deinit { stop() }

        /// Says that the value has stopped.
        func stop() {
            guard !hasStopped.exchange(true, ordering: .sequentiallyConsistent) else { return }
            state.shares.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        }

        /// Whether all values have stopped: nobody goes on with the state.
        var isLast: Bool { state.shares.load(ordering: .sequentiallyConsistent) == 0 }
    }
}
