internal import ArgumentParser
internal import Settings
internal import Transport

/// `apus config`: the configuration of a collector that runs.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Look at the configuration of a running collector, change it, go back.",
        discussion: """
              apus config plan agent.yaml                            what would happen
              apus config apply agent.yaml --confirm-within 2m       try it
              apus config confirm                                    keep it
              apus config rollback                                   or go back to the last confirmed one
              apus config get receivers::otlp                        a part of what runs

            Exit codes: 0 done, 1 the collector refused or failed, 2 the configuration is wrong, 3 the \
            collector cannot be reached, 4 it does not allow it, 64 the command line is wrong.
            """,
        subcommands: [
            ConfigGetCommand.self, ConfigPlanCommand.self, ConfigApplyCommand.self, ConfigPatchCommand.self,
            ConfigConfirmCommand.self, ConfigRollbackCommand.self, ConfigStateCommand.self,
            ConfigHistoryCommand.self, ConfigDiffCommand.self,
        ])
}

/// The options of everything that changes a configuration.
struct ChangeOptionGroup: ParsableArguments {
    @Option(
        name: .customLong("confirm-within"),
        help: ArgumentHelp(
            "Go back unless apus config confirm comes within this time, such as 2m.", valueName: "duration"))
    var confirmWithin: String?

    @Option(help: ArgumentHelp("Why, for the history and the audit log.", valueName: "text"))
    var reason: String?

    @Option(
        help: ArgumentHelp(
            "The revision that has to be the active one; without it, whichever is.", valueName: "revision"))
    var expect: String?

    @Flag(
        name: .customLong("expect-drop"),
        help: "The share of items delivered may fall because of this change.")
    var expectsDrop = false

    @Flag(name: .customLong("dry-run"), help: "Check everything, change nothing, and show the plan.")
    var dryRun = false

    func validate() throws {
        if let confirmWithin, Duration(goSyntax: confirmWithin) ?? .zero <= .zero {
            throw ValidationError(
                "--confirm-within takes a duration such as 30s or 2m, not '\(confirmWithin)'")
        }
    }

    /// As the admin API understands them.
    var query: [String: String?] {
        [
            "confirm_within": confirmWithin, "reason": reason, "expect_drop": expectsDrop ? "true" : nil,
            "dry_run": dryRun ? "true" : nil,
        ]
    }

    /// Makes the change that `document` asks for, and shows what came of it.
    func send(
        _ method: String, _ document: AdminDocument, _ client: AdminClient, _ format: OutputOptions
    ) async throws(RemoteFailure) {
        let revisions = Revisions(client)
        let expected = if let expect { try await revisions.id(expect) } else { try await revisions.active() }
        let answer = try await client.send(
            method, AdminPath("/v1/config", [], query), document, fields: ["if-match": "\"\(expected)\""])
        guard !format.isJSON else { return answer.write() }
        let plan = dryRun ? answer.tree : answer.tree["plan"] ?? .empty
        RefusalReport.tell(plan.elements("warnings"), document)
        for line in dryRun ? PlanText.lines(plan) : PlanText.applied(answer.tree) { print(line) }
    }
}

/// Finds revisions by what people call them.
struct Revisions {
    private let client: AdminClient

    init(_ client: AdminClient) { self.client = client }

    /// The id of the active revision, which is the ETag of the configuration.
    func active() async throws(RemoteFailure) -> String {
        let state = try await client.get(AdminPath("/v1/config/state")).tree
        guard let id = state[["active", "id"]]?.text else {
            throw .unexpected("the collector does not say which revision is active")
        }
        return id
    }

    /// The id for an id, the beginning of one, or a number of the history; what is none of these stays.
    func id(_ text: String) async throws(RemoteFailure) -> String {
        let known = try await client.list(AdminPath("/v1/config/revisions"), of: "revisions")
        let ids = known.compactMap { $0["id"]?.text }
        if ids.contains(text) { return text }
        if let id = known.first(where: { $0["number"]?.text == text })?["id"]?.text { return id }
        let similar = Set(ids.filter { $0.hasPrefix(text) })
        return similar.count == 1 ? similar.first ?? text : text
    }
}
