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
        let id: ComponentID
        let meters: DeliveryMeters
        let status: @Sendable (ComponentStatus) -> Void
        let memory: MemoryBudget
        let storage: QueueStorage?
        let deadLetters: QueueStorage?
        let dropped: @Sendable (DroppedItems) -> Void

        /// Without `storage` the queue is in memory; without `deadLetters` refused data is dropped.
        public init(
            id: ComponentID, lanes: [Lane], clock: any PipelineClock, logger: Logger,
            meters: DeliveryMeters, memory: MemoryBudget,
            status: @escaping @Sendable (ComponentStatus) -> Void, storage: QueueStorage? = nil,
            deadLetters: QueueStorage? = nil,
            dropped: @escaping @Sendable (DroppedItems) -> Void = { _ in }
        ) {
            self.id = id
            self.lanes = lanes
            self.clock = clock
            self.logger = logger
            self.meters = meters
            self.memory = memory
            self.status = status
            self.storage = storage
            self.deadLetters = deadLetters
            self.dropped = dropped
        }

        /// Bytes of waiting batches that stay in memory although the disk has them; more are read back in
        /// their turn.
        ///
        /// A small part of a limit on memory, so that queues with room on disk do not keep new data out.
        var residentLimit: Int { min(64 << 20, (memory.limits?.hard ?? .max) / 16) }
    }

    /// Items that an earlier process had accepted and that were found on disk.
    public var recovered: DeliveryAccount { found.withLock { $0 } }

    let exporter: any Exporter
    /// The exporter, when it is one that hands on.
    let passing: (any PassingExporter)?
    let settings: DeliverySettings
    let surroundings: Surroundings
    private let executors: [LoopExecutor]
    let state: Mutex<QueueState>
    private let residentBytes: Balance
    let found = Mutex(DeliveryAccount())
    let store = Mutex<QueueStore?>(nil)
    let letters = Mutex<DeadLetters?>(nil)
    /// Stores of queues that this one has taken over from, for as long as they have something to do.
    let formerStores = Mutex<[QueueStore]>([])

    /// Makes the queue in front of `exporter`, empty and open.
    public init(exporter: any Exporter, settings: DeliverySettings, surroundings: Surroundings) {
        self.exporter = exporter
        passing = exporter as? any PassingExporter
        self.settings = settings
        self.surroundings = surroundings
        executors = surroundings.lanes.map { LoopExecutor($0.eventLoop) }
        let state = QueueState(settings)
        residentBytes = state.residentBytes
        self.state = Mutex(state)
    }

    /// Offers a batch, on lane `lane`.
    ///
    /// Returns `.accepted` when the queue holds the batch, `.pending` when the sender has to wait for room or
    /// for the result (as the settings say), and throws when the queue is full or closed, or when its disk
    /// takes no more. Claims on the batch are settled when it is as safe as they want.
    public func offer(
        _ batch: consuming Batch, account: DeliveryAccount, on lane: Int
    ) throws(Rejection) -> Receipt {
        // Where every sender learns the result from its claim, nobody waits for that of the call.
        let isClaimed =
            batch.claims.allSatisfy {
                !$0.isOfNobody && $0.claimant.goal.isDelivery(asked: waitsForResult)
            } && batch.claims.items >= batch.itemCount
        let entry = QueueEntry(
            batch, account: account, lane: lane, time: surroundings.clock.unixNanoseconds,
            result: waitsForResult && !isClaimed ? PendingReceipt() : nil, waitsForResult: waitsForResult)
        return try offer(entry)
    }

    private func offer(_ entry: QueueEntry) throws(Rejection) -> Receipt {
        if let store = store.withLock({ $0 }), store.isRefusing {
            entry.account.enter(.refused, entry.items)
            surroundings.meters.enqueueFailed.add(entry.items)
            throw .later(reason: "the disk of the queue is full or fails", after: .seconds(1))
        }
        switch state.withLock({ $0.offer(entry) }) {
        case .accepted(let next, let waitsForDisk):
            if !hasStore || !waitsForDisk { settle(entry.claims) }
            if let next { start(next) }
            return entry.result.map { .pending($0) } ?? .accepted
        case .displaced(let oldest, let next):
            if !hasStore { settle(entry.claims) }
            giveUp(displaced: oldest)
            if let next { start(next) }
            return entry.result.map { .pending($0) } ?? .accepted
        case .waiting(let admission):
            return .pending(entry.result ?? admission)
        case .full:
            surroundings.meters.enqueueFailed.add(entry.items)
            throw .later(reason: "the sending queue is full", after: .seconds(1))
        case .closed:
            throw .later(reason: "the exporter is shutting down", after: .seconds(1))
        case .moved(let successor):
            return try successor.offer(entry)
        }
    }

    /// Whether the settings say that senders are answered only when their data is delivered.
    public var waitsForResult: Bool {
        !settings.sendingQueue.enabled || settings.sendingQueue.waitForResult
    }

    /// Ends the pauses between attempts.
    public func tryAgainNow() { state.withLock { $0.wakeSleepers() } }

    /// The unit of the size: `requests`, `items` or `bytes`.
    public var unit: String { settings.sendingQueue.sizer.rawValue }
    /// What is in the queue, in the unit of `sizer`.
    public var size: Int { state.withLock { $0.size } }
    /// How much fits.
    public var capacity: Int { settings.sendingQueue.queueSize }
    /// Batches that may be sent at the same time at this moment; `nil` is no limit.
    public var concurrencyLimit: Int? {
        settings.sendingQueue.enabled ? state.withLock { $0.limit } : nil
    }
    /// Batches being sent at this moment.
    public var requestsInFlight: Int { state.withLock { $0.inFlight } }

    /// Takes nothing new, sends what is there until `deadline`, and leaves the rest to the disk or loses it.
    public func drain(until deadline: Instant) async {
        let idle = state.withLock { $0.close() }
        let clock = surroundings.clock
        let timer = Task { [self] in
            let left = deadline - clock.now
            if left > .zero { try? await clock.sleep(for: left) }
            if !Task.isCancelled { giveUpRest() }
        }
        await idle.wait()
        timer.cancel()
        await store.withLock { $0 }?.close()
        for former in formerStores.withLock({ $0 }) { await former.close() }
        await deadLetters?.close()
    }

    /// Ends the time of a drain that is under way; otherwise does nothing.
    public func cutShort() { if isClosing { giveUpRest() } }

    // MARK: - Sending

    func start(_ entry: QueueEntry) {
        let id = state.withLock { $0.beginTask() }
        let task = Task(executorPreference: executors[entry.lane]) { [self] in
            var next: QueueEntry? = entry
            while let entry = next {
                let latency = await deliver(entry)
                next = advance(after: entry, latency: latency)
            }
            state.withLock { $0.endTask(id) }
        }
        state.withLock { $0.attach(task, to: id) }
    }

    private func advance(after entry: QueueEntry, latency: Duration?) -> QueueEntry? {
        let now = surroundings.clock.now
        let step = state.withLock { $0.finish(entry, latency: latency, at: now) }
        go(on: step)
        step.idle?.open()
        return step.next
    }

    /// Tells those who waited for room that they have it, and starts what is to be sent.
    func go(on step: QueueState.Step) {
        for admitted in step.admitted {
            if !hasStore || !admitted.waitsForDisk { settle(admitted.entry.claims) }
            admitted.admission.resolve(nil)
        }
        for started in step.started { start(started) }
    }

    /// The memory of the queue has the telemetry, which is as safe as it gets here.
    ///
    /// In front of a connector it may get safer, so who wants that waits for the destinations behind.
    private func settle(_ claims: EntryClaims?) {
        if passing == nil { claims?.safe() } else { claims?.queued() }
    }

    /// Tells of batches that had to make room for a newer one.
    private func giveUp(displaced oldest: [QueueEntry]) {
        guard !oldest.isEmpty else { return }
        let items = oldest.reduce(0) { $0 + $1.items }
        surroundings.meters.enqueueFailed.add(items)
        surroundings.logger.error(
            "the sending queue is full, gave up the oldest data",
            metadata: ["items": "\(items)", "reason": "overflowed"])
        let rejection = Rejection.later(reason: "newer data took its place in the sending queue")
        for old in oldest {
            note(old, .overflowed, rejection.reason)
            old.refuse(rejection)
        }
    }

    /// Tells whoever wants to know why items did not get where they were meant to go.
    func note(_ entry: QueueEntry, _ place: DeliveryAccount.Place, _ reason: String) {
        surroundings.dropped(
            DroppedItems(
                items: entry.items, place: place, reason: reason, pipeline: entry.account.pipeline,
                batch: entry.batch))
    }

    /// The end of the time to shut down: what still waits is left to the disk or lost, what is under way is
    /// cancelled.
    func giveUpRest() {
        guard let remains = state.withLock({ $0.isAbandoned ? nil : $0.abandon() }) else { return }
        let refusal = Rejection.later(reason: "the collector shut down")
        for entry in remains.spilled { entry.claims?.miss(refusal) }
        for entry in remains.lost {
            note(entry, .lost, refusal.reason)
            entry.refuse(refusal)
        }
        for waiting in remains.waiting {
            waiting.admission.resolve(refusal)
            waiting.entry.refuse(refusal)
        }
        for task in remains.tasks { task.cancel() }
    }

    /// The other side did not take a batch for now that was sent at `start`.
    func noteFailure(startedAt start: Instant) {
        let now = surroundings.clock.now
        state.withLock { $0.failed(startedAt: start, at: now) }
    }

    /// Whether the intake has ended.
    var isClosing: Bool { state.withLock { $0.isClosing } }

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

