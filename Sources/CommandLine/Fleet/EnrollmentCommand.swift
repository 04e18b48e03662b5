internal import ArgumentParser
internal import Settings

/// `apus fleet enrollment`: how agents come in.
struct EnrollmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrollment", abstract: "Tokens for new agents, and agents that wait to be let in.",
        discussion: """
              apus fleet enrollment create --name edge --label env=prod --uses 100
              apus fleet enrollment list --state waiting
              apus fleet enrollment approve UID
            """,
        subcommands: [
            List.self, Approve.self, Reject.self, Tokens.self, Create.self, Revoke.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which agents came with an enrollment token, and which wait.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Option(help: "waiting, approved or rejected.")
        var state: String?

        @Option(help: "How many at most.")
        var limit = 500

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/enrollments", [], ["state": state]), of: "enrollments", format, limit: limit,
                [
                    FleetColumn("AGENT", "uid"), FleetColumn("NAME", "name"), FleetColumn("STATE", "state"),
                    .time("CAME (UTC)", "requested"), FleetColumn("FROM", "address"),
                    FleetColumn("TOKEN", "token"), FleetColumn("DECIDED BY", "decided_by"),
                ])
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an agent in that waits, was turned away, or lost its credentials.")

        @OptionGroup var action: AgentAction

        func run() async throws {
            try await action.fleet.change(
                "POST",
                AdminPath(
                    "/v1/enrollments/\(AdminPath.encoded(action.uid)):approve", [], action.dryRun.query),
                nil, action.format
            ) { "\(action.dryRun.prefix)agent \($0.shown("uid")) is \($0.shown("state"))" }
        }
    }

    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Turn an agent away.")

        @OptionGroup var action: AgentAction

        @Option(help: "Why; the agent is told.")
        var reason: String?

        func run() async throws {
            let document = AdminDocument(.table(reason.map { ["reason": .text($0)] } ?? [:]))
            try await action.fleet.change(
                "POST",
                AdminPath("/v1/enrollments/\(AdminPath.encoded(action.uid)):reject", [], action.dryRun.query),
                document, action.format
            ) { "\(action.dryRun.prefix)agent \($0.shown("uid")) is \($0.shown("state"))" }
        }
    }

    struct Tokens: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which tokens for new agents there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/enrollment-tokens"), of: "enrollment_tokens", format,
                [
                    FleetColumn("ID", "id"), FleetColumn("NAME", "name"),
                    FleetColumn("LABELS") { FleetText.labels($0["labels"]) },
                    FleetColumn("USES") {
                        let most = $0.shown("most_uses")
                        return most.isEmpty ? "any number" : "\($0.shown("uses")) of \(most)"
                    },
                    FleetColumn("LETS IN") { $0["auto_approve"]?.text == "true" ? "at once" : "after a yes" },
                    .time("EXPIRES (UTC)", "expires"),
                ])
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token for new agents and print it; it cannot be shown again.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Option(
            help: ArgumentHelp("What its agents are labelled with. May be repeated.", valueName: "name=value")
        )
        var label: [String] = []

        @Option(help: ArgumentHelp("From where agents may come. May be repeated.", valueName: "network"))
        var network: [String] = []

        @Option(help: "How many agents may come with it; any number without it.")
        var uses: Int?

        @Option(
            name: .customLong("expires-in"),
            help: ArgumentHelp("How long agents can come with it; 24h without it.", valueName: "duration"))
        var expiresIn: String?

        @Flag(
            name: .customLong("auto-approve"), help: "Agents that come with it need nobody to let them in.")
        var autoApprove = false

        @Flag(help: "Agents that cannot take another credential may stay with it.")
        var keep = false

        @Option(help: "A name for lists and the audit log.")
        var name: String

        func validate() throws {
            for text in label where FleetText.pair(text) == nil {
                throw ValidationError("--label takes name=value, not '\(text)'")
            }
        }

        func run() async throws {
            var entries: [Tree.Entry] = [
                .init("name", .text(name)), .init("auto_approve", .bool(autoApprove)),
                .init("keep", .bool(keep)),
            ]
            let labels = label.compactMap { FleetText.pair($0) }.map { Tree.Entry($0.key, .text($0.value)) }
            if !labels.isEmpty { entries.append(.init("labels", Tree(.table(labels)))) }
            if !network.isEmpty { entries.append(.init("networks", .list(network.map { .text($0) }))) }
            if let uses { entries.append(.init("uses", .number(uses))) }
            if let expiresIn { entries.append(.init("expires_in", .text(expiresIn))) }
            try await fleet.change(
                "POST", AdminPath("/v1/enrollment-tokens"), AdminDocument(Tree(.table(entries))), format
            ) { $0.shown("token") }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a token for new agents; those that stay with it are turned away.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The id or the name of the token.")
        var id: String

        func run() async throws {
            try await fleet.change(
                "DELETE", AdminPath("/v1/enrollment-tokens", [id], dryRun.query), nil, format
            ) { "\(dryRun.prefix)enrollment token \($0.shown("name")) is revoked" }
        }
    }
}
