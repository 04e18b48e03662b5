internal import ArgumentParser
internal import Settings

/// `apus fleet groups`: named selectors.
struct GroupsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "groups", abstract: "Named selectors, with values for templates.",
        subcommands: [List.self, Show.self, Set.self, Delete.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which groups there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/groups"), of: "groups", format,
                [
                    FleetColumn("NAME", "name"), FleetColumn("SELECTOR", "selector"),
                    .number("PRIORITY", "priority"),
                    FleetColumn("DESCRIPTION", "description"),
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say everything about a group.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The name of the group.")
        var name: String

        func run() async throws {
            try await fleet.show(AdminPath("/v1/groups", [name]), format) { group in
                let values = FleetText.labels(group["values"])
                return FleetText.facts(
                    group,
                    [
                        ("group", "name"), ("selector", "selector"), ("agents", "agents"),
                        ("priority", "priority"), ("description", "description"), ("source", "source"),
                    ]) + (values.isEmpty ? [] : ["values: \(values)"])
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a group, or replace it.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Option(help: "Which agents belong to it, such as 'env=prod, region in (eu, us)'.")
        var selector: String

        @Option(help: "What it is for.")
        var description: String?

        @Option(help: "Where an agent is in two groups, the higher one wins.")
        var priority: Int?

        @Option(
            help: ArgumentHelp(
                "What a variable is for its agents. May be repeated.", valueName: "name=value"))
        var value: [String] = []

        @Argument(help: "The name of the group.")
        var name: String

        func validate() throws {
            for text in value where FleetText.pair(text) == nil {
                throw ValidationError("--value takes name=value, not '\(text)'")
            }
        }

        func run() async throws {
            var entries: [Tree.Entry] = [.init("selector", .text(selector))]
            if let description { entries.append(.init("description", .text(description))) }
            if let priority { entries.append(.init("priority", .number(priority))) }
            let values = value.compactMap { FleetText.pair($0) }.map { Tree.Entry($0.key, .text($0.value)) }
            if !values.isEmpty { entries.append(.init("values", Tree(.table(values)))) }
            try await fleet.put(
                AdminPath("/v1/groups", [name], dryRun.query), AdminDocument(Tree(.table(entries))), format
            ) {
                dryRun.prefix + "group \($0.shown("name")) has "
                    + FleetText.count($0.count("agents"), "agent")
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a group; its agents keep what they run.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the group.")
        var name: String

        func run() async throws {
            try await fleet.delete(AdminPath("/v1/groups", [name], dryRun.query), format) {
                "\(dryRun.prefix)group \($0.shown("name")) is deleted"
            }
        }
    }
}
