internal import ArgumentParser

/// `apus config diff`: how two revisions differ.
struct ConfigDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Say how two revisions of the configuration differ.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Flag(help: "Compare every value with its default, and not only what was written.")
    var effective = false

    @Argument(help: "A revision, by id or number.")
    var from: String

    @Argument(help: "The revision to compare it with, by id or number; the active one without it.")
    var to: String?

    func run() async throws {
        try await remote.run(format.output) { client in
            let revisions = Revisions(client)
            let first = try await revisions.id(from)
            var query: [String: String?] = ["view": effective ? "effective" : "raw"]
            if let to { query["to"] = try await revisions.id(to) }
            let answer = try await client.get(AdminPath("/v1/config/revisions", [first, "diff"], query))
            guard !format.isJSON else { return answer.write() }
            let differences = answer.tree.elements("differences")
            guard !differences.isEmpty else { return print("no differences") }
            for line in PlanText.differences(differences) { print(line) }
        }
    }
}
