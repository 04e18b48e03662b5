internal import ArgumentParser
internal import Settings

/// `apus fleet operations`: changes that take their time.
struct OperationsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations", abstract: "Changes that take their time.",
        subcommands: [List.self, Show.self, Cancel.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which there are, the newest first.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/operations"), of: "operations", format,
                [
                    FleetColumn("ID", "id"), FleetColumn("WHAT", "action"), FleetColumn("BY", "actor"),
                    .time("BEGAN (UTC)", "created"), FleetColumn("DONE", "done"),
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one of them.")

        @OptionGroup var fleet: FleetOptions

        @Argument(help: "The id.")
        var id: String

        func run() async throws {
            try await fleet.run { client in try await client.get(AdminPath("/v1/operations", [id])).write() }
        }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ask one of them to end.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The id.")
        var id: String

        func run() async throws {
            let path = AdminPath("/v1/operations/\(AdminPath.encoded(id)):cancel")
            try await fleet.change("POST", path, nil, format) {
                "operation \($0.shown("id")) is asked to end"
            }
        }
    }
}

/// `apus fleet ca`: the certificate that signs those of agents.
struct AuthorityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ca", abstract: "Print the certificate that signs those of agents, in PEM.")

    @OptionGroup var fleet: FleetOptions

    func run() async throws {
        try await fleet.run { client in
            let answer = try await client.get(AdminPath("/v1/ca"))
            print(answer.tree["certificate"]?.text ?? "", terminator: "")
        }
    }
}

/// `apus fleet approvals`: which rollouts need the yes of a second person.
struct DutiesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approvals", abstract: "Which rollouts need the yes of a second person.",
        subcommands: [Show.self, Set.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the rules, as they can be set again.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.show(AdminPath("/v1/approvals"), format) { FleetText.lines($0.yaml()) }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set the rules from a file.",
            discussion: """
                  approval_selector: env=prod        rollouts that can reach one of these agents
                  approval_size: 100                 rollouts to so many agents
                  author_may_not_approve: true
                  allow_break_glass: false
                """)

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The file, in YAML or JSON; - for standard input.")
        var file: String

        func run() async throws {
            try await fleet.put(
                AdminPath("/v1/approvals", [], dryRun.query), try AdminDocument.configuration(file), format
            ) { _ in dryRun.prefix + "the rules are set" }
        }
    }
}
