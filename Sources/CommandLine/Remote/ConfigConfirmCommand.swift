internal import ArgumentParser
internal import Settings

/// `apus config confirm`: keeps what was tried.
struct ConfigConfirmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Keep the active configuration, which goes back by itself otherwise.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Argument(help: "The revision that is confirmed, by id or number; the active one without it.")
    var revision: String?

    func run() async throws {
        try await remote.run(format.output) { client in
            let revisions = Revisions(client)
            let id =
                if let revision { try await revisions.id(revision) } else { try await revisions.active() }
            let answer = try await client.send(
                "POST", AdminPath("/v1/config:confirm"), AdminDocument(.table(["revision": .text(id)])))
            guard !format.isJSON else { return answer.write() }
            print("confirmed: \(RevisionText.name(answer.tree["active"] ?? .empty))")
        }
    }
}
