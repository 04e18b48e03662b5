internal import Glibc
internal import Logging
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

    /// Changes what is known of a segment and keeps account of the bytes on the disk.
    mutating func update(_ number: UInt64, _ change: (inout Segment) -> Void) {
        guard var segment = segments[number] else { return }
        let before = segment.size + segment.doneSize
        change(&segment)
        sizeOnDisk.add(segment.size + segment.doneSize - before)
        segments[number] = segment
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

    /// Ends the active segment; the next record begins another one.
    ///
    /// Returns what kept its last records from being synchronized.
    mutating func endActive() -> FileError? {
        guard let ended = active else { return nil }
        let failure = synchronizes ? synchronizeActive() : nil
        disk.close(ended.file)
        active = nil
        isDirty = false
        unsettled.insert(ended.number)
        return failure
    }

    /// Brings the records of the active segment to the disk.
    mutating func synchronizeActive() -> FileError? {
        guard let active, isDirty else { return nil }
        do throws(FileError) {
            try disk.synchronize(active.file)
            isDirty = false
            return nil
        } catch {
            return error
        }
    }

    /// Brings the names of the files to the disk.
    mutating func synchronizeDirectory() -> FileError? {
        guard directoryIsDirty else { return nil }
        do throws(FileError) {
            try disk.synchronizeDirectory(settings.directory)
            directoryIsDirty = false
            return nil
        } catch {
            return error
        }
    }

    /// Brings everything to the disk, as the interval or the end wants it.
    mutating func synchronize() {
        guard synchronizes, let error = synchronizeActive() ?? synchronizeDirectory() else { return }
        logger.error(
            "the spool cannot be synchronized; what was written lately may not survive a loss of power",
            metadata: ["error": "\(error)"])
        // After such a failure the system takes the pages for clean, so they are not trusted with more.
        if isDirty {
            isDirty = false
            _ = endActive()
        }
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
        synchronize()
        if let error = endActive() {
            logger.error("the end of the spool is not synchronized", metadata: ["error": "\(error)"])
        }
        settle()
        stopReading()
        if synchronizes, let error = synchronizeDirectory() {
            logger.error("the end of the spool is not synchronized", metadata: ["error": "\(error)"])
        }
    }
}
