public import Delivery
internal import Logging
internal import NIOCore
internal import NIOPosix
public import Pipeline
internal import Telemetry

/// Sends dead letters once more, through the exporters of a configuration that does not run.
///
/// A letter is removed when the other side has taken it, and only then, so the end of the process at any
/// moment costs at most that one letter is sent twice.
public struct DeadLetterReplay: Sendable {
    /// Why nothing was sent.
    public enum Failure: Error, Sendable, CustomStringConvertible {
        /// No storage extension is enabled, so there are no dead letters.
        case noStorage
        /// No exporter has this id; `known` are those there are.
        case unknownExporter(ComponentID, known: [ComponentID])
        /// A storage extension cannot be built.
        case storage(StartFailure)
        /// The letters cannot be read, or are not there, or a collector uses them.
        case letters(DeadLetterError)

        public var description: String {
            switch self {
            case .noStorage:
                "the configuration has no storage extension in service::extensions, so it has no dead letters"
            case .unknownExporter(let id, let known):
                "the configuration has no exporter '\(id)'; there are: "
                    + known.map { $0.description }.joined(separator: ", ")
            case .storage(let failure): failure.description
            case .letters(let error): error.description
            }
        }
    }

    private let configuration: CollectorConfiguration
    private let log: LogOutput
    private let version: String

    /// Makes a replay by the storages and exporters of `configuration`.
    public init(_ configuration: CollectorConfiguration, log: LogOutput, version: String) {
        self.configuration = configuration
        self.log = log
        self.version = version
    }

    /// Sends the letters with these ids, or every letter without `ids`; with `exporter` only its letters.
    ///
    /// For each exporter the oldest letter is the first; `report` is called for each letter as soon as its
    /// fate is known. When the task is cancelled, the attempt under way is the last. Returns in sentences
    /// what else went wrong; throws when nothing was sent.
    public func run(
        ids: [String]? = nil, exporter: ComponentID? = nil, report: (ReplayedLetter) -> Void
    ) async throws(Failure) -> [String] {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let surroundings = EngineSurroundings(
            lanes: [Lane(index: 0, eventLoop: group.next())], log: log, version: version)
        let result: Result<[String], Failure>
        do throws(Failure) {
            result = .success(try await run(ids, exporter, surroundings, report))
        } catch {
            result = .failure(error)
        }
        try? await group.shutdownGracefully()
        return try result.get()
    }

    private func run(
        _ ids: [String]?, _ exporter: ComponentID?, _ surroundings: EngineSurroundings,
        _ report: (ReplayedLetter) -> Void
    ) async throws(Failure) -> [String] {
        if let exporter, configuration.exporters[exporter] == nil {
            let known = configuration.exporters.keys.sorted { $0.description < $1.description }
            throw .unknownExporter(exporter, known: known)
        }
        let archive = DeadLetterArchive(directories: try directories(surroundings))
        let hold: DeadLetterHold
        do throws(DeadLetterError) {
            hold = try await archive.hold(
                ids, exporter: exporter?.description, clock: surroundings.clock, logger: log.logger())
        } catch {
            throw .letters(error)
        }
        var delivered: Set<String> = []
        for (exporter, letters) in Self.byExporter(hold.letters) {
            await send(letters, through: exporter, surroundings) { replayed in
                if case .delivered = replayed.outcome { delivered.insert(replayed.letter.id) }
                report(replayed)
            }
        }
        await hold.close()
        return hold.problems + Self.leftovers(of: delivered, in: archive)
    }

    /// Says which letters are still there although they were delivered: the disk did not take the removal.
    private static func leftovers(of delivered: Set<String>, in archive: DeadLetterArchive) -> [String] {
        guard !delivered.isEmpty else { return [] }
        do throws(DeadLetterError) {
            return try archive.list().letters.filter { delivered.contains($0.id) }
                .map { "\($0.id) was delivered but could not be removed; remove it, or it is sent again" }
        } catch {
            return ["cannot see whether what was delivered is removed: \(error)"]
        }
    }

    /// The directories of all storages that exist.
    private func directories(_ surroundings: EngineSurroundings) throws(Failure) -> [String] {
        var directories: Set<String> = []
        for id in configuration.enabledExtensions {
            guard let configured = configuration.extensions[id],
                configured.type is any StorageExtension.Type
            else { continue }
            do throws(ComponentError) {
                let made = try configured.make(surroundings.context(.extension, id))
                if let storage = made as? any StorageExtension {
                    directories.insert(storage.storage.directory)
                }
            } catch {
                throw .storage(StartFailure(.init(kind: .extension, id: id, error: error)))
            }
        }
        guard !directories.isEmpty else { throw .noStorage }
        return directories.sorted().filter { Directory.exists($0) }
    }

    /// The letters of each exporter, the oldest first.
    private static func byExporter(
        _ letters: [HeldLetter]
    ) -> [(exporter: String, letters: [HeldLetter])] {
        Dictionary(grouping: letters) { $0.exporter }
            .sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.sorted { $0.letter.time < $1.letter.time }) }
    }

    // MARK: - One exporter

    private func send(
        _ letters: [HeldLetter], through name: String, _ surroundings: EngineSurroundings,
        _ report: (ReplayedLetter) -> Void
    ) async {
        let exporter: any Exporter
        do throws(ComponentError) {
            exporter = try await open(name, surroundings)
        } catch {
            for held in letters {
                report(ReplayedLetter(letter: held.letter, outcome: .unreached(reason: error.description)))
            }
            return
        }
        var sender = LetterSender(exporter, surroundings)
        for held in letters {
            report(ReplayedLetter(letter: held.letter, outcome: await send(held, &sender)))
        }
        await exporter.close()
    }

    /// Builds and opens an exporter as a start of the collector does.
    private func open(
        _ name: String, _ surroundings: EngineSurroundings
    ) async throws(ComponentError) -> any Exporter {
        guard let id = ComponentID(parsing: name), let configured = configuration.exporters[id] else {
            throw ComponentError("the configuration has no exporter '\(name)'")
        }
        let authenticators = try authenticators(surroundings)
        let exporter = try configured.make(surroundings.context(.exporter, id, extensions: authenticators))
        try await exporter.open()
        return exporter
    }

    /// What sets the credentials of exporters; it does so without running.
    private func authenticators(
        _ surroundings: EngineSurroundings
    ) throws(ComponentError) -> [ComponentID: any Extension] {
        var made: [ComponentID: any Extension] = [:]
        for id in configuration.enabledExtensions {
            guard let configured = configuration.extensions[id],
                configured.type is any ClientAuthenticator.Type
            else { continue }
            made[id] = try configured.make(surroundings.context(.extension, id, extensions: made))
        }
        return made
    }

    private func send(_ held: HeldLetter, _ sender: inout LetterSender) async -> ReplayedLetter.Outcome {
        if let surrender = sender.surrender { return .unreached(reason: surrender) }
        guard !Task.isCancelled else { return .unreached(reason: LetterSender.stopped) }
        let batch: Batch
        do throws(DeadLetterError) {
            batch = try await held.batch()
        } catch {
            return .unreached(reason: error.description)
        }
        let outcome = await sender.send(batch)
        if case .delivered = outcome { held.remove() }
        return outcome
    }
}