// MARK: - The disk

extension DeliveryQueue {
    /// Opens what the queue keeps on disk and begins to send what an earlier process left there.
    ///
    /// Called once, before the first batch; throws when the disk cannot be used. What `predecessor` has open
    /// stays with it until `adopt`.
    public func open(after predecessor: DeliveryQueue? = nil) async throws(ComponentError) {
        try await openDeadLetters(after: predecessor)
        guard let storage = surroundings.storage, !sharesStorage(with: predecessor) else { return }
        let opened: (spool: Spool, records: [SpoolRecord], damage: SpoolDamage)
        do throws(SpoolError) {
            opened = try await Spool.open(
                storage.spool, signal: storage.signal, clock: surroundings.clock, logger: surroundings.logger)
        } catch {
            throw ComponentError(error.description, key: "\(settings.queueKey).storage")
        }
        let store = QueueStore(
            opened.spool, storage.spool, overflow: settings.sendingQueue.overflowPolicy,
            surroundings: surroundings, hooks: hooks)
        self.store.withLock { $0 = store }
        let lanes = surroundings.lanes.count
        let account = recovered
        let entries = opened.records.enumerated().map { index, record in
            QueueEntry(record, in: opened.spool, account: account, lane: index % lanes)
        }
        if !entries.isEmpty {
            let items = entries.reduce(0) { $0 + $1.items }
            surroundings.logger.info(
                "found data on disk that was not delivered before",
                metadata: ["items": "\(items)", "batches": "\(entries.count)"])
        }
        for entry in state.withLock({ $0.use(store, restoring: entries) }) { start(entry) }
    }

