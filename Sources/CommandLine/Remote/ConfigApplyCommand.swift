internal import ArgumentParser

/// `apus config apply`: another configuration.
struct ConfigApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Replace the configuration while the collector runs.",
        discussion: """
            What does not change runs on; nothing that was accepted is lost. With --confirm-within the \
            collector goes back by itself unless the change is confirmed.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var change: ChangeOptionGroup
    @OptionGroup var format: OutputOptions

    @Argument(help: "The configuration, in YAML or JSON; - for standard input.")
    var file: String

    func run() async throws {
        let document = try AdminDocument.configuration(file)
        try await remote.run(format.output, document) { client in
            try await change.send("PUT", document, client, format)
        }
    }
}
