internal import ArgumentParser
internal import Control

/// `apus audit`: the record of what was changed and of what was denied.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Check the audit log of a collector.",
        subcommands: [AuditVerifyCommand.self])
}

/// `apus audit verify`: whether no line was changed, taken out or put in.
struct AuditVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that no line of the audit log was changed or taken out.",
        discussion: """
            Every line carries the hash of the one before. Lines that are missing at the end cannot be seen \
            from the log alone: keep the hash of the last line elsewhere. Exit code 1 means that something \
            is wrong.
            """)

    @Option(
        name: .customLong("state-directory"),
        help: ArgumentHelp("The state directory of the collector, as given to apus run.", valueName: "dir"))
    var stateDirectory: String?

    func run() throws {
        let result: AuditLog.Verification
        do throws(StateFailure) {
            result = try AuditLog.verify(in: StateDirectory.Place.ofProcess(option: stateDirectory).path)
        } catch {
            Report.write("error: \(error)\n")
            throw ExitCode(ExitCodes.failure)
        }
        for fault in result.faults { Report.write("error: \(fault)\n") }
        guard result.isIntact else { throw ExitCode(ExitCodes.failure) }
        var text = "intact: \(result.lines) \(result.lines == 1 ? "line" : "lines")"
        if let first = result.first, first > 1 {
            text += ", from number \(first) on; older files were removed"
        }
        print(text)
    }
}
