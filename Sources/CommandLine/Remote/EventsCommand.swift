internal import ArgumentParser
internal import Glibc
internal import Settings

/// `apus events`: what has happened.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Say what has happened in a running collector.",
        discussion: "With --follow and json there is one event a line. Ctrl-C ends it.")

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    @Flag(name: .shortAndLong, help: "Go on with what happens from now on.")
    var follow = false

    @Option(help: ArgumentHelp("Only such events, as in config.applied.", valueName: "kind"))
    var kind: String?

    func run() async throws {
        try await remote.run(format.output) { client in
            var path = AdminPath("/v1/events", [], ["kind": kind])
            guard follow else {
                let events = try await client.list(path, of: "events")
                if format.isJSON { return print(Tree.table(["events": .list(events)]).json()) }
                for event in events { show(event) }
                return
            }
            // The newest event of any kind: what came after it is remembered for sure, so nothing is missed.
            let events = try await client.list(AdminPath("/v1/events"), of: "events")
            for event in events where kind == nil || event["kind"]?.text == kind { show(event) }
            path.query["after"] = events.last?["id"]?.text ?? "0"
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
            // As wide as the longest kind.
            let space = String(repeating: " ", count: max(18 - kind.count, 2))
            print(
                "\(PlainText.moment(event.shown("time")))  \(kind)\(space)\(event.shown("subject")): "
                    + event.shown("message"))
        }
        fflush(nil)
    }
}
