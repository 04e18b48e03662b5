internal import ArgumentParser

/// `apus config plan`: what a configuration would change.
struct ConfigPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Say what another configuration would change; nothing happens.",
        discussion: """
            For each component: keep (not touched), adopt (new settings in place), replace, add or remove, \
            with what that costs.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Argument(help: "The configuration, in YAML or JSON; - for standard input.")
    var file: String

    func run() async throws {
        let document = try AdminDocument.configuration(file)
        try await remote.run(format.output, document) { client in
            let answer = try await client.send("POST", AdminPath("/v1/config:plan"), document)
            guard !format.isJSON else { return answer.write() }
            RefusalReport.tell(answer.tree.elements("warnings"), document)
            for line in PlanText.lines(answer.tree) { print(line) }
        }
    }
}
