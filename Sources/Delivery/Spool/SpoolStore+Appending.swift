internal import Logging
internal import Pipeline
internal import Telemetry
internal import Wire

/// Writing records: all that waits goes into a segment in one call.
extension SpoolStore {
    /// What has become of one append.
    struct Answer {
        let append: SpoolAppend
        var error: SpoolError?
    }

    /// Records that will be written together.
    private struct Group {
        var appends: [(append: SpoolAppend, encoded: SegmentRecord.Encoded)] = []
        var size = 0
    }

    /// Writes every record that was not removed meanwhile, and synchronizes when every append has to be.
    mutating func append(_ appends: some Sequence<SpoolAppend>) -> [Answer] {
        var answers: [Answer] = []
        var group = Group()
        for append in appends {
            guard let content = append.record.beginWriting() else {
                answers.append(Answer(append: append))
                continue
            }
            let time = append.record.time
            guard let encoded = SegmentRecord.encode(content.batch, note: content.note, time: time),
                makeRoom(for: encoded.size, &group, &answers)
            else {
                _ = append.record.remove()
                answers.append(Answer(append: append, error: SpoolError(.full(limit: settings.maxSize))))
                continue
            }
            if activeSize + group.size >= settings.effectiveSegmentSize, activeSize + group.size > 0 {
                write(&group, &answers)
                endActive()
            }
            group.appends.append((append, encoded))
            group.size += encoded.size
        }
        write(&group, &answers)
        if settings.synchronization == .always, let failure = synchronize() { distrust(&answers, failure) }
        return answers
    }

    private var activeSize: Int { active.flatMap { segments[$0.number]?.size } ?? 0 }

    /// Whether a record fits into what the spool may take; removes what is done when that helps.
    private mutating func makeRoom(for size: Int, _ group: inout Group, _ answers: inout [Answer]) -> Bool {
        func fits() -> Bool {
            sizeOnDisk.value + group.size + size + SegmentHeader.size <= settings.maxSize
        }
        if fits() { return true }
        write(&group, &answers)
        settle()
        if let active, segments[active.number]?.live == 0 {
            endActive()
            settle()
        }
        return fits()
    }

    /// Writes a group to the end of the active segment; records that the disk does not take fail alone.
    private mutating func write(_ group: inout Group, _ answers: inout [Answer]) {
        guard let first = group.appends.first else { return }
        defer { group = Group() }
        let active: Active
        do throws(FileError) {
            active = try openActive(at: first.append.record.time)
        } catch {
            for (append, _) in group.appends { answers.append(fail(append, error)) }
            return
        }
        let start = segments[active.number]?.size ?? 0
        var pieces = start == 0 ? [SegmentHeader.encode(signal)] : []
        for (_, encoded) in group.appends { pieces.append(contentsOf: encoded.pieces) }
        let (written, error) = disk.writeAll(pieces, to: active.file, at: start)
        var end = start == 0 ? SegmentHeader.size : start
        // Half a header is none.
        var goodEnd = start + written >= end ? end : start
        for (append, encoded) in group.appends {
            end += encoded.size
            guard end <= start + written else {
                // Without an error everything was written, and this is not reached.
                answers.append(fail(append, error ?? FileError("write to", active.file.path)))
                continue
            }
            took(append.record, active.number, end - encoded.size, encoded.size)
            answers.append(Answer(append: append))
            goodEnd = end
        }
        resize(active.number, size: goodEnd)
        if goodEnd > start { isDirty = true }
        if start + written > goodEnd { cutOff(active, to: goodEnd, from: start + written) }
    }

    private mutating func took(_ record: SpoolRecord, _ number: UInt64, _ offset: Int, _ length: Int) {
        let index = segments[number]?.count ?? 0
        segments[number]?.count += 1
        segments[number]?.live += 1
        let location = SpoolLocation(segment: number, index: index, offset: offset, length: length)
        if !record.endWriting(at: location) { backlog.append(location) }
    }

    private func fail(_ append: SpoolAppend, _ error: FileError) -> Answer {
        _ = append.record.remove()
        return Answer(append: append, error: SpoolError(error))
    }

    /// Removes half a record from the end of the active segment, or goes on in another segment.
    private mutating func cutOff(_ active: Active, to size: Int, from actualSize: Int) {
        do throws(FileError) {
            try disk.truncate(active.file, to: size)
        } catch {
            logger.warning(
                "cannot cut half a record off, going on in another segment",
                metadata: ["error": "\(error)"])
            resize(active.number, size: actualSize)
            endActive()
        }
    }

    /// Takes back what was promised for this pass, because the disk may not have it.
    ///
    /// Which of the records are safe cannot be known. They are done, so that they do not come back unasked.
    private mutating func distrust(_ answers: inout [Answer], _ failure: FileError) {
        endActive()
        for index in answers.indices where answers[index].error == nil {
            guard let location = answers[index].append.record.remove() else { continue }
            backlog.append(location)
            answers[index].error = SpoolError(failure)
        }
    }
}
