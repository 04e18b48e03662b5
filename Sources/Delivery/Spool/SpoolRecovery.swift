internal import Logging
internal import Telemetry

/// Finding out what a directory holds when a spool is opened.
///
/// Every segment is read once, from its beginning to its first record that is not what was written. What is
/// behind that is cut off; what is before it, and in other segments, stays.
struct SpoolRecovery {
    let settings: SpoolSettings
    let signal: Signal
    let disk: any SpoolDisk
    let logger: Logger
    private(set) var segments: [UInt64: SpoolStore.Segment] = [:]
    /// What is not done, the oldest first.
    private(set) var records: [SpoolRecord] = []
    private(set) var damage = SpoolDamage()
    /// The highest number that a file in the directory has.
    private(set) var lastNumber: UInt64 = 0

    init(_ settings: SpoolSettings, signal: Signal, disk: any SpoolDisk, logger: Logger) {
        self.settings = settings
        self.signal = signal
        self.disk = disk
        self.logger = logger
    }

    /// Reads the directory, and changes there only what cannot be used.
    mutating func run() throws(SpoolError) {
        let numbers = try listSegments()
        for number in numbers {
            let content: SegmentFile.Content
            do throws(FileError) {
                content = try SegmentFile.read(number, in: settings.directory, disk: disk)
            } catch {
                throw SpoolError(error)
            }
            try take(number, content, isNewest: number == numbers.last)
        }
    }

    /// The numbers of all segments in their order; completion files without a segment are removed.
    private mutating func listSegments() throws(SpoolError) -> [UInt64] {
        let names: [String]
        do throws(FileError) {
            names = try Directory.names(in: settings.directory)
        } catch {
            throw SpoolError(error)
        }
        let numbers = names.compactMap { SegmentFile.number(of: $0) }.sorted()
        let completed = names.compactMap { SegmentFile.number(of: $0, suffix: SegmentFile.doneSuffix) }
        let corrupt = names.compactMap { SegmentFile.number(of: $0, suffix: SegmentFile.corruptSuffix) }
        lastNumber = (numbers + completed + corrupt).max() ?? 0
        for orphan in Set(completed).subtracting(numbers) {
            try? disk.remove(SegmentFile.donePath(orphan, in: settings.directory))
        }
        return numbers
    }

    private mutating func take(
        _ number: UInt64, _ content: SegmentFile.Content, isNewest: Bool
    ) throws(SpoolError) {
        let scanner = content.scanner
        switch scanner.header {
        case .bad(let reason):
            return try reject(number, reason)
        case .good(let found) where found != signal:
            return try reject(number, "it holds \(found.rawValue) where \(signal.rawValue) are expected")
        case .good, .torn, nil:
            break
        }
        var segment = SpoolStore.Segment()
        segment.size = scanner.goodEnd
        if scanner.goodEnd < scanner.size {
            segment.size = cutOff(number, scanner, isNewest: isNewest)
        }
        segment.count = UInt32(scanner.records.count)
        segment.doneSize = content.doneSize / CompletionEntries.entrySize * CompletionEntries.entrySize
        for found in scanner.records where !content.done.contains(found.index) {
            let location = SpoolLocation(
                segment: number, index: found.index, offset: found.offset, length: found.facts.length)
            records.append(SpoolRecord(found.facts, at: location))
            segment.live += 1
        }
        segments[number] = segment
    }

    /// Cuts off what makes no sense and returns how long the file is now.
    private mutating func cutOff(_ number: UInt64, _ scanner: SegmentScanner, isNewest: Bool) -> Int {
        // Anything else than half a record at the very end is no trace of a process that was killed.
        let isTornTail = isNewest && (scanner.endsWithinRecord || scanner.header == .torn)
        let cut = SpoolDamage.Cut(
            file: SegmentFile.path(number, in: settings.directory), offset: scanner.goodEnd,
            bytes: scanner.size - scanner.goodEnd, isTornTail: isTornTail)
        damage.cuts.append(cut)
        let metadata: Logger.Metadata = [
            "file": "\(cut.file)", "offset": "\(cut.offset)", "bytes": "\(cut.bytes)",
            "records_before": "\(scanner.records.count)",
        ]
        if isTornTail {
            logger.info("cut off the end of a segment that was being written", metadata: metadata)
        } else {
            logger.warning("a segment is damaged; the rest of it is cut off and lost", metadata: metadata)
        }
        do throws(FileError) {
            let file = try disk.open(cut.file, .write)
            defer { disk.close(file) }
            try disk.truncate(file, to: scanner.goodEnd)
            return scanner.goodEnd
        } catch {
            // The next start will find it again; nothing is written to this segment any more.
            logger.warning("cannot cut it off", metadata: ["error": "\(error)"])
            return scanner.size
        }
    }

    /// Puts a file aside that is no segment, or refuses to start beside it.
    private mutating func reject(_ number: UInt64, _ reason: String) throws(SpoolError) {
        let path = SegmentFile.path(number, in: settings.directory)
        guard settings.recreate else { throw SpoolError(.corrupt(what: reason, place: path)) }
        let aside = SegmentFile.corruptPath(number, in: settings.directory)
        do throws(FileError) {
            try disk.rename(path, to: aside)
        } catch {
            throw SpoolError(error)
        }
        try? disk.remove(SegmentFile.donePath(number, in: settings.directory))
        damage.setAside.append(aside)
        logger.warning(
            "a file is no segment and was set aside; what it holds is not delivered",
            metadata: ["file": "\(aside)", "reason": "\(reason)"])
    }
}
