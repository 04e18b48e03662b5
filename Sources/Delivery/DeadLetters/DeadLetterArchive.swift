public import Logging
public import Pipeline
public import Telemetry

/// The dead letters in a storage directory, seen from outside of the collector.
///
/// Reading works while a collector writes; removing needs the directories for itself. Every call reads the
/// files anew and blocks until that is done.
public struct DeadLetterArchive: Sendable {
    private let layout: StorageLayout

    /// Makes the archive of the storage in `directory`.
    public init(directory: String) { layout = StorageLayout(root: directory) }

    /// All letters, or those of one exporter, by exporter and signal and then the oldest first.
    ///
    /// `problems` says in sentences what could not be read.
    public func list(
        exporter: String? = nil
    ) throws(DeadLetterError) -> (letters: [DeadLetter], problems: [String]) {
        var problems: [String] = []
        let letters = try entries(exporter: exporter, &problems).map { $0.letter }
        return (letters, problems)
    }

    /// A letter with its batch; the end of an id is enough where it is the only one.
    public func read(_ id: String) throws(DeadLetterError) -> (letter: DeadLetter, batch: Batch) {
        var problems: [String] = []
        let entry = try Self.find(id, in: try entries(exporter: nil, &problems))
        guard let found = try entry.directory.read(entry.place) else { throw .notFound(id: id) }
        return found
    }

    /// Removes letters for good: all of them or none, unless the disk fails in the middle.
    ///
    /// Throws `.inUse` when a collector holds a directory that one of them is in, `.notFound` and
    /// `.ambiguous`; nothing is removed then.
    public func remove(
        _ ids: [String], clock: any PipelineClock, logger: Logger
    ) async throws(DeadLetterError) {
        var problems: [String] = []
        let entries = try entries(exporter: nil, &problems)
        var wanted: [String: (directory: DeadLetterDirectory, places: Set<DeadLetterDirectory.Place>)] = [:]
        for id in ids {
            let entry = try Self.find(id, in: entries)
            wanted[entry.directory.place.path, default: (entry.directory, [])].places.insert(entry.place)
        }
        var opened: [(spool: Spool, records: [SpoolRecord])] = []
        var failure: DeadLetterError?
        for (path, (directory, places)) in wanted.sorted(by: { $0.key < $1.key }) where failure == nil {
            var settings = SpoolSettings(directory: path)
            settings.lockTimeout = .zero
            settings.synchronization = .always
            do throws(SpoolError) {
                let (spool, records, _) = try await Spool.open(
                    settings, signal: directory.place.signal, clock: clock, logger: logger)
                let chosen = records.filter { record in
                    record.location.map { places.contains(.init(segment: $0.segment, index: $0.index)) }
                        ?? false
                }
                opened.append((spool, chosen))
            } catch {
                failure = DeadLetterError(error)
            }
        }
        for (spool, records) in opened {
            if failure == nil { for record in records { spool.remove(record) } }
            await spool.close()
        }
        if let failure { throw failure }
    }

    private typealias Entry = (
        directory: DeadLetterDirectory, place: DeadLetterDirectory.Place, letter: DeadLetter
    )

    private func entries(
        exporter: String?, _ problems: inout [String]
    ) throws(DeadLetterError) -> [Entry] {
        var entries: [Entry] = []
        do throws(FileError) {
            for place in try layout.deadLetterPlaces() where exporter == nil || exporter == place.exporter {
                let directory = DeadLetterDirectory(place)
                for (place, letter) in try directory.letters(&problems) {
                    entries.append((directory, place, letter))
                }
            }
        } catch {
            throw .io(error)
        }
        return entries
    }

    private static func find(_ id: String, in entries: [Entry]) throws(DeadLetterError) -> Entry {
        if let exact = entries.first(where: { $0.letter.id == id }) { return exact }
        let candidates = entries.filter { $0.letter.id.hasSuffix("/" + id) }
        guard let first = candidates.first else { throw .notFound(id: id) }
        guard candidates.count == 1 else {
            throw .ambiguous(id: id, candidates: candidates.map { $0.letter.id })
        }
        return first
    }
}
