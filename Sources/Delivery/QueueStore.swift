internal import Logging
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// What a queue keeps on disk, and what happens when the disk takes no more.
///
/// A batch that could not be written stays in memory and is written again every second, so the queue recovers
/// by itself. Meanwhile new batches are refused, or wait for the disk, as `overflow` says.
final class QueueStore: Sendable {
    /// What the store asks of its queue; all may come from the thread of the spool.
    struct Hooks: Sendable {
        /// The entry is on disk.
        let written: @Sendable (Int) -> Void
        /// Takes the entry back if its senders can be told that it is refused; `false` when it stays.
        let withdraw: @Sendable (Int, Rejection) -> Bool
        /// Gives up the oldest entries that make up so many bytes.
        let displace: @Sendable (Int) -> Void
    }

    private struct Attempt: Sendable {
        let entry: StoredEntry
        let number: Int
        let claims: EntryClaims?
    }

    private struct Trouble {
        var failed: [Attempt] = []
        var timer: Task<Void, Never>?
        var isClosing = false
    }

    private static let pause = Duration.seconds(1)

    let spool: Spool
    private let settings: SpoolSettings
    private let overflow: QueueSettings.Overflow
    private let surroundings: DeliveryQueue.Surroundings
    private let hooks: Hooks
    private let refuses = Atomic<Bool>(false)
    private let isTroubled = Atomic<Bool>(false)
    private let failures = Atomic<Int>(0)
    private let pendingWrites = Atomic<Int>(0)
    private let hasLeftSpool = Atomic<Bool>(false)
    private let trouble = Mutex(Trouble())

    init(
        _ spool: Spool, _ settings: SpoolSettings, overflow: QueueSettings.Overflow,
        surroundings: DeliveryQueue.Surroundings, hooks: Hooks
    ) {
        self.spool = spool
        self.settings = settings
        self.overflow = overflow
        self.surroundings = surroundings
        self.hooks = hooks
    }

    /// Whether the disk has failed within the last second, so that more would only fail too.
    var isRefusing: Bool { refuses.load(ordering: .relaxed) }

    /// Attempts to write that failed, since the start.
    var failedWrites: Int { failures.load(ordering: .relaxed) }

    /// The directory of the spool; `nil` when that belongs to another store.
    var directory: String? { hasLeftSpool.load(ordering: .acquiring) ? nil : settings.directory }

    /// From now on the spool belongs to another store; this one only brings its last writes to an end.
    func leaveSpool() { hasLeftSpool.store(true, ordering: .releasing) }

    /// Whether the store has left its spool and has nothing to write any more.
    var isFinished: Bool {
        hasLeftSpool.load(ordering: .acquiring) && pendingWrites.load(ordering: .acquiring) == 0
            && trouble.withLock { $0.failed.isEmpty }
    }

    /// Whether so many more bytes may be spilled.
    func hasRoom(for bytes: Int) -> Bool { !isRefusing && spool.sizeOnDisk + bytes <= settings.maxSize }

    /// Begins to write an entry; its claims are let go as soon as it is safe.
    func write(_ batch: Batch, _ number: Int, _ claims: EntryClaims?) -> StoredEntry {
        let attempt = Attempt(entry: StoredEntry(batch, in: spool), number: number, claims: claims)
        write(attempt)
        return attempt.entry
    }

    /// Writes what waits and lets go of the directory.
    func close() async {
        let failed = trouble.withLock { trouble in
            trouble.isClosing = true
            trouble.timer?.cancel()
            defer { trouble.failed = [] }
            return trouble.failed
        }
        // The last attempt: there may be room again.
        for attempt in failed { write(attempt) }
        guard !hasLeftSpool.load(ordering: .acquiring) else { return }
        await spool.close()
    }

    private func write(_ attempt: Attempt) {
        pendingWrites.wrappingAdd(1, ordering: .relaxed)
        let isHanded = attempt.entry.write { [weak self] error in
            self?.pendingWrites.wrappingSubtract(1, ordering: .releasing)
            if let error { self?.failed(attempt, error) } else { self?.succeeded(attempt) }
        }
        if !isHanded { pendingWrites.wrappingSubtract(1, ordering: .relaxed) }
    }

    private func succeeded(_ attempt: Attempt) {
        attempt.entry.written()
        attempt.claims?.safe()
        hooks.written(attempt.number)
        // An entry that is done may never have been written, so it says nothing about the disk.
        guard isTroubled.load(ordering: .relaxed), !attempt.entry.isDone,
            isTroubled.exchange(false, ordering: .relaxed)
        else { return }
        refuses.store(false, ordering: .relaxed)
        surroundings.logger.info("the queue on disk takes data again")
        surroundings.status(.ok)
    }

    private func failed(_ attempt: Attempt, _ error: SpoolError) {
        failures.wrappingAdd(1, ordering: .relaxed)
        guard !attempt.entry.isDone else { return }
        let isClosing = trouble.withLock { $0.isClosing }
        guard !isClosing else { return attempt.entry.lost() }
        report(error)
        if overflow == .dropOldest { hooks.displace(2 * settings.effectiveSegmentSize) }
        // The details, such as paths, are for those who run the collector, not for its clients.
        let reason =
            if case .io = error.kind { "the disk of the queue fails" } else {
                "the disk of the queue is full"
            }
        let rejection = Rejection.later(reason: reason, after: Self.pause)
        let isWithdrawn = overflow != .block && hooks.withdraw(attempt.number, rejection)
        tryAgainLater(isWithdrawn ? nil : attempt)
    }

    private func report(_ error: SpoolError) {
        if overflow != .block { refuses.store(true, ordering: .relaxed) }
        guard !isTroubled.exchange(true, ordering: .relaxed) else { return }
        surroundings.logger.error("cannot write the queue to disk", metadata: ["error": "\(error)"])
        surroundings.status(.recoverableError("cannot write the queue to disk: \(error)"))
    }

    /// After a pause, writes again what failed and lets new batches try.
    private func tryAgainLater(_ attempt: Attempt?) {
        let clock = surroundings.clock
        trouble.withLock { trouble in
            if let attempt { trouble.failed.append(attempt) }
            guard trouble.timer == nil, !trouble.isClosing else { return }
            trouble.timer = Task { [weak self] in
                guard (try? await clock.sleep(for: Self.pause)) != nil else { return }
                self?.tryAgain()
            }
        }
    }

    private func tryAgain() {
        refuses.store(false, ordering: .relaxed)
        let failed = trouble.withLock { trouble in
            trouble.timer = nil
            defer { trouble.failed = [] }
            return trouble.failed
        }
        for attempt in failed { write(attempt) }
    }
}
