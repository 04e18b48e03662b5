public import Logging
public import Pipeline
internal import Synchronization
public import Telemetry
internal import Wire

/// Where an exporter keeps the batches of one signal that the other side refused for good.
///
/// Bounded in bytes and in age: the oldest letters go first, a segment at a time when room is needed, and
/// are counted.
public final class DeadLetters: Sendable {
    /// Letters that are gone.
    public struct Count: Sendable, Equatable {
        public internal(set) var letters = 0
        /// Spans, data points, log records or profile samples in them.
        public internal(set) var items = 0

        mutating func add(_ records: some Sequence<SpoolRecord>) {
            for record in records {
                letters += 1
                items += record.itemCount
            }
        }
    }

    private struct State {
        /// The oldest first.
        var letters: [SpoolRecord] = []
        /// How often room was made.
        var clearances = 0
        var displaced = Count()
        var expired = Count()
        var expiry: Task<Void, Never>?
    }

    /// A letter on its way to the disk.
    private final class Pending: Sendable {
        let batch: Batch
        let note: Bytes
        let whenWritten: @Sendable (SpoolError?) -> Void
        /// The record of the last attempt; set before the state is let go, so that the answer finds it.
        let record = Mutex<SpoolRecord?>(nil)

        init(_ batch: Batch, _ note: Bytes, whenWritten: @escaping @Sendable (SpoolError?) -> Void) {
            self.batch = batch
            self.note = note
            self.whenWritten = whenWritten
        }
    }

    private let spool: Spool
    private let maxAge: Duration
    private let clock: any PipelineClock
    private let logger: Logger
    private let state: Mutex<State>

    private init(
        _ spool: Spool, _ letters: [SpoolRecord], maxAge: Duration, clock: any PipelineClock, logger: Logger
    ) {
        self.spool = spool
        self.maxAge = maxAge
        self.clock = clock
        self.logger = logger
        state = Mutex(State(letters: letters))
    }

    deinit { state.withLock { $0.expiry?.cancel() } }

    /// Takes the directory of a store into use, as `Spool.open` does.
    ///
    /// All its files together stay within `settings.maxSize`. Letters older than `maxAge` are removed; zero
    /// is no limit.
    public static func open(
        _ settings: SpoolSettings, maxAge: Duration, signal: Signal, clock: any PipelineClock, logger: Logger
    ) async throws(SpoolError) -> DeadLetters {
        try await open(
            settings, maxAge: maxAge, signal: signal, clock: clock, logger: logger, disk: SystemDisk())
    }

    static func open(
        _ settings: SpoolSettings, maxAge: Duration, signal: Signal, clock: any PipelineClock, logger: Logger,
        disk: any SpoolDisk
    ) async throws(SpoolError) -> DeadLetters {
        var settings = settings
        // What is left covers the completion files, which the spool does not hold against an append.
        settings.maxSize = settings.maxSize / 100 * 98
        let (spool, letters, _) = try await Spool.open(
            settings, signal: signal, clock: clock, logger: logger, disk: disk)
        let store = DeadLetters(spool, letters, maxAge: maxAge, clock: clock, logger: logger)
        store.removeExpired()
        store.startExpiry()
        return store
    }

    /// Keeps a batch; never blocks, on any thread.
    ///
    /// When there is no room the oldest letters go. `whenWritten` is called once, with an error when the
    /// letter is not kept: it is larger than the whole store, or the disk does not take it. The signal of
    /// the batch is that of the store; `reason` is cut after 4096 bytes.
    public func add(
        _ batch: Batch, reason: String, attempts: Int, exporter: ComponentID, pipeline: PipelineID?,
        whenWritten: @escaping @Sendable (SpoolError?) -> Void
    ) {
        let note = DeadLetterNote(
            exporter: exporter.description, pipeline: pipeline?.description ?? "", reason: reason,
            attempts: attempts)
        removeExpired()
        append(Pending(batch, note.encode(), whenWritten: whenWritten))
    }

