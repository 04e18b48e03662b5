internal import ArgumentParser
internal import Settings

/// `apus status`: how a collector does.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how a running collector does, with its components and pipelines.",
        discussion: """
            Exit codes: 0 the collector is ready, 1 it is not, 3 it cannot be reached, 4 it does not allow it.
            """)

    @OptionGroup var remote: RemoteOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        try await remote.run(format.output) { client in
            let view = try await CollectorView(client)
            if format.isJSON {
                print(view.tree.json())
            } else {
                for line in StatusText.lines(view, at: client.address) { print(line) }
            }
            if !view.isReady { throw ExitCode(ExitCodes.failure) }
        }
    }
}

/// What a collector says about itself at one moment.
struct CollectorView: Sendable {
    let build: Tree
    let runtime: Tree
    let state: Tree
    let components: [Tree]
    let pipelines: [Tree]
    let queues: [Tree]

    init(build: Tree, runtime: Tree, state: Tree, components: [Tree], pipelines: [Tree], queues: [Tree]) {
        self.build = build
        self.runtime = runtime
        self.state = state
        self.components = components
        self.pipelines = pipelines
        self.queues = queues
    }

    /// Asks for all of it.
    init(_ client: AdminClient) async throws(RemoteFailure) {
        build = try await client.get(AdminPath("/v1/build")).tree
        runtime = try await client.get(AdminPath("/v1/runtime")).tree
        state = try await client.get(AdminPath("/v1/config/state")).tree
        components = try await client.list(AdminPath("/v1/components"), of: "components")
        pipelines = try await client.list(AdminPath("/v1/pipelines"), of: "pipelines")
        queues = try await client.list(AdminPath("/v1/queues"), of: "queues")
    }

    var isReady: Bool { runtime["ready"]?.text == "true" }

    /// The time of the collector in seconds since 1970, against which its other times are told.
    var now: Int? { runtime["time"]?.text.flatMap { PlainText.seconds($0) } }

    /// `apus 0.1.0 is ready, up 3h2m`.
    var headline: String {
        let readiness = isReady ? "is ready" : "is not ready"
        let uptime = PlainText.time(goSyntax: runtime["uptime"]?.text ?? "")
        return "\(build.shown("name")) \(build.shown("version")) \(readiness), up \(uptime)"
    }

    var tree: Tree {
        .table([
            "build": build, "runtime": runtime, "config_state": state, "components": .list(components),
            "pipelines": .list(pipelines), "queues": .list(queues),
        ])
    }
}
