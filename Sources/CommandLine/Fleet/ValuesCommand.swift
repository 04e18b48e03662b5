internal import ArgumentParser
internal import Settings

/// `apus fleet values`: what variables of templates are filled in with.
struct ValuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "values", abstract: "What variables are filled in with in the whole fleet.",
        discussion: "Agents get another value with the next rollout. Values are no place for secrets.",
        subcommands: [List.self, Set.self, Delete.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which values there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/values"), of: "values", format,
                [
                    FleetColumn("NAME", "name"),
                    FleetColumn("VALUE") { PlainText.cut(Self.value($0["value"]), to: 60) },
                    FleetColumn("DESCRIPTION", "description"),
                ])
        }

        private static func value(_ tree: Tree?) -> String {
            tree.map { PlainText.line($0.text ?? $0.json()) } ?? ""
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Set a value.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Option(help: "What it is for.")
        var description: String?

        @Argument(help: "The name of the value.")
        var name: String

        @Argument(help: "The value; several make a list.")
        var value: [String]

        func run() async throws {
            let written: Tree = value.count == 1 ? .text(value[0]) : .list(value.map { .text($0) })
            var entries: [Tree.Entry] = [.init("value", written)]
            if let description { entries.append(.init("description", .text(description))) }
            try await fleet.put(
                AdminPath("/v1/values", [name], dryRun.query), AdminDocument(Tree(.table(entries))), format
            ) { "\(dryRun.prefix)\($0.shown("name")) is set; agents get it with the next rollout" }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a value.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the value.")
        var name: String

        func run() async throws {
            try await fleet.delete(AdminPath("/v1/values", [name], dryRun.query), format) {
                "\(dryRun.prefix)\($0.shown("name")) is removed"
            }
        }
    }
}
