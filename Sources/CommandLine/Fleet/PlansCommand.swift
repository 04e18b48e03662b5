internal import ArgumentParser
internal import Settings

/// `apus fleet plans`: how carefully revisions are rolled out.
struct PlansCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plans", abstract: "Named lists of stages, to be used again.",
        subcommands: [List.self, Show.self, Set.self, Delete.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which plans there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/plans"), of: "plans", format,
                [
                    FleetColumn("NAME", "name"),
                    FleetColumn("STAGES") {
                        $0.elements("stages").map { $0.shown("size") }.joined(separator: ", ")
                    },
                    FleetColumn("SUMMARY", "summary"),
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show a plan, as it can be set again.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The name of the plan.")
        var name: String

        func run() async throws {
            try await fleet.show(AdminPath("/v1/plans", [name]), format) { plan in
                let entries = (plan.table ?? []).filter { ["summary", "stages"].contains($0.key) }
                return FleetText.lines(Tree(.table(entries)).yaml())
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a plan of a file, or replace it.",
            discussion: """
                  summary: one, a percent, then everything
                  stages:
                    - {name: canary, size: 1, bake: 5m}
                    - {name: small, size: 1%, bake: 10m}
                    - {name: ramp, size: 10%→50%→100%, bake: 15m, max_parallel: 200}
                """)

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the plan.")
        var name: String

        @Argument(help: "The file, in YAML or JSON; - for standard input.")
        var file: String

        func run() async throws {
            try await fleet.put(
                AdminPath("/v1/plans", [name], dryRun.query), try AdminDocument.configuration(file), format
            ) {
                "\(dryRun.prefix)plan \($0.shown("name")) has "
                    + FleetText.count($0.elements("stages").count, "stage")
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a plan.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the plan.")
        var name: String

        func run() async throws {
            try await fleet.delete(AdminPath("/v1/plans", [name], dryRun.query), format) {
                "\(dryRun.prefix)plan \($0.shown("name")) is deleted"
            }
        }
    }
}
