internal import Synchronization
internal import Telemetry

/// The place of one entry of a queue on the disk, over all attempts to write it.
final class StoredEntry: Sendable {
    private struct State {
        var record: SpoolRecord?
        /// The batch, for as long as the disk does not have it.
        var unwritten: Batch?
        var isDone = false
        /// Called when the disk turns out not to have what was left to it.
        var whenLost: (@Sendable () -> Void)?
    }

    private let spool: Spool
    private let state: Mutex<State>

    /// A place for `batch`, which is not written yet.
    init(_ batch: Batch, in spool: Spool) {
        self.spool = spool
        state = Mutex(State(unwritten: batch))
    }

    /// A place that was found when the spool was opened.
    init(_ record: SpoolRecord, in spool: Spool) {
        self.spool = spool
        state = Mutex(State(record: record))
    }

    /// Hands the batch to the spool, unless it is there or the entry is done; `false` then.
    func write(whenWritten: @escaping @Sendable (SpoolError?) -> Void) -> Bool {
        state.withLock { state in
            guard !state.isDone, let batch = state.unwritten else { return false }
            state.record = spool.append(batch, whenWritten: whenWritten)
            return true
        }
    }

    /// The disk has the batch.
    func written() { state.withLock { $0.unwritten = nil } }

    /// Whether nobody needs the entry any more.
    var isDone: Bool { state.withLock { $0.isDone } }

    /// The batch, from memory or from the disk.
    func read() async throws(SpoolError) -> Batch {
        let (record, unwritten) = state.withLock { ($0.record, $0.unwritten) }
        if let unwritten { return unwritten }
        guard let record else { throw SpoolError(.removed) }
        return try await spool.read(record).batch
    }

    /// The entry is delivered or given up: it must not come back.
    func done() {
        state.withLock { state in
            state.isDone = true
            state.unwritten = nil
            state.whenLost = nil
            if let record = state.record { spool.remove(record) }
        }
    }

    /// The entry is left to the disk; `whenLost` is called if it turns out that the disk does not have it.
    func leave(whenLost: @escaping @Sendable () -> Void) {
        state.withLock { $0.whenLost = whenLost }
    }

    /// The spool has ended and did not take the batch.
    func lost() {
        let whenLost = state.withLock { state in
            defer { state.whenLost = nil }
            return state.whenLost
        }
        whenLost?()
    }
}
