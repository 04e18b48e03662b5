internal import ArgumentParser
internal import Glibc
internal import Settings

/// `apus fleet events`: what has happened in the fleet.
struct FleetEventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Say what has happened in the fleet.",
        discussion: "With --follow and json there is one event a line. Ctrl-C ends it.")

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions

    @Flag(name: .shortAndLong, help: "Go on with what happens from now on.")
    var follow = false

    @Option(help: "Only such events, as in rollout.state, or rollout.* for all that begin so.")
    var kind: String?

    @Option(help: "Only what is about this rollout.")
    var rollout: String?

    @Option(help: "Only what is about this agent.")
    var agent: String?

    func run() async throws {
        try await fleet.run(format) { client in
            var path = AdminPath(
                "/v1/events", [], ["kind": kind, "rollout": rollout, "agent": agent])
            let events = try await client.list(path, of: "events")
            guard follow else {
                if format.isJSON { return print(Tree.table(["events": .list(events)]).json()) }
                for event in events { show(event) }
                return
            }
            for event in events { show(event) }
            // The newest event of any kind: what came after it is remembered for sure, so nothing is missed.
            let all = try await client.list(AdminPath("/v1/events"), of: "events")
            let known = max(events.last?.count("id") ?? 0, 0)
            path.query["after"] = "\(known > 0 ? known : all.last?.count("id") ?? 0)"
            try await client.follow(path) { event in
                show(AdminAnswer(status: 200, text: event.data).tree)
                return true
            }
        }
    }

    private func show(_ event: Tree) {
        if format.isJSON {
            print(event.json())
        } else {
            let kind = event.shown("kind")
            let space = String(repeating: " ", count: max(24 - kind.count, 2))
            let subject = event.shown("subject")
            print(
                "\(PlainText.moment(event.shown("time")))  \(kind)\(space)"
                    + (subject.isEmpty ? "" : "\(subject): ") + event.shown("message"))
        }
        fflush(nil)
    }
}
