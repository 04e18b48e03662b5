internal import ArgumentParser
internal import Settings

/// `apus fleet variants`: which configurations are really running.
struct VariantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "variants", abstract: "Which configurations are really running, and how they differ.",
        subcommands: [List.self, Show.self, Diff.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which variants there are, the one with the most agents first.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var choice: AgentChoice

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/variants", [], choice.query), of: "variants", format,
                [
                    FleetColumn("VARIANT", "hash"), .number("AGENTS", "agents"),
                    FleetColumn("REVISIONS") {
                        $0.elements("revisions").compactMap { $0.text.map { PlainText.line($0) } }
                            .joined(separator: ", ")
                    },
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the files of a variant.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The hash of the variant.")
        var hash: String

        func run() async throws {
            try await fleet.show(AdminPath("/v1/variants", [hash]), format) { FleetText.files($0) }
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what tells two variants apart.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The hash of one.")
        var from: String

        @Argument(help: "The hash of the other.")
        var to: String

        func run() async throws {
            try await fleet.show(AdminPath("/v1/variants", [from, "diff"], ["to": to]), format) {
                FleetText.difference($0)
            }
        }
    }
}
