internal import ArgumentParser
internal import Settings

/// `apus fleet tokens`: who may use the fleet manager.
struct FleetTokensCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens", abstract: "The tokens of people and programs that use the fleet manager.",
        discussion: "apus fleet serve prints where the first token is.",
        subcommands: [List.self, Create.self, Revoke.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which tokens there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/tokens"), of: "tokens", format,
                [
                    FleetColumn("ID", "id"), FleetColumn("NAME", "name"), FleetColumn("OWNER", "owner"),
                    FleetColumn("ROLES") {
                        $0.elements("roles").compactMap { $0.text }.joined(separator: ", ")
                    }, .time("CREATED (UTC)", "created"), .time("EXPIRES (UTC)", "expires"),
                    .time("LAST USED (UTC)", "last_used"),
                ])
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a token and print it; it cannot be shown again.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Option(help: "viewer, editor, approver, operator or admin. May be repeated.")
        var role: [String]

        @Option(help: "The person or program it is for; nobody approves their own rollouts.")
        var owner: String?

        @Option(
            name: .customLong("expires-in"),
            help: ArgumentHelp("How long it is valid; for ever without it.", valueName: "duration"))
        var expiresIn: String?

        @Argument(help: "A name for lists and the audit log.")
        var name: String

        func run() async throws {
            var entries: [Tree.Entry] = [
                .init("name", .text(name)), .init("roles", .list(role.map { .text($0) })),
            ]
            if let owner { entries.append(.init("owner", .text(owner))) }
            if let expiresIn { entries.append(.init("expires_in", .text(expiresIn))) }
            try await fleet.change(
                "POST", AdminPath("/v1/tokens"), AdminDocument(Tree(.table(entries))), format
            ) { $0.shown("token") }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a token.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The id or the name of the token.")
        var id: String

        func run() async throws {
            try await fleet.change("DELETE", AdminPath("/v1/tokens", [id], dryRun.query), nil, format) {
                "\(dryRun.prefix)token \($0.shown("name")) is revoked"
            }
        }
    }
}

/// `apus fleet whoami`: who asks, and what they may do.
struct WhoAmICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami", abstract: "Say who the token is, and what it may do.")

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        try await fleet.show(AdminPath("/v1/whoami"), format) { caller in
            let roles = caller.elements("roles").compactMap { $0.text }.joined(separator: ", ")
            let permissions = caller.elements("permissions").compactMap { $0.text }.joined(separator: ", ")
            return ["\(caller.shown("name")) (\(roles))", "may: \(permissions)"]
        }
    }
}
