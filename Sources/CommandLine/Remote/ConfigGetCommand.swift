internal import ArgumentParser
internal import Settings

/// `apus config get`: the configuration that runs.
struct ConfigGetCommand: AsyncParsableCommand {
    /// How it is shown.
    enum View: String, ExpressibleByArgument, CaseIterable {
        case effective, raw, origin
    }

    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print the configuration that runs, or a part of it; secrets are hidden.",
        discussion: """
            raw is what was written, effective has every default, origin says where each value was written.

              apus config get --view effective processors::batch
              apus config get --view origin exporters
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Option(help: ArgumentHelp("raw, effective or origin.", valueName: "view"))
    var view = View.raw

    @Argument(help: "A part of it, as in receivers::otlp or /receivers/otlp; everything without it.")
    var path: String?

    func run() async throws {
        try await remote.run(format.output) { client in
            switch view {
            case .origin: try await showOrigins(client)
            case .raw, .effective: try await show(client)
            }
        }
    }

    private var steps: [String] {
        guard let path, !path.isEmpty else { return [] }
        if path.hasPrefix("/"), let steps = JSONPointer.path(of: path) { return steps }
        return path.split(separator: "::").map { String($0) }
    }

    private func show(_ client: AdminClient) async throws {
        let isWhole = steps.isEmpty
        let accept = isWhole && !format.isJSON ? "application/yaml" : "application/json"
        let answer = try await client.get(
            AdminPath("/v1/config", [], ["view": view.rawValue]), accept: accept)
        guard !isWhole else {
            return answer.write()
        }
        guard let part = answer.tree[steps] else { throw missing }
        guard !format.isJSON else { return print(part.json(pretty: true)) }
        let text = part.scalar.map { $0.text } ?? part.yaml()
        print(text, terminator: text.hasSuffix("\n") ? "" : "\n")
    }

    private func showOrigins(_ client: AdminClient) async throws {
        let steps = steps
        let values = try await client.list(AdminPath("/v1/config", [], ["view": "origin"]), of: "values")
            .filter {
                (JSONPointer.path(of: $0["pointer"]?.text ?? "") ?? []).starts(with: steps)
            }
        guard !values.isEmpty || steps.isEmpty else { throw missing }
        guard !format.isJSON else { return print(Tree.table(["values": .list(values)]).json()) }
        let rows = values.map { value in
            let path = JSONPointer.path(of: value["pointer"]?.text ?? "") ?? []
            return [
                PlainText.line(path.joined(separator: "::")), PlainText.cut(value.shown("value"), to: 80),
                value.shown("origin"),
            ]
        }
        for line in PlainText.table(["KEY", "VALUE", "FROM"], rows) { print(line) }
    }

    private var missing: RemoteFailure {
        .unexpected("the configuration has nothing at '\(steps.joined(separator: "::"))'")
    }
}
