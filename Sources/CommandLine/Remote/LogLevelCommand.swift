internal import ArgumentParser
internal import Settings

/// `apus log-level`: how much is written to the log.
struct LogLevelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log-level", abstract: "Show or set the level of the log, of all or of one component.",
        discussion: """
              apus log-level                       what it is
              apus log-level debug                 of everything without a level of its own
              apus log-level otlp debug            of one component
              apus log-level otlp default          of that component as of everything else

            It holds until the collector starts again.
            """)

    private static let levels = [
        "trace", "debug", "info", "notice", "warning", "warn", "error", "critical", "fatal",
    ]

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Argument(help: "A component as written in YAML, or the level for everything.")
    var component: String?

    @Argument(help: "trace, debug, info, notice, warning, error, critical, or default.")
    var level: String?

    func validate() throws {
        if let level, level != "default", !Self.levels.contains(level) {
            throw ValidationError(
                "'\(level)' is not a level; there are \(Self.levels.joined(separator: ", ")) and default")
        }
    }

    func run() async throws {
        try await remote.run(format.output) { client in
            let answer = try await answer(client)
            guard !format.isJSON else { return answer.write() }
            for line in lines(answer.tree) { print(line) }
        }
    }

    private func answer(_ client: AdminClient) async throws(RemoteFailure) -> AdminAnswer {
        let path = "/v1/log-levels"
        switch (component, level) {
        case (let component?, "default"?):
            return try await client.send("DELETE", AdminPath(path, [component]))
        case (let component?, let level?):
            return try await client.send("PUT", AdminPath(path, [component]), Self.document(level))
        case (let level?, nil) where Self.levels.contains(level):
            return try await client.send("PUT", AdminPath(path), Self.document(level))
        default:
            return try await client.get(AdminPath(path))
        }
    }

    private func lines(_ levels: Tree) -> [String] {
        let own = levels["components"]?.table ?? []
        if let component, !Self.levels.contains(component) {
            let level = own.first { $0.key == component }?.value.text
            return ["\(component): \(level ?? "\(levels.shown("level")), as everything")"]
        }
        return ["everything: \(levels.shown("level"))"] + own.map { "\($0.key): \($0.value.text ?? "")" }
    }

    private static func document(_ level: String) -> AdminDocument {
        AdminDocument(.table(["level": .text(level)]))
    }
}
