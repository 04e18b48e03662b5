internal import ArgumentParser
internal import Control
internal import Settings

/// The options that say what happens to the configuration while the process runs and between two of them.
struct ControlOptions: ParsableArguments {
    @Option(
        name: .customLong("state-directory"),
        help: ArgumentHelp(
            """
            Where revisions of the configuration, tokens and the audit log are kept. Without it: \
            $STATE_DIRECTORY, $XDG_STATE_HOME/apus, as root /var/lib/apus, else ~/.local/state/apus. With \
            it or $STATE_DIRECTORY, a configuration that cannot be used does not end the start: the last \
            confirmed one runs, or an empty one.
            """, valueName: "dir"))
    var stateDirectory: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The local policy: what changes over the network may contain. They cannot change it.",
            valueName: "file"))
    var policy: String?

    @Flag(name: .long, help: "Reads the configuration again when its files have changed.")
    var watch = false

    /// Where the state is.
    var place: StateDirectory.Place { .ofProcess(option: stateDirectory) }

    /// The state directory, and what to tell when there is none; throws when one that was named cannot be
    /// used.
    func openState() throws -> (directory: StateDirectory?, note: String?) {
        do throws(StateFailure) {
            return (try StateDirectory(place.path), nil)
        } catch {
            guard place.isNamed else {
                return (nil, "nothing is kept for the next start, and remote changes are refused: \(error)")
            }
            Report.write("error: the state directory cannot be used: \(error)\n")
            throw ExitCode(ExitCodes.failure)
        }
    }

    /// The local policy; throws when the file is wrong.
    func loadPolicy() async throws -> Policy {
        guard let policy else { return Policy() }
        do throws(InvalidSettings) {
            return try await Policy.load(policy)
        } catch {
            Report.print(error.diagnostics, texts: [:])
            throw ExitCode(ExitCodes.configuration)
        }
    }
}