    private func openDeadLetters(after predecessor: DeliveryQueue?) async throws(ComponentError) {
        guard let storage = surroundings.deadLetters, !sharesDeadLetters(with: predecessor) else { return }
        do throws(SpoolError) {
            let opened = try await DeadLetters.open(
                storage.spool, maxAge: storage.maxAge ?? .zero, signal: storage.signal,
                clock: surroundings.clock, logger: surroundings.logger)
            letters.withLock { $0 = opened }
        } catch {
            throw ComponentError(error.description, key: "dead_letters.storage")
        }
    }

    /// Where refused batches go, when they are kept.
    public var deadLetters: DeadLetters? { letters.withLock { $0 } }

    /// Bytes of the queue on disk.
    public var sizeOnDisk: Int { store.withLock { $0 }?.spool.sizeOnDisk ?? 0 }

    /// Attempts to write to the disk that failed.
    public var failedWrites: Int { store.withLock { $0 }?.failedWrites ?? 0 }

    /// Whether every batch is written to disk before it counts as safe.
    public var keepsEverythingOnDisk: Bool { hasStore && settings.sendingQueue.overflow != .spill }

    /// Whether what is refused for good is kept.
    public var keepsDeadLetters: Bool { surroundings.deadLetters != nil }

    /// Whether the queue has something open on disk, be it from before its settings changed.
    public var occupiesDisk: Bool {
        hasStore || keepsDeadLetters || !formerStores.withLock { $0.isEmpty }
    }

    /// Whether the queue has a place on disk.
    public var hasStore: Bool { surroundings.storage != nil }

    /// The entry with its place on disk, made now if there is none yet; `nil` without a disk.
    func keep(_ entry: QueueEntry) -> QueueEntry? {
        guard entry.stored == nil else { return entry }
        guard let store = store.withLock({ $0 }), let batch = entry.batch else { return nil }
        var entry = entry
        entry.stored = store.write(batch, entry.number, entry.claims)
        return entry
    }

    var hooks: QueueStore.Hooks {
        QueueStore.Hooks(
            written: { [weak self, surroundings, residentBytes] number in
                // Nearly always there is nothing to do, and this comes for every record.
                guard residentBytes.value > surroundings.residentLimit else { return }
                self?.state.withLock { $0.evict(number) }
            },
            withdraw: { [weak self] number, rejection in
                guard let self, let entry = state.withLock({ $0.withdraw(number) }) else { return false }
                surroundings.meters.enqueueFailed.add(entry.items)
                entry.refuse(rejection)
                return true
            },
            displace: { [weak self] bytes in
                guard let self else { return }
                giveUp(displaced: state.withLock { $0.displace(bytes: bytes) })
            })
    }
}
