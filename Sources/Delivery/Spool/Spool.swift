public import Logging
public import Pipeline
public import Telemetry
public import Wire

/// A log of batches on a disk, which outlives the process.
///
/// Records are appended, read back in any order, and removed in any order; a restart finds those that were
/// not removed. One thread owns the files and writes everything that has come in since its last turn at
/// once. Nothing here is held back: whoever appends bounds how much waits.
public final class Spool: Sendable {
    private let mailbox: SpoolMailbox
    private let clock: any PipelineClock
    private let bytes: Balance
    private let ended: Gate
    private let signal: Signal

    private init(
        _ signal: Signal, mailbox: SpoolMailbox, clock: any PipelineClock, bytes: Balance, ended: Gate
    ) {
        self.signal = signal
        self.mailbox = mailbox
        self.clock = clock
        self.bytes = bytes
        self.ended = ended
    }

    deinit { _ = mailbox.post { $0.isLast = true } }

    /// Takes a directory into use: makes it, locks it, and reads what is there.
    ///
    /// Returns the records that were not removed, the oldest first and without their batches, and what had
    /// to be left out. Throws `.locked` when another process holds the directory for longer than
    /// `lockTimeout`, `.corrupt` for files that are no segments unless `recreate` is set, and what the
    /// operating system says.
    public static func open(
        _ settings: SpoolSettings, signal: Signal, clock: any PipelineClock, logger: Logger
    ) async throws(SpoolError) -> (spool: Spool, records: [SpoolRecord], damage: SpoolDamage) {
        try await open(settings, signal: signal, clock: clock, logger: logger, disk: SystemDisk())
    }

    static func open(
        _ settings: SpoolSettings, signal: Signal, clock: any PipelineClock, logger: Logger,
        disk: any SpoolDisk
    ) async throws(SpoolError) -> (spool: Spool, records: [SpoolRecord], damage: SpoolDamage) {
        let mailbox: SpoolMailbox
        do throws(FileError) {
            try Directory.make(settings.directory, permissions: settings.directoryPermissions)
            mailbox = try SpoolMailbox()
        } catch {
            throw SpoolError(error)
        }
        let lock = try await SpoolLock.acquire(
            settings.directory, timeout: settings.lockTimeout, clock: clock)
        let bytes = Balance()
        let ended = Gate()
        let thread = SpoolThread(
            settings: settings, signal: signal, disk: disk, clock: clock, logger: logger, mailbox: mailbox,
            sizeOnDisk: bytes, lock: lock)
        let result = await withCheckedContinuation { continuation in
            do throws(FileError) {
                try DiskThread.start(for: settings.directory) {
                    thread.run {
                        continuation.resume(returning: $0)
                    } ended: {
                        ended.open()
                    }
                }
            } catch {
                continuation.resume(returning: .failure(SpoolError(error)))
            }
        }
        let opened = try result.get()
        let spool = Spool(signal, mailbox: mailbox, clock: clock, bytes: bytes, ended: ended)
        return (spool, opened.records, opened.damage)
    }

    /// Appends a batch, with a note for whoever reads it back; never blocks, on any thread.
    ///
    /// `whenWritten` is called once, on the spool's thread: with `nil` when the record is as safe as
    /// `synchronization` promises, and also when it was removed before it was written, because nothing is
    /// owed then; with an error when it is not in the spool, and then never was. After the end of the spool
    /// it is called with `.closed`, in a task. The signal of the batch is that of the spool.
    public func append(
        _ batch: Batch, note: Bytes = .empty, whenWritten: @escaping @Sendable (SpoolError?) -> Void
    ) -> SpoolRecord {
        precondition(batch.signal == signal, "a spool holds batches of one signal")
        let record = SpoolRecord(batch, note: note, time: clock.unixNanoseconds)
        let append = SpoolAppend(record: record, whenWritten: whenWritten)
        if !mailbox.post({ $0.appends.append(append) }) {
            _ = record.remove()
            Task { whenWritten(SpoolError(.closed)) }
        }
        return record
    }

    /// Forgets a record that was delivered or given up; never blocks, on any thread.
    ///
    /// It does not come back after a restart, unless the process is killed within the next milliseconds or
    /// the machine loses its power. A record that was not written yet never will be.
    public func remove(_ record: SpoolRecord) {
        guard let location = record.remove() else { return }
        // When the spool is closed it is too late, and the record comes back.
        _ = mailbox.post { $0.completions.append(location) }
    }

    /// Reads a record back, from memory when it still waits to be written.
    ///
    /// Throws `.corrupt` when the disk does not give back what was written, `.removed` and `.closed`.
    public func read(_ record: SpoolRecord) async throws(SpoolError) -> (batch: Batch, note: Bytes) {
        let content: SpoolRecord.Content
        switch record.source {
        case .memory(let kept): content = kept
        case .nowhere: throw SpoolError(.removed)
        case .disk(let location):
            let result = await withCheckedContinuation { continuation in
                let read = SpoolRead(record: record, location: location, answer: continuation)
                if !mailbox.post({ $0.reads.append(read) }) {
                    continuation.resume(returning: .failure(SpoolError(.closed)))
                }
            }
            content = try result.get()
        }
        return (content.batch, content.note)
    }

    /// Writes what waits, synchronizes, and lets go of the directory; returns when that is done.
    ///
    /// A disk that does not answer holds this up for as long as it likes: its thread cannot be stopped.
    public func close() async {
        _ = mailbox.post { $0.isLast = true }
        await ended.wait()
    }

    /// Bytes of all segments and completion files.
    public var sizeOnDisk: Int { bytes.value }
}
