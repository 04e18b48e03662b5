internal import ArgumentParser
internal import Settings

/// `apus drops`: why telemetry did not arrive.
struct DropsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drops",
        abstract: "Say why telemetry did not get where it was meant to go, with examples.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Option(
        help: ArgumentHelp("Only what went there, such as refused, failed or overflowed.", valueName: "place")
    )
    var place: String?

    @Option(help: ArgumentHelp("Examples for each reason.", valueName: "number"))
    var examples = 1

    func run() async throws {
        try await remote.run(format.output) { client in
            let drops = try await client.list(AdminPath("/v1/drops", [], ["place": place]), of: "drops")
            guard !format.isJSON else { return print(Tree.table(["drops": .list(drops)]).json()) }
            guard !drops.isEmpty else { return print("nothing was dropped") }
            for group in drops {
                let pipeline = group["pipeline"]?.text.map { " of \(PlainText.line($0))" } ?? ""
                print(
                    "\(group.shown("kind")) \(group.shown("component"))\(pipeline): "
                        + "\(group.shown("items")) items \(group.shown("place").replacing("_", with: " "))")
                for example in group.elements("examples").suffix(max(examples, 0)) { Self.show(example) }
            }
        }
    }

    private static func show(_ example: Tree) {
        print("  \(PlainText.moment(example.shown("time")))  \(example.shown("message"))")
        for line in TelemetryText.lines(example["item"] ?? .empty).prefix(1) { print("    \(line)") }
    }
}
