internal import ArgumentParser

extension AgentsCommand {
    struct Restart: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ask an agent to restart.")

        @OptionGroup var action: AgentAction

        func run() async throws { try await action.run("restart", "is asked to restart") }
    }

    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Offer a revision again that an agent could not run.")

        @OptionGroup var action: AgentAction

        func run() async throws { try await action.run("retry", "gets its revision once more") }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the credentials of an agent away and close its connections.",
            discussion: "It is refused until `apus fleet enrollment approve` lets it in anew.")

        @OptionGroup var action: AgentAction

        func run() async throws { try await action.run("revoke", "has no credentials any more") }
    }

    struct Forget: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forget an agent that is gone.")

        @OptionGroup var action: AgentAction

        func run() async throws {
            try await action.fleet.delete(
                AdminPath("/v1/agents", [action.uid], action.dryRun.query), action.format
            ) { action.dryRun.prefix + "agent \($0.shown("uid")) is forgotten" }
        }
    }
}

/// The options of what is done to one agent.
struct AgentAction: ParsableArguments {
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var dryRun: DryRunOption

    @Argument(help: "The instance_uid.")
    var uid: String

    /// Does it, and says so.
    func run(_ verb: String, _ what: String) async throws {
        let path = AdminPath("/v1/agents/\(AdminPath.encoded(uid)):\(verb)", [], dryRun.query)
        try await fleet.change("POST", path, nil, format) {
            "\(dryRun.prefix)agent \($0.shown("uid")) \(what)"
        }
    }
}
