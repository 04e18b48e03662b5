public import Logging
public import Pipeline
public import Telemetry

/// The dead letters in one or several storage directories, seen from outside of the collector.
///
/// Reading works while a collector writes; removing and holding need the directories for themselves. Every
/// call reads the files anew and blocks until that is done.
public struct DeadLetterArchive: Sendable {
    private let layouts: [StorageLayout]

    /// Makes the archive of the storage in `directory`.
    public init(directory: String) { self.init(directories: [directory]) }

    /// Makes the archive of several storages, which differ in their directories.
    public init(directories: [String]) { layouts = directories.map { StorageLayout(root: $0) } }

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
        let hold = try await hold(ids, clock: clock, logger: logger)
        for held in hold.letters { held.remove() }
        await hold.close()
    }

    /// Takes letters, and the directories that they are in, away from every other process until `close`.
    ///
    /// Without `ids` these are all letters, with `exporter` those of this exporter. Throws `.inUse` when a
    /// collector holds a directory that one of them is in, `.notFound` and `.ambiguous`; nothing is held
    /// then.
    public func hold(
        _ ids: [String]?, exporter: String? = nil, clock: any PipelineClock, logger: Logger
    ) async throws(DeadLetterError) -> DeadLetterHold {
        var problems: [String] = []
        var chosen = try entries(exporter: exporter, &problems)
        if let ids {
            let known = chosen
            chosen = []
            for id in ids {
                let entry = try Self.find(id, in: known)
                if !chosen.contains(where: { $0.letter.id == entry.letter.id }) { chosen.append(entry) }
            }
            // What cannot be read is none of those that were asked for.
            problems = []
        }
        return try await .open(chosen, problems: problems, clock: clock, logger: logger)
    }

    /// A letter and where it is.
    typealias Entry = (
        directory: DeadLetterDirectory, place: DeadLetterDirectory.Place, letter: DeadLetter
    )

    private func entries(
        exporter: String?, _ problems: inout [String]
    ) throws(DeadLetterError) -> [Entry] {
        var entries: [Entry] = []
        do throws(FileError) {
            for place in try places() where exporter == nil || exporter == place.exporter {
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

    private func places() throws(FileError) -> [StorageLayout.Place] {
        var places: [StorageLayout.Place] = []
        for layout in layouts { places += try layout.deadLetterPlaces() }
        return places
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
