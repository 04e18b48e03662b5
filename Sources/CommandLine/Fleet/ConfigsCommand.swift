internal import ArgumentParser
internal import Settings
internal import Transport

/// `apus fleet configs`: configurations and their revisions.
struct ConfigsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "configs", abstract: "Configurations, their revisions, and what is wrong with them.",
        subcommands: [
            List.self, Show.self, Push.self, Revisions.self, Diff.self, Validate.self, Lint.self,
            Render.self, Describe.self, Delete.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which configurations there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/configs"), of: "configs", format,
                [
                    FleetColumn("NAME", "name"), .number("LATEST", "latest"),
                    .time("UPDATED (UTC)", "updated"),
                    FleetColumn("BY", "author"), FleetColumn("DESCRIPTION", "description"),
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a revision of a configuration, the newest without a number.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The configuration and its revision, such as edge or edge@3.")
        var reference: ConfigReference

        func run() async throws {
            try await fleet.show(reference.path, format) { FleetText.files($0) }
        }
    }

    struct Revisions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which revisions a configuration has, the newest first.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Option(help: "How many at most.")
        var limit = 100

        @Argument(help: "The name of the configuration.")
        var name: String

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/configs", [name, "revisions"]), of: "revisions", format, limit: limit,
                [
                    FleetColumn("REVISION", "reference"),
                    FleetColumn("HASH") { String($0.shown("hash").prefix(12)) },
                    .time("CREATED (UTC)", "created"), FleetColumn("BY", "author"),
                    FleetColumn("MESSAGE") { PlainText.cut($0.shown("message"), to: 60) },
                ])
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what tells two revisions apart, the last two without numbers.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Flag(help: "Value by value instead of line by line; comments and the order of keys do not count.")
        var semantic = false

        @Argument(help: "The name of the configuration.")
        var name: String

        @Argument(help: "The number of the older revision.")
        var from: Int?

        @Argument(help: "The number of the newer revision.")
        var to: Int?

        func run() async throws {
            let query = ["from": from.map { "\($0)" }, "to": to.map { "\($0)" }]
            try await fleet.show(AdminPath("/v1/configs", [name, "diff"], query), format) { difference in
                guard semantic else { return FleetText.difference(difference) }
                let lines = PlanText.differences(difference.elements("differences"))
                return lines.isEmpty ? ["no differences"] : lines
            }
        }
    }

    struct Describe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say what a configuration is for.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the configuration.")
        var name: String

        @Argument(help: "What it is for.")
        var text: String

        func run() async throws {
            let document = AdminDocument(mergePatch: .table(["description": .text(text)]))
            try await fleet.run(format, document) { client in
                let version = try await client.get(AdminPath("/v1/configs", [name])).version
                let answer = try await client.send(
                    "PATCH", AdminPath("/v1/configs", [name], dryRun.query), document,
                    fields: ["if-match": version ?? "*"])
                guard !format.isJSON else { return answer.write() }
                print(dryRun.prefix + "\(name): \(answer.tree.shown("description"))")
            }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a configuration that no agent ought to run, with its revisions.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the configuration.")
        var name: String

        func run() async throws {
            try await fleet.delete(AdminPath("/v1/configs", [name], dryRun.query), format) {
                "\(dryRun.prefix)configuration \($0.shown("name")) is deleted"
            }
        }
    }
}

/// A configuration and, if it was named, its revision: `edge`, `edge@3`, `edge@latest`.
struct ConfigReference: ExpressibleByArgument {
    let name: String
    /// A number, or `latest`.
    let number: String

    init?(argument: String) {
        let parts = argument.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        name = parts[0]
        number = parts.count == 2 ? parts[1] : "latest"
    }

    /// The revision.
    var path: AdminPath { AdminPath("/v1/configs", [name, "revisions", number]) }
}