    /// Letters that are kept.
    public var count: Int { state.withLock { $0.letters.count } }
    /// Bytes of all files.
    public var sizeOnDisk: Int { spool.sizeOnDisk }
    /// Letters that had to make room for newer ones since the store was opened.
    public var displaced: Count { state.withLock { $0.displaced } }
    /// Letters that became older than allowed since the store was opened, or were when it was.
    public var expired: Count { state.withLock { $0.expired } }

    /// Removes the letter whose id ends with `place` for good; `false` when there is none.
    public func discard(_ place: String) -> Bool {
        state.withLock { state in
            guard let index = state.letters.firstIndex(where: { Self.place(of: $0) == place }) else {
                return false
            }
            spool.remove(state.letters.remove(at: index))
            return true
        }
    }

    /// Reads the batch of the letter whose id ends with `place`; `nil` when there is none.
    public func batch(at place: String) async throws(DeadLetterError) -> Batch? {
        let record = state.withLock { state in state.letters.first { Self.place(of: $0) == place } }
        guard let record else { return nil }
        do throws(SpoolError) {
            return try await spool.read(record).batch
        } catch {
            throw DeadLetterError(error)
        }
    }

    private static func place(of record: SpoolRecord) -> String? {
        record.location.map { DeadLetterDirectory.Place(segment: $0.segment, index: $0.index).text }
    }

    /// Writes what waits and lets go of the directory.
    public func close() async {
        state.withLock { $0.expiry?.cancel() }
        await spool.close()
    }

    // MARK: - Room

    private func append(_ pending: Pending) {
        state.withLock { state in
            let clearances = state.clearances
            let record = spool.append(pending.batch, note: pending.note) { [self] error in
                answer(pending, error, clearances)
            }
            pending.record.withLock { $0 = record }
            state.letters.append(record)
        }
    }

    private func answer(_ pending: Pending, _ error: SpoolError?, _ clearances: Int) {
        guard let error else { return pending.whenWritten(nil) }
        let isWorthAnotherTry = state.withLock { state in
            let record = pending.record.withLock { $0 }
            state.letters.removeAll { $0 === record }
            guard case .full = error.kind else { return false }
            // Room that was made since is for this letter too: several may find the store full at once.
            return state.clearances > clearances || clear(&state)
        }
        if isWorthAnotherTry { append(pending) } else { pending.whenWritten(error) }
    }

    /// Removes the letters of the oldest segment, because space comes back by the segment; `false` when there
    /// is none.
    private func clear(_ state: inout State) -> Bool {
        // Letters that were refused stand before the first written one until they are answered.
        guard let start = state.letters.firstIndex(where: { $0.location != nil }) else { return false }
        let segment = state.letters[start].location?.segment
        let oldest = state.letters[start...].prefix { $0.location?.segment == segment }
        state.displaced.add(oldest)
        state.clearances += 1
        for letter in oldest { spool.remove(letter) }
        logger.warning(
            "the dead letters have reached their limit, removed the oldest",
            metadata: ["letters": "\(oldest.count)", "items": "\(oldest.reduce(0) { $0 + $1.itemCount })"])
        state.letters.removeSubrange(oldest.indices)
        return true
    }

    // MARK: - Age

    private func removeExpired() {
        guard maxAge > .zero else { return }
        let now = clock.unixNanoseconds
        state.withLock { state in
            let old = state.letters.prefix { letter in
                letter.time < now && .nanoseconds(now - letter.time) > maxAge
            }
            state.expired.add(old)
            for letter in old { spool.remove(letter) }
            state.letters.removeFirst(old.count)
        }
    }

    /// Looks from time to time, so that letters go although no new ones come.
    private func startExpiry() {
        guard maxAge > .zero else { return }
        let pause = max(maxAge / 10, .seconds(1))
        let task = Task { [weak self, clock] in
            while (try? await clock.sleep(for: pause)) != nil, let self { removeExpired() }
        }
        state.withLock { $0.expiry = task }
    }
}
