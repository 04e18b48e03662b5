internal import ArgumentParser
internal import Settings

extension RolloutsCommand {
    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let nobody else get the revision.")
        @OptionGroup var action: RolloutAction
        func run() async throws { try await action.run("pause") }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with a rollout that is paused.",
            discussion: """
                Of one that has succeeded, and gives agents that come later nothing any more because they \
                could not run it: give it to them again.
                """)
        @OptionGroup var action: RolloutAction
        func run() async throws { try await action.run("resume") }
    }

    struct Promote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go on with the next stage without the gate of this one.")
        @OptionGroup var action: RolloutAction
        @Flag(help: "Later stages need no gate either.")
        var all = false
        func run() async throws { try await action.run("promote", all ? [.init("all", .bool(true))] : []) }
    }

    struct Begin: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Begin a draft.")
        @OptionGroup var action: RolloutAction
        func run() async throws { try await action.run("begin") }
    }

    struct Abort: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End it; agents keep what they have.",
            discussion: "Of one that has succeeded: agents that come later get nothing because of it.")
        @OptionGroup var action: RolloutAction
        func run() async throws { try await action.run("abort") }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take all agents back to what they had before.")
        @OptionGroup var action: RolloutAction
        func run() async throws { try await action.run("rollback") }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say yes to the rollout of somebody else.")
        @OptionGroup var action: RolloutAction
        @Flag(
            name: .customLong("break-glass"),
            help: "In an emergency: go on as an admin without a second person; everybody sees it and why.")
        var breakGlass = false

        func validate() throws {
            guard breakGlass, action.reason?.contains(where: { !$0.isWhitespace }) != true else { return }
            throw ValidationError("--break-glass needs a --reason; everybody will read it.")
        }

        func run() async throws {
            try await action.run("approve", breakGlass ? [.init("break_glass", .bool(true))] : [])
        }
    }
}

/// The options of what is done to a rollout.
struct RolloutAction: ParsableArguments {
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var dryRun: DryRunOption

    @Option(help: "Why, for the rollout and the audit log.")
    var reason: String?

    @Argument(help: "The id of the rollout.")
    var id: String

    func run(_ verb: String, _ more: [Tree.Entry] = []) async throws {
        let path = AdminPath("/v1/rollouts/\(AdminPath.encoded(id)):\(verb)", [], dryRun.query)
        let document = AdminDocument(
            Tree(.table(more + (reason.map { [.init("reason", .text($0))] } ?? []))))
        try await fleet.change("POST", path, document, format) { rollout in
            let reason = rollout.shown("reason")
            return dryRun.prefix + "rollout \(rollout.shown("id")) is "
                + FleetText.words(rollout.shown("state")) + (reason.isEmpty ? "" : ": \(reason)")
        }
    }
}
