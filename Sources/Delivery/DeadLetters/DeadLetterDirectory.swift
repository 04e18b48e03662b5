internal import Glibc
internal import Pipeline
internal import Telemetry
internal import Wire

/// The dead letters of one exporter and signal, read from outside of the process that may be writing there.
///
/// Nothing is locked and nothing is changed: a half-written end is not there yet, and a segment that goes
/// away meanwhile had only letters that went with it.
struct DeadLetterDirectory {
    /// Where a letter is.
    struct Place: Hashable {
        let segment: UInt64
        let index: UInt32

        /// As it stands at the end of an id.
        var text: String { "\(String(segment, radix: 16))-\(index)" }
    }

    let place: StorageLayout.Place
    private let disk = SystemDisk()

    init(_ place: StorageLayout.Place) { self.place = place }

    /// What every id of a letter here begins with.
    var prefix: String { "\(place.exporter)/\(place.signal.rawValue)/" }

    /// All letters, the oldest first; what cannot be read is named in `problems`.
    func letters(_ problems: inout [String]) throws(FileError) -> [(place: Place, letter: DeadLetter)] {
        let numbers = try Directory.names(in: place.path).compactMap { SegmentFile.number(of: $0) }.sorted()
        var letters: [(place: Place, letter: DeadLetter)] = []
        for number in numbers {
            do throws(FileError) {
                letters += try self.letters(in: number, &problems)
            } catch  where error.code == ENOENT {
                continue
            } catch {
                problems.append(error.description)
            }
        }
        return letters
    }

    /// A letter with its batch; `nil` when it is not there any more.
    func read(_ wanted: Place) throws(DeadLetterError) -> (letter: DeadLetter, batch: Batch)? {
        do throws(FileError) {
            let content = try SegmentFile.read(wanted.segment, in: place.path, disk: disk)
            guard let found = content.scanner.records.first(where: { $0.index == wanted.index }),
                !content.done.contains(wanted.index)
            else {
                return nil
            }
            let bytes = try read(found, found.facts.length, of: wanted.segment)
            guard let record = SegmentRecord.decode(bytes, signal: place.signal),
                let letter = letter(found, record.note, record.batch.origin, of: wanted.segment)
            else {
                return nil
            }
            return (letter, record.batch)
        } catch  where error.code == ENOENT {
            return nil
        } catch {
            throw .io(error)
        }
    }

    private func letters(
        in number: UInt64, _ problems: inout [String]
    ) throws(FileError) -> [(place: Place, letter: DeadLetter)] {
        let content = try SegmentFile.read(number, in: place.path, disk: disk)
        if case .bad(let reason)? = content.scanner.header {
            problems.append("\(SegmentFile.path(number, in: place.path)): \(reason)")
        }
        var letters: [(place: Place, letter: DeadLetter)] = []
        for found in content.scanner.records where !content.done.contains(found.index) {
            let head = try read(found, found.facts.length - found.facts.byteCount, of: number)
            guard let (origin, note) = SegmentRecord.decodeHead(head),
                let letter = letter(found, note, origin, of: number)
            else {
                let path = SegmentFile.path(number, in: place.path)
                problems.append("\(path): the record at byte \(found.offset) is no dead letter")
                continue
            }
            letters.append((Place(segment: number, index: found.index), letter))
        }
        return letters
    }

    private func read(
        _ found: SegmentScanner.Found, _ count: Int, of number: UInt64
    ) throws(FileError) -> Bytes {
        let file = try disk.open(SegmentFile.path(number, in: place.path), .read)
        defer { disk.close(file) }
        return try disk.read(from: file, at: found.offset, count: count)
    }

    private func letter(
        _ found: SegmentScanner.Found, _ note: Bytes, _ origin: Origin?, of number: UInt64
    ) -> DeadLetter? {
        guard let note = DeadLetterNote(note) else { return nil }
        return DeadLetter(
            id: prefix + Place(segment: number, index: found.index).text, time: found.facts.time,
            signal: place.signal, exporter: note.exporter, pipeline: note.pipeline, reason: note.reason,
            attempts: note.attempts, itemCount: found.facts.itemCount, byteCount: found.facts.byteCount,
            peer: origin?.peer ?? "")
    }
}
