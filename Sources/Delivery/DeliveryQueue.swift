public import Logging
internal import NIOCore
public import Pipeline
internal import Synchronization
public import Telemetry
internal import Transport

/// What stands between the pipelines and one exporter for one signal: waiting, sending, trying again.
///
/// Lanes offer batches synchronously; up to `num_consumers` batches are under way at a time, each in a task
/// on the event loop of the lane that offered it, so the exporter uses a connection of that loop. The queue
/// is bounded by `queue_size` in the unit `sizer`, and a batch counts until it is delivered or given up.
public final class DeliveryQueue: Sendable {
    /// What the queue needs from its surroundings.
    public struct Surroundings: Sendable {
        let lanes: [Lane]
        let clock: any PipelineClock
        let logger: Logger
        let meters: DeliveryMeters
        let status: @Sendable (ComponentStatus) -> Void

        public init(
            lanes: [Lane], clock: any PipelineClock, logger: Logger, meters: DeliveryMeters,
            status: @escaping @Sendable (ComponentStatus) -> Void
        ) {
            self.lanes = lanes
            self.clock = clock
            self.logger = logger
            self.meters = meters
            self.status = status
        }
    }

    let exporter: any Exporter
    let settings: DeliverySettings
    let surroundings: Surroundings
    private let executors: [LoopExecutor]
    private let state: Mutex<QueueState>

    /// Makes the queue in front of `exporter`, empty and open.
    public init(exporter: any Exporter, settings: DeliverySettings, surroundings: Surroundings) {
        self.exporter = exporter
        self.settings = settings
        self.surroundings = surroundings
        executors = surroundings.lanes.map { LoopExecutor($0.eventLoop) }
        state = Mutex(QueueState(settings.sendingQueue))
    }

    /// Offers a batch, on lane `lane`.
    ///
    /// Returns `.accepted` when the queue holds the batch, `.pending` when the sender has to wait for room or
    /// for the result (as the settings say), and throws when the queue is full or closed.
    public func offer(
        _ batch: consuming Batch, account: DeliveryAccount, on lane: Int
    ) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        let needsResult = !settings.sendingQueue.enabled || settings.sendingQueue.waitForResult
        let entry = QueueEntry(
            batch: batch, account: account, lane: lane, result: needsResult ? PendingReceipt() : nil)
        switch state.withLock({ $0.offer(entry) }) {
        case .start:
            start(entry)
            return entry.result.map { .pending($0) } ?? .accepted
        case .queued:
            return entry.result.map { .pending($0) } ?? .accepted
        case .displaced(let oldest):
            giveUp(displaced: oldest)
            return .accepted
        case .waiting(let admission):
            return .pending(entry.result ?? admission)
        case .full:
            surroundings.meters.enqueueFailed.add(items)
            throw .later(reason: "the sending queue is full", after: .seconds(1))
        case .closed:
            throw .later(reason: "the exporter is shutting down", after: .seconds(1))
        }
    }

    /// What is in the queue, in the unit of `sizer`.
    public var size: Int { state.withLock { $0.size } }
    /// How much fits.
    public var capacity: Int { settings.sendingQueue.queueSize }
    /// Batches being sent at this moment.
    public var requestsInFlight: Int { state.withLock { $0.inFlight } }

    /// Takes nothing new, sends what is there until `deadline`, and gives up the rest.
    public func drain(until deadline: Instant) async {
        let idle = state.withLock { $0.close() }
        let clock = surroundings.clock
        let timer = Task { [self] in
            let left = deadline - clock.now
            if left > .zero { try? await clock.sleep(for: left) }
            if !Task.isCancelled { giveUp() }
        }
        await idle.wait()
        timer.cancel()
    }

    // MARK: - Sending

    private func start(_ entry: QueueEntry) {
        let id = state.withLock { $0.beginTask() }
        let task = Task(executorPreference: executors[entry.lane]) { [self] in
            var next: QueueEntry? = entry
            while let entry = next {
                let result = await deliver(entry)
                entry.result?.resolve(result)
                next = advance(after: entry)
            }
            state.withLock { $0.endTask(id) }
        }
        state.withLock { $0.attach(task, to: id) }
    }

    private func advance(after entry: QueueEntry) -> QueueEntry? {
        let step = state.withLock { $0.finish(entry) }
        for admitted in step.admitted { admitted.admission.resolve(nil) }
        step.idle?.open()
        return step.next
    }

    /// Tells of batches that had to make room for a newer one.
    private func giveUp(displaced oldest: [QueueEntry]) {
        let items = oldest.reduce(0) { $0 + $1.items }
        surroundings.meters.enqueueFailed.add(items)
        surroundings.logger.error(
            "the sending queue is full, gave up the oldest data",
            metadata: ["items": "\(items)", "reason": "overflowed"])
    }

    /// The end of the time to shut down: what still waits is lost, what is under way is cancelled.
    private func giveUp() {
        let remains = state.withLock { $0.abandon() }
        let refusal = Rejection.later(reason: "the collector shut down")
        for entry in remains.queued { entry.result?.resolve(refusal) }
        for waiting in remains.waiting {
            waiting.admission.resolve(refusal)
            waiting.entry.result?.resolve(refusal)
        }
        for task in remains.tasks { task.cancel() }
    }

    /// Sleeps between two attempts; a drain wakes every sleeper, so that one more attempt fits in its time.
    func pause(_ delay: Duration) async {
        let clock = surroundings.clock
        let sleeper = Task { _ = try? await clock.sleep(for: delay) }
        let id = state.withLock { $0.addSleeper(sleeper) }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        state.withLock { $0.removeSleeper(id) }
    }
}
