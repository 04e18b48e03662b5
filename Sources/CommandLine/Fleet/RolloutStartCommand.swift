internal import ArgumentParser
internal import Settings

extension RolloutsCommand {
    /// `apus fleet rollouts start`.
    struct Start: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Roll a revision out; with --dry-run, say what that would do.",
            discussion: """
                What is not said has careful defaults; a file with -f can say everything, and options win \
                over it. Exit codes with --watch: 0 it succeeded, 1 it did not.
                """)

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption
        @OptionGroup var choice: AgentChoice
        @OptionGroup var watching: WatchOptions

        @Option(name: [.customShort("f"), .long], help: "The rollout in YAML or JSON; - for standard input.")
        var file: String?

        @Option(help: "The name of a plan.")
        var plan: String?

        @Option(
            help: ArgumentHelp(
                """
                A stage: how many agents, a share, or a selector, and how long it is watched, as in 1:5m, \
                10%:10m or 100%. May be repeated.
                """, valueName: "size[:bake]"))
        var stage: [String] = []

        @Option(name: .customLong("on-failure"), help: "pause, rollback_stage or rollback_all.")
        var onFailure: String?

        @Flag(name: .customLong("expect-drop"), help: "Fewer items may be delivered because of it.")
        var expectsDrop = false

        @Flag(help: "A second person has to approve it.")
        var approval = false

        @Option(help: "A rollout that ends because of this one. May be repeated.")
        var supersede: [String] = []

        @Option(help: "Why, for people.")
        var note: String?

        @Flag(help: "Only write it down; `rollouts begin` begins it.")
        var draft = false

        @Flag(help: "Show how it goes until it is over.")
        var watch = false

        @Argument(help: "The configuration and its revision, such as edge@2 or edge@latest.")
        var target: String?

        func validate() throws {
            guard target != nil || file != nil else {
                throw ValidationError("name a revision such as edge@2, or give a file with -f")
            }
            guard plan == nil || stage.isEmpty else {
                throw ValidationError("--plan and --stage do not go together")
            }
            guard !watch || !dryRun.dryRun else {
                throw ValidationError("--watch and --dry-run do not go together")
            }
        }

        func run() async throws {
            let document = AdminDocument(try body())
            try await fleet.run(format, document) { client in
                let answer = try await client.send(
                    "POST", AdminPath("/v1/rollouts", [], query), document)
                let id = answer.tree.shown("id")
                if watch {
                    guard !format.isJSON else {
                        answer.write()
                        return try await RolloutWatch(client, id, watching).runQuietly()
                    }
                    return try await RolloutWatch(client, id, watching).run()
                }
                guard !format.isJSON else { return answer.write() }
                guard !dryRun.dryRun else {
                    for line in RolloutText.preview(answer.tree) { print(line) }
                    return
                }
                print("rollout \(id) is \(FleetText.words(answer.tree.shown("state")))")
                print("watch it: apus fleet rollouts watch \(id)")
            }
        }

        private var query: [String: String?] {
            dryRun.query.merging(["draft": draft ? "true" : nil]) { first, _ in first }
        }

        /// The rollout: what the file says, and the options over it.
        private func body() throws -> Tree {
            var entries = try file.map { try AdminDocument.tree($0).table ?? [] } ?? []
            func set(_ key: String, _ value: Tree?) {
                guard let value else { return }
                entries.removeAll { $0.key == key }
                entries.append(Tree.Entry(key, value))
            }
            set("target", target.map { .text($0) })
            set("selector", choice.selector.map { .text($0) })
            set("group", choice.group.map { .text($0) })
            set("plan", plan.map { .text($0) })
            if !stage.isEmpty { set("plan", .list(stage.map(RolloutText.stage))) }
            set("on_failure", onFailure.map { .text($0) })
            if expectsDrop { set("expect", .text("drop")) }
            if approval { set("approval", .bool(true)) }
            if !supersede.isEmpty { set("supersedes", .list(supersede.map { .text($0) })) }
            set("note", note.map { .text($0) })
            return Tree(.table(entries))
        }
    }
}
