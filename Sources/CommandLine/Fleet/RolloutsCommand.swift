internal import ArgumentParser
internal import Settings

/// `apus fleet rollouts`: how revisions reach agents.
struct RolloutsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollouts", abstract: "Bring revisions to agents, stage by stage, and take them back.",
        discussion: """
              apus fleet rollouts start edge@2 --selector env=prod --stage 1:5m --stage 10%:10m --stage 100%
              apus fleet rollouts start -f rollout.yaml --dry-run
              apus fleet rollouts watch ID
            """,
        subcommands: [
            List.self, Show.self, Start.self, Begin.self, Watch.self, Pause.self, Resume.self, Promote.self,
            Abort.self,
            Rollback.self, Approve.self, Agents.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which rollouts there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Option(
            help: """
                Only those in this state, such as running or paused; active for all not over, standing for \
                those whose revision agents get that come later.
                """)
        var state: String?

        @Option(help: "How many at most.")
        var limit = 50

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/rollouts", [], ["state": state]), of: "rollouts", format, limit: limit,
                [
                    FleetColumn("ROLLOUT", "id"), FleetColumn("TARGET", "target"),
                    FleetColumn("STATE") { FleetText.words($0.shown("state")) },
                    FleetColumn("STAGE") { rollout in
                        rollout["stage"] == nil
                            ? "" : "\(rollout.count("stage") + 1)/\(rollout.count("stages"))"
                    }, .number("AGENTS", "agents"),
                    FleetColumn("PHASES") { FleetText.counts($0["phases"]) },
                    FleetColumn("LATER") { $0["standing"]?.shown("state") ?? "" },
                    .time("CREATED (UTC)", "created"), FleetColumn("BY", "author"),
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say everything about a rollout: stages, what gates saw, events.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The id of the rollout.")
        var id: String

        func run() async throws {
            try await fleet.show(AdminPath("/v1/rollouts", [id]), format) { rollout in
                RolloutFrame(rollout, events: 20).lines().map(\.text)
            }
        }
    }

    struct Agents: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say how the agents of a rollout do.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Option(help: "Only those in this phase, such as failed or pending.")
        var phase: String?

        @Option(help: "Only those of the stage with this number, from 1.")
        var stage: Int?

        @Option(help: "How many at most.")
        var limit = 500

        @Argument(help: "The id of the rollout.")
        var id: String

        func run() async throws {
            let query = ["phase": phase, "stage": stage.map { "\(max($0 - 1, 0))" }]
            try await fleet.list(
                AdminPath("/v1/rollouts", [id, "agents"], query), of: "agents", format, limit: limit,
                [
                    FleetColumn("AGENT", "uid"), FleetColumn("STAGE") { "\($0.count("stage") + 1)" },
                    FleetColumn("PHASE", "phase"), FleetColumn("BEFORE", "previous"),
                    FleetColumn("REASON", "reason"),
                ])
        }
    }

    struct Watch: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how a rollout goes, live, until it is over.",
            discussion: """
                On a terminal a picture that is drawn again every second; elsewhere, or with --lines, a line \
                for each event. Ctrl-C ends it and leaves the rollout as it is.

                Exit codes: 0 it succeeded, 1 it did not, 5 it waits for a person (with --until-decision).
                """)

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var watch: WatchOptions

        @Argument(help: "The id of the rollout.")
        var id: String

        func run() async throws {
            try await fleet.run { client in try await RolloutWatch(client, id, watch).run() }
        }
    }
}

/// The options of whoever watches a rollout.
struct WatchOptions: ParsableArguments {
    @Flag(help: "Print a line for each event, also on a terminal.")
    var lines = false

    @Flag(
        name: .customLong("until-decision"),
        help: "End, with exit code 5, when the rollout is paused or waits for approval.")
    var untilDecision = false
}
