public import Delivery
internal import Pipeline
internal import Telemetry

/// The dead letters of the exporters that run.
extension Collector {
    /// What backends refused for good, in all storages of the configuration in force; `nil` without one.
    public nonisolated var deadLetterArchive: DeadLetterArchive? {
        let storages = (runningGraph?.components.extensions ?? []).compactMap { built in
            (built.component as? any StorageExtension)?.storage.directory
        }
        let directories = Set(storages).sorted().filter { Directory.exists($0) }
        return directories.isEmpty ? nil : DeadLetterArchive(directories: directories)
    }

    /// Removes a letter for good; `false` when no exporter that runs has it.
    public nonisolated func discardDeadLetter(_ id: String) -> Bool {
        guard let found = find(id) else { return false }
        return found.letters.discard(found.place)
    }

    /// Sends a letter once more, past the queue; when the other side takes it, it is removed.
    ///
    /// Failures that may pass are tried again as the exporter's retry settings say, three times at most.
    ///
    /// - Returns: What became of it; `nil` when no exporter that runs has it.
    /// - Throws: When it cannot be read.
    public nonisolated func replayDeadLetter(
        _ id: String
    ) async throws(DeadLetterError) -> ReplayedLetter.Outcome? {
        guard let found = find(id), let batch = try await found.letters.batch(at: found.place) else {
            return nil
        }
        var sender = LetterSender(found.exporter, shared)
        let outcome = await sender.send(batch)
        if case .delivered = outcome { _ = found.letters.discard(found.place) }
        return outcome
    }

    /// The parts of an id, `exporter/signal/place`, as far as they are there.
    private nonisolated func find(
        _ id: String
    ) -> (letters: DeadLetters, exporter: any Exporter, place: String)? {
        guard let last = id.lastIndex(of: "/"), let before = id[..<last].lastIndex(of: "/"),
            let signal = Signal(rawValue: String(id[id.index(after: before)..<last])),
            let exporter = ComponentID(parsing: String(id[..<before])), let graph = runningGraph,
            let letters = graph.components.ends[.init(exporter: exporter, signal: signal)]?.queue?
                .deadLetters, let built = graph.components.exporters[exporter]
        else { return nil }
        return (letters, built.component, String(id[id.index(after: last)...]))
    }
}
