internal import Logging
internal import Pipeline
public import Telemetry

/// Dead letters that no other process can touch until `close`.
public struct DeadLetterHold: Sendable {
    /// The letters, those of one exporter and signal the oldest first.
    public let letters: [HeldLetter]
    /// What could not be read, in sentences.
    public let problems: [String]
    private let spools: [Spool]

    /// Takes the directories of `entries` into use: all of them or none.
    static func open(
        _ entries: [DeadLetterArchive.Entry], problems: [String], clock: any PipelineClock, logger: Logger
    ) async throws(DeadLetterError) -> DeadLetterHold {
        let directories = Dictionary(grouping: entries) { $0.directory.place.path }
        var spools: [Spool] = []
        var letters: [HeldLetter] = []
        var failure: DeadLetterError?
        for (path, entries) in directories.sorted(by: { $0.key < $1.key }) where failure == nil {
            guard let place = entries.first?.directory.place else { continue }
            var settings = SpoolSettings(directory: path)
            settings.lockTimeout = .zero
            settings.synchronization = .always
            do throws(SpoolError) {
                let (spool, records, _) = try await Spool.open(
                    settings, signal: place.signal, clock: clock, logger: logger)
                spools.append(spool)
                letters += held(entries, records, of: place.exporter, in: spool)
            } catch {
                failure = DeadLetterError(error)
            }
        }
        let hold = DeadLetterHold(letters: letters, problems: problems, spools: spools)
        guard let failure else { return hold }
        await hold.close()
        throw failure
    }

    /// Writes down what was removed and lets go of the directories.
    public func close() async {
        for spool in spools { await spool.close() }
    }

    /// The chosen letters with their records, in the order of the records.
    private static func held(
        _ entries: [DeadLetterArchive.Entry], _ records: [SpoolRecord], of exporter: String,
        in spool: Spool
    ) -> [HeldLetter] {
        let letters = Dictionary(entries.map { ($0.place, $0.letter) }) { first, _ in first }
        return records.compactMap { record in
            guard let location = record.location,
                let letter = letters[.init(segment: location.segment, index: location.index)]
            else {
                return nil
            }
            return HeldLetter(letter: letter, exporter: exporter, record: record, spool: spool)
        }
    }
}

/// A dead letter in a hold.
public struct HeldLetter: Sendable {
    public let letter: DeadLetter
    /// The exporter whose directory it is in, such as `otlp/2`.
    public let exporter: String
    let record: SpoolRecord
    let spool: Spool

    /// Reads its batch; throws when the disk does not give it back.
    public func batch() async throws(DeadLetterError) -> Batch {
        do throws(SpoolError) {
            return try await spool.read(record).batch
        } catch {
            throw DeadLetterError(error)
        }
    }

    /// Removes the letter for good; the disk knows within milliseconds, or when the hold is closed.
    public func remove() { spool.remove(record) }
}
