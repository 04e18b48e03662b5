internal import Logging
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// What the one thread of a spool does: it takes all work there is, does it, and answers.
struct SpoolThread: Sendable {
    /// What opening a spool gives.
    struct Opened: Sendable {
        let records: [SpoolRecord]
        let damage: SpoolDamage
    }

    /// How long to wait, in milliseconds, before the disk is asked again for what it refused.
    private static let retryPause: Int32 = 1000
    /// Bytes that are written and synchronized together, unless a single record is larger.
    private static let portionSize = 4 << 20

    let settings: SpoolSettings
    let signal: Signal
    let disk: any SpoolDisk
    let clock: any PipelineClock
    let logger: Logger
    let mailbox: SpoolMailbox
    let sizeOnDisk: Balance
    /// Held until the end.
    let lock: SpoolLock

    /// Recovers, answers, works until it is told to end, and lets go of the directory.
    func run(opened: (Result<Opened, SpoolError>) -> Void, ended: () -> Void) {
        defer { ended() }
        defer { lock.release() }
        var recovery = SpoolRecovery(settings, signal: signal, disk: disk, logger: logger)
        do throws(SpoolError) {
            try recovery.run()
        } catch {
            return opened(.failure(error))
        }
        var store = SpoolStore(
            settings: settings, signal: signal, disk: disk, logger: logger, sizeOnDisk: sizeOnDisk,
            segments: recovery.segments, lastNumber: recovery.lastNumber)
        store.settle()
        opened(.success(Opened(records: recovery.records, damage: recovery.damage)))
        work(&store)
    }

    private func work(_ store: inout SpoolStore) {
        var timer: Task<Void, Never>?
        while true {
            let work = mailbox.take(timeout: store.unsettled.isEmpty ? -1 : Self.retryPause)
            store.backlog += work.completions
            // Reads are answered from the cache of the system as a rule, so they do not hold up the rest.
            for read in work.reads { answer(read, &store) }
            write(work.appends, &store)
            store.settle()
            if work.isLast { break }
            if work.synchronize {
                timer = nil
                store.synchronizeAndTell()
            }
            if timer == nil, store.isDirty || store.directoryIsDirty { timer = startTimer() }
        }
        timer?.cancel()
        store.close()
    }

    /// Writes and answers in portions, so that the first does not wait for the last of many.
    private func write(_ appends: [SpoolAppend], _ store: inout SpoolStore) {
        var rest = appends[...]
        while !rest.isEmpty {
            var size = 0
            let portion = rest.prefix { append in
                defer { size += append.record.byteCount }
                return size < Self.portionSize
            }
            for answer in store.append(portion) { answer.append.whenWritten(answer.error) }
            rest = rest.dropFirst(portion.count)
        }
    }

    private func answer(_ read: SpoolRead, _ store: inout SpoolStore) {
        let result: Result<SpoolRecord.Content, SpoolError>
        do throws(SpoolError) {
            // Removed meanwhile: the segment may be gone too.
            guard read.record.location != nil else { throw SpoolError(.removed) }
            result = .success(try store.read(read.location))
        } catch {
            result = .failure(error)
        }
        read.answer.resume(returning: result)
    }

    /// Has the disk synchronized when the interval is over; runs only while there is something to write.
    private func startTimer() -> Task<Void, Never>? {
        guard case .interval(let interval) = settings.synchronization else { return nil }
        return Task { [clock, weak mailbox] in
            do { try await clock.sleep(for: interval) } catch { return }
            _ = mailbox?.post { $0.synchronize = true }
        }
    }
}
