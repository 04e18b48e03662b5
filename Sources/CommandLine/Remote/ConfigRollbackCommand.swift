internal import ArgumentParser
internal import Settings

/// `apus config rollback`: goes back.
struct ConfigRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Go back to an earlier configuration.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Option(help: ArgumentHelp("Why, for the history and the audit log.", valueName: "text"))
    var reason: String?

    @Flag(name: .customLong("dry-run"), help: "Change nothing, and show the plan.")
    var dryRun = false

    @Argument(help: "The revision to go back to, by id or number; the last confirmed one without it.")
    var revision: String?

    func run() async throws {
        try await remote.run(format.output) { client in
            var entries: [Tree.Entry] = []
            if let revision {
                entries.append(.init("to", .text(try await Revisions(client).id(revision))))
            }
            if let reason { entries.append(.init("reason", .text(reason))) }
            let path = AdminPath("/v1/config:rollback", [], ["dry_run": dryRun ? "true" : nil])
            let answer = try await client.send("POST", path, AdminDocument(Tree(.table(entries))))
            guard !format.isJSON else { return answer.write() }
            let lines = dryRun ? PlanText.lines(answer.tree) : PlanText.applied(answer.tree)
            for line in lines { print(line) }
        }
    }
}
