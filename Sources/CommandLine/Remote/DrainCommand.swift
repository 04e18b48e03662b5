internal import ArgumentParser

/// `apus drain`: ends a collector as SIGTERM does.
struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let a running collector deliver what it has accepted, and end.",
        discussion: "A service manager may start it again.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        try await remote.run(format.output) { client in
            let answer = try await client.send("POST", AdminPath("/v1/drain"))
            guard !format.isJSON else { return answer.write() }
            print("the collector at \(client.address) drains and ends")
        }
    }
}
