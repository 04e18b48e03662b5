internal import ArgumentParser
internal import Delivery

/// `apus dead-letter`: what backends refused for good.
struct DeadLetterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letter",
        abstract: "Look at the data that backends refused for good, send it again, or remove it.",
        discussion: """
            An exporter with `on_permanent_error: dead_letter` keeps such data in its storage.

              apus dead-letter list /var/lib/apus/storage            what there is and why
              apus dead-letter show /var/lib/apus/storage ID         one of them with its telemetry
              apus dead-letter replay --config apus.yaml             send them once more
              apus dead-letter remove /var/lib/apus/storage ID…      forget some of them

            Reading works while the collector runs; for the rest it has to be stopped.
            """,
        subcommands: [
            DeadLetterListCommand.self, DeadLetterShowCommand.self, DeadLetterReplayCommand.self,
            DeadLetterRemoveCommand.self,
        ])
}

/// Where dead letters are, shared by the commands about them.
struct StorageArgument: ParsableArguments {
    @Argument(help: "The directory of the storage, as `directory` of file_storage says.")
    var directory: String

    var archive: DeadLetterArchive { DeadLetterArchive(directory: directory) }
}

extension DeadLetterError {
    /// Tells the error and returns what ends the program.
    func reported() -> ExitCode {
        Report.write("error: \(self)\n")
        return ExitCode(ExitCodes.failure)
    }
}
