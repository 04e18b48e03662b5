internal import ArgumentParser
internal import Pipeline
internal import Settings

/// `apus fleet status`: how the fleet does, on one page.
struct FleetStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Say how the fleet does, what is being rolled out, and who waits.",
        discussion: "Exit codes: 0 all is well, 1 something needs a look.")

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        try await fleet.run(format) { client in
            let build = try await client.get(AdminPath("/v1/build")).tree
            let summary = try await client.get(AdminPath("/v1/summary")).tree
            let rollouts = try await client.list(
                AdminPath("/v1/rollouts", [], ["state": "active"]), of: "rollouts")
            let needsLook =
                summary.count("unhealthy") > 0 || (summary["drift"]?.count("failed") ?? 0) > 0
                || rollouts.contains { ["paused", "frozen", "rolling_back"].contains($0.shown("state")) }
            if format.isJSON {
                print(
                    Tree.table(["build": build, "summary": summary, "rollouts": .list(rollouts)]).json())
            } else {
                print("\(build.shown("name")) \(build.shown("version")) at \(client.address)")
                for line in FleetSummaryText.lines(summary) { print(line) }
                if !rollouts.isEmpty { print("") }
                for line in FleetSummaryText.rollouts(rollouts) { print(line) }
            }
            if needsLook { throw ExitCode(ExitCodes.failure) }
        }
    }
}

/// `apus fleet summary`: the fleet in numbers.
struct FleetSummaryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary", abstract: "Say in numbers how the fleet, or a part of it, does.")

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var choice: AgentChoice

    func run() async throws {
        try await fleet.show(AdminPath("/v1/summary", [], choice.query), format) {
            FleetSummaryText.lines($0)
        }
    }
}

/// The fleet in numbers, for people.
enum FleetSummaryText {
    static func lines(_ summary: Tree) -> [String] {
        var lines = [
            "\(FleetText.count(summary.count("agents"), "agent")), "
                + "\(FleetText.grouped(summary.count("connected"))) connected, "
                + "\(FleetText.grouped(summary.count("unhealthy"))) unhealthy"
        ]
        let drift = FleetText.counts(summary["drift"])
        if !drift.isEmpty { lines.append("configurations: \(drift)") }
        let versions = summary.elements("versions").prefix(5).map {
            "\(FleetText.grouped($0.count("agents"))) \($0.shown("version"))"
        }
        if !versions.isEmpty { lines.append("versions: \(versions.joined(separator: ", "))") }
        if let items = summary["items"], items.table != nil {
            let flows = ["accepted", "delivered", "dropped"].map {
                "\($0) \(PlainText.short(items.figure($0)))/s"
            }
            lines.append("items: \(flows.joined(separator: ", "))")
        }
        let waiting = summary.count("waiting")
        if waiting > 0 {
            lines.append(
                "\(FleetText.count(waiting, "agent")) wait to be let in: apus fleet enrollment list")
        }
        return lines
    }

    static func rollouts(_ rollouts: [Tree]) -> [String] {
        rollouts.map { rollout in
            let stage = rollout["stage"] == nil ? "" : ", stage \(rollout.count("stage") + 1)"
            let counts = FleetText.counts(rollout["phases"])
            return "rollout \(rollout.shown("id")): \(rollout.shown("target")) is "
                + "\(FleetText.words(rollout.shown("state")))\(stage)"
                + (counts.isEmpty ? "" : " (\(counts))")
        }
    }
}
