internal import Pipeline
internal import Synchronization

/// What a collector does once a second for whoever watches it: the event loops are asked whether they get to
/// their work, rates are sampled, and statuses that have calmed down are told.
final class CollectorPulse: Sendable {
    let watchdog: LoopWatchdog
    let rates = RateWindows()
    private let surroundings: EngineSurroundings
    private let tasks = Mutex<[Task<Void, Never>]>([])

    init(_ surroundings: EngineSurroundings) {
        self.surroundings = surroundings
        watchdog = LoopWatchdog(
            loops: surroundings.lanes.map { $0.eventLoop }, clock: surroundings.clock)
    }

    /// Begins, unless it has begun; goes on until `stop`.
    func start(_ running: @escaping @Sendable () -> RunningGraph?) {
        tasks.withLock { tasks in
            guard tasks.isEmpty else { return }
            tasks = [
                Task { [watchdog] in await watchdog.run() },
                Task { [rates, surroundings] in
                    await rates.run(surroundings.clock) {
                        surroundings.statuses.settle()
                        return running().map { EdgeReading.all(of: $0) } ?? []
                    }
                },
            ]
        }
    }

    /// Ends; afterwards nothing is asked of the loops any more.
    func stop() async {
        let running = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in running { task.cancel() }
        for task in running { await task.value }
    }
}
