internal import ArgumentParser

/// `apus config state`: where the configuration stands.
struct ConfigStateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "Say which configuration is active, confirmed, and which failed last."
    )

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        try await remote.run(format.output) { client in
            let answer = try await client.get(AdminPath("/v1/config/state"))
            guard !format.isJSON else { return answer.write() }
            for line in RevisionText.lines(answer.tree) { print(line) }
        }
    }
}
