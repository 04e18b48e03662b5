internal import ArgumentParser
internal import Settings

/// `apus fleet audit`: who did what.
struct FleetAuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Who did what, and whether nobody has changed the log.",
        subcommands: [List.self, Export.self, Verify.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say who did what, the newest first.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Option(help: "How many at most.")
        var limit = 100

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/audit"), of: "entries", format, limit: limit,
                [
                    .number("NO", "number"), .time("TIME (UTC)", "time"), FleetColumn("WHO", "actor"),
                    FleetColumn("WHAT", "action"), FleetColumn("OUTCOME", "outcome"),
                    FleetColumn("TARGET") { PlainText.cut($0.shown("target"), to: 60) },
                    FleetColumn("DETAIL") {
                        PlainText.cut(
                            $0[["details", "message"]]?.text.map {
                                PlainText.line($0)
                            } ?? "", to: 60)
                    },
                ])
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the whole log, an entry a line, each with the hash of the one before.")

        @OptionGroup var fleet: FleetOptions

        func run() async throws {
            try await fleet.run { client in
                try await client.get(AdminPath("/v1/audit/export"), accept: "application/jsonl").write()
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the chain of the log.", discussion: "Exit codes: 0 it is whole, 1 it is not.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.run(format) { client in
                let answer = try await client.get(AdminPath("/v1/audit/verification"))
                let isWhole = answer.tree["whole"]?.text == "true"
                if format.isJSON {
                    answer.write()
                } else {
                    for fault in answer.tree.elements("faults") { print(PlainText.line(fault.text ?? "")) }
                    let entries = answer.tree.count("entries")
                    let noun = entries == 1 ? "entry" : "entries"
                    print(isWhole ? "whole: \(FleetText.grouped(entries)) \(noun)" : "not whole")
                }
                if !isWhole { throw ExitCode(ExitCodes.failure) }
            }
        }
    }
}
