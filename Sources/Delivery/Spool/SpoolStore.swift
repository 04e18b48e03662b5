internal import Glibc
internal import Logging
internal import Pipeline
internal import Telemetry
internal import Wire

/// The files of a spool, in the hands of its one thread.
///
/// New records go to the end of the active segment, which is made when the first of them comes. A segment
/// whose records are all done, and which is not the active one, is removed, wherever it stands in the row.
struct SpoolStore: ~Copyable {
    /// What is known of one segment file and its completion file.
    struct Segment {
        /// Bytes of the segment file.
        var size = 0
        /// Records in it.
        var count: UInt32 = 0
        /// Records in it that are not done.
        var live = 0
        /// Bytes of the completion file, whole entries.
        var doneSize = 0
        /// Records that are done and not yet written down.
        var undone: [UInt32] = []
    }

    /// The segment that is written to.
    struct Active {
        let number: UInt64
        let file: DiskFile
    }

    let settings: SpoolSettings
    let signal: Signal
    let disk: any SpoolDisk
    let logger: Logger
    /// Bytes of all files, read by other threads.
    let sizeOnDisk: Balance
    var segments: [UInt64: Segment]
    var active: Active?
    /// No segment ever had a higher number.
    var lastNumber: UInt64
    /// Completions that have been handed over and not yet taken in.
    var backlog: [SpoolLocation] = []
    /// Segments with completions that are not written down, or that could not be removed.
    var unsettled: Set<UInt64>
    /// Whether the active segment has records that are not synchronized.
    var isDirty = false
    /// Whether files were made or removed since the directory was synchronized.
    var directoryIsDirty = false
    /// What kept records from being synchronized, until somebody has been told.
    var syncFailure: FileError?
    /// The ended segment that was read last, kept open for the next record of it.
    private var reading: Active?

    init(
        settings: SpoolSettings, signal: Signal, disk: any SpoolDisk, logger: Logger, sizeOnDisk: Balance,
        segments: [UInt64: Segment], lastNumber: UInt64
    ) {
        self.settings = settings
        self.signal = signal
        self.disk = disk
        self.logger = logger
        self.sizeOnDisk = sizeOnDisk
        self.segments = segments
        self.lastNumber = lastNumber
        unsettled = Set(segments.filter { $0.value.live == 0 }.keys)
        sizeOnDisk.add(segments.values.reduce(0) { $0 + $1.size + $1.doneSize })
    }

    var synchronizes: Bool { settings.synchronization != .never }

    func path(_ number: UInt64) -> String { SegmentFile.path(number, in: settings.directory) }

    /// Notes how long the files of a segment are now and keeps account of the bytes on the disk.
    mutating func resize(_ number: UInt64, size: Int? = nil, doneSize: Int? = nil) {
        guard let before = segments[number] else { return }
        let (size, doneSize) = (size ?? before.size, doneSize ?? before.doneSize)
        sizeOnDisk.add(size + doneSize - before.size - before.doneSize)
        segments[number]?.size = size
        segments[number]?.doneSize = doneSize
    }

    // MARK: - The active segment

    /// The segment to write to, made now if there is none.
    ///
    /// Numbers follow the time, so that a number does not come back after everything was removed and the
    /// program started anew: dead letters are named by it.
    mutating func openActive(at time: UInt64) throws(FileError) -> Active {
        if let active { return active }
        let number = max(lastNumber + 1, time / 1_000_000)
        let made = Active(number: number, file: try disk.open(path(number), .write))
        lastNumber = number
        segments[number] = Segment()
        directoryIsDirty = true
        active = made
        return made
    }

    /// Ends the active segment, synchronized; the next record begins another one.
    mutating func endActive() {
        guard let ended = active else { return }
        if isDirty, synchronizes {
            do throws(FileError) { try disk.synchronize(ended.file) } catch { syncFailure = error }
        }
        disk.close(ended.file)
        active = nil
        isDirty = false
        unsettled.insert(ended.number)
    }

    /// Brings everything to the disk and returns what has kept records from getting there.
    mutating func synchronize() -> FileError? {
        if let active, isDirty {
            do throws(FileError) {
                try disk.synchronize(active.file)
                isDirty = false
            } catch {
                syncFailure = error
                // The system takes the pages for clean after such a failure and forgets it, so nothing more
                // is written to this segment.
                isDirty = false
                endActive()
            }
        }
        if directoryIsDirty {
            do throws(FileError) {
                try disk.synchronizeDirectory(settings.directory)
                directoryIsDirty = false
            } catch {
                syncFailure = error
            }
        }
        defer { syncFailure = nil }
        return syncFailure
    }

    /// Brings everything to the disk, as the interval or the end wants it.
    mutating func synchronizeAndTell() {
        guard synchronizes, let error = synchronize() else { return }
        logger.error(
            "the spool cannot be synchronized; what was written lately may not survive a loss of power",
            metadata: ["error": "\(error)"])
    }

    // MARK: - Reading and the end

    mutating func read(_ location: SpoolLocation) throws(SpoolError) -> SpoolRecord.Content {
        let bytes: Bytes
        do throws(FileError) {
            let file = try file(of: location.segment)
            bytes = try disk.read(from: file, at: location.offset, count: location.length)
        } catch {
            throw SpoolError(error)
        }
        guard let (batch, note) = SegmentRecord.decode(bytes, signal: signal) else {
            throw SpoolError(
                .corrupt(
                    what: "the record is not what was written",
                    place: "\(path(location.segment)) at byte \(location.offset)"))
        }
        return SpoolRecord.Content(batch: batch, note: note)
    }

    private mutating func file(of number: UInt64) throws(FileError) -> DiskFile {
        if let active, active.number == number { return active.file }
        if let reading, reading.number == number { return reading.file }
        let file = try disk.open(path(number), .read)
        stopReading()
        reading = Active(number: number, file: file)
        return file
    }

    /// Closes the segment that was read last, if it is `number` or no number is given.
    mutating func stopReading(_ number: UInt64? = nil) {
        guard let open = reading, number == nil || open.number == number else { return }
        disk.close(open.file)
        reading = nil
    }

    /// Settles everything as far as the disk allows and closes the files.
    mutating func close() {
        endActive()
        settle()
        stopReading()
        synchronizeAndTell()
    }
}
