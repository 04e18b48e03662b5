internal import ArgumentParser
internal import Engine
internal import Glibc
internal import Logging
internal import Pipeline

/// `apus dead-letter replay`: sends dead letters once more.
struct DeadLetterReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Send dead letters once more; the collector must not be running.",
        discussion: """
            Each letter goes through the exporter that could not deliver it, with the settings that the \
            configuration has now, the oldest first. What the backend takes is removed, everything else \
            stays. An exporter is given up after three failures in a row that may pass.

            Exit code 0 means that everything was delivered, 1 that something was not, be it a single item \
            of a letter. A signal ends it after the letter that is being sent; a second one at once.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("Only letters of this exporter, as written in YAML.", valueName: "id"))
    var exporter: String?

    @Flag(help: "Send every letter, which is also what happens without ids.")
    var all = false

    @Argument(help: "The ids that `list` shows.")
    var ids: [String] = []

    func validate() throws {
        guard ids.isEmpty || !all else { throw ValidationError("name the dead letters, or give --all") }
        guard exporter.map({ ComponentID(parsing: $0) == nil }) != true else {
            throw ValidationError("--exporter must be an id such as otlp_grpc or otlp_grpc/2")
        }
    }

    func run() async throws {
        let signals = ProcessSignals()
        let configuration = try await options.load().usable()
        let replay = DeadLetterReplay(
            configuration, log: LogOutput(level: .warning), version: Version.current)
        let (ids, exporter) = (ids.isEmpty ? nil : ids, exporter.flatMap { ComponentID(parsing: $0) })
        let work = Task { await Self.run(replay, ids, exporter) }
        let watch = Task {
            for await _ in signals.received {
                Report.write("stopping after this letter; a second signal stops at once\n")
                signals.exitOnNextStop()
                work.cancel()
            }
        }
        let succeeded = await work.value
        watch.cancel()
        if !succeeded { throw ExitCode(ExitCodes.failure) }
    }

    /// Tells of every letter as it goes; `true` when all were delivered.
    private static func run(
        _ replay: DeadLetterReplay, _ ids: [String]?, _ exporter: ComponentID?
    ) async -> Bool {
        var tally = ReplayTally()
        do throws(DeadLetterReplay.Failure) {
            let problems = try await replay.run(ids: ids, exporter: exporter) { replayed in
                tally.add(replayed)
                print(DeadLetterText.line(of: replayed))
                // Whoever stops it wants to have seen what was done.
                fflush(nil)
            }
            for problem in problems { Report.write("warning: \(problem)\n") }
            print(tally)
            return tally.isComplete && problems.isEmpty
        } catch {
            Report.write("error: \(error)\n")
            return false
        }
    }
}
