internal import ArgumentParser
internal import Settings

/// `apus config history`: what was tried before.
struct ConfigHistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List the configurations that were tried, the newest first.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        try await remote.run(format.output) { client in
            let revisions = try await client.list(AdminPath("/v1/config/revisions"), of: "revisions")
            guard !format.isJSON else { return print(Tree.table(["revisions": .list(revisions)]).json()) }
            for line in RevisionText.table(revisions) { print(line) }
        }
    }
}
