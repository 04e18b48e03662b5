internal import Glibc
internal import Wire

/// Writing down what is done, and removing segments of which everything is done.
extension SpoolStore {
    /// Takes in the backlog of completions and brings it to the disk as far as that works.
    ///
    /// What does not work stays for the next time: it costs room or a record that is delivered twice, and
    /// never fails anything else. What is kept in memory is bounded by the records there were.
    mutating func settle() {
        for location in backlog {
            segments[location.segment]?.live -= 1
            segments[location.segment]?.undone.append(location.index)
            unsettled.insert(location.segment)
        }
        backlog.removeAll(keepingCapacity: true)
        for number in unsettled {
            guard let segment = segments[number] else {
                unsettled.remove(number)
                continue
            }
            if segment.live == 0, active?.number != number {
                remove(number)
            } else if writeCompletions(number, segment) {
                unsettled.remove(number)
            }
        }
    }

    /// Removes the files of a segment, the segment first.
    ///
    /// The other way round a crash between the two would bring back all of its records. A completion file
    /// alone means nothing; recovery removes it, and no other segment gets its number.
    private mutating func remove(_ number: UInt64) {
        stopReading(number)
        do throws(FileError) {
            try disk.remove(path(number))
        } catch {
            guard error.code == ENOENT else { return }
        }
        directoryIsDirty = true
        if let segment = segments.removeValue(forKey: number) {
            sizeOnDisk.add(-segment.size - segment.doneSize)
            if segment.doneSize > 0 {
                try? disk.remove(SegmentFile.donePath(number, in: settings.directory))
            }
        }
        unsettled.remove(number)
    }

    /// Adds what is done to the completion file; `false` when the disk did not take all of it.
    private mutating func writeCompletions(_ number: UInt64, _ segment: Segment) -> Bool {
        guard !segment.undone.isEmpty else { return true }
        let entries = CompletionEntries.encode(segment.undone, segment: number)
        let file: DiskFile
        do throws(FileError) {
            file = try disk.open(SegmentFile.donePath(number, in: settings.directory), .write)
        } catch {
            return false
        }
        if segment.doneSize == 0 { directoryIsDirty = true }
        // At a fixed place, so that half an entry of an earlier attempt is written over.
        let (written, error) = disk.writeAll([entries], to: file, at: segment.doneSize)
        disk.close(file)
        let count = written / CompletionEntries.entrySize
        resize(number, doneSize: segment.doneSize + count * CompletionEntries.entrySize)
        segments[number]?.undone.removeFirst(count)
        return error == nil
    }
}
