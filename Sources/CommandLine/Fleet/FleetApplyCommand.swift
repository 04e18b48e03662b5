internal import ArgumentParser
internal import Settings

/// `apus fleet apply`: everything from a directory.
struct FleetApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Make groups, plans, values and configurations as a directory has them.",
        discussion: """
              configs/NAME.yaml        a configuration
              configs/NAME/            one of several files, laid one over the other by name
              configs/NAME.meta.yaml   description, variables, silence, partial (in NAME/: meta.yaml)
              groups/NAME.yaml         selector, description, priority, values
              plans/NAME.yaml          summary, stages
              values.yaml              name: value

            Doing it again changes nothing. With --prune, what an earlier apply of the same source made and \
            the directory does not have is deleted. Nothing is rolled out.
            """)

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var dryRun: DryRunOption

    @Option(
        name: [.customShort("f"), .customLong("directory")], help: "The directory, such as a Git checkout.")
    var directory: String

    @Flag(help: "Delete what an earlier apply of the same source made and the directory does not have.")
    var prune = false

    @Option(help: "What is pruned together; the name of the directory without it.")
    var source: String?

    @Option(name: .shortAndLong, help: "Why, for the history; the commit of a Git checkout without it.")
    var message: String?

    func run() async throws {
        let tree = try DirectoryTree(directory)
        let manifest = try DirectoryManifest(
            tree, source: source, message: message ?? tree.commit.map { "commit \($0)" })
        let document = AdminDocument(manifest.tree)
        var query = dryRun.query
        query["prune"] = prune ? "true" : nil
        try await fleet.run(format) { client in
            let answer = try await client.send("POST", AdminPath("/v1/apply", [], query), document)
            guard !format.isJSON else { return answer.write() }
            RefusalReport.tell(answer.tree.elements("findings"), nil)
            let changes = answer.tree.elements("changes").filter { $0["action"]?.text != "unchanged" }
            for change in changes {
                let detail = change.shown("message")
                print(
                    "\(dryRun.prefix)\(change.shown("kind")) \(change.shown("name")) is "
                        + change.shown("action") + (detail.isEmpty ? "" : ": \(detail)"))
            }
            if changes.isEmpty { print("everything is as the directory has it") }
        }
    }
}
