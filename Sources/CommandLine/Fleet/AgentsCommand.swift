internal import ArgumentParser
internal import Settings
internal import Transport

/// `apus fleet agents`: what there is, what it runs and how it does.
struct AgentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agents", abstract: "Agents: what there is, what they run and how they do.",
        subcommands: [
            List.self, Show.self, Label.self, History.self, Effective.self, Restart.self, Retry.self,
            Revoke.self, Forget.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which agents there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var choice: AgentChoice

        @Option(help: "Agents whose uid, name, labels or attributes have this text in them.")
        var search: String?

        @Option(help: "connected or disconnected.")
        var state: String?

        @Option(help: "in_sync, pending, applying, failed, drifted or unmanaged.")
        var drift: String?

        @Option(help: "Whether they say that they are healthy: true or false.")
        var healthy: String?

        @Option(help: "Agents of this build or version.")
        var version: String?

        @Option(help: "Agents that ought to run this revision, such as edge@3.")
        var revision: String?

        @Option(help: "uid, name or last_seen; with - before it the other way round.")
        var order: String?

        @Option(help: "How many at most.")
        var limit = 500

        func run() async throws {
            var query = choice.query
            query["search"] = search
            query["state"] = state
            query["drift"] = drift
            query["healthy"] = healthy
            query["version"] = version
            query["revision"] = revision
            query["order"] = order
            try await fleet.list(
                AdminPath("/v1/agents", [], query), of: "agents", format, limit: limit,
                [
                    FleetColumn("AGENT", "uid"), FleetColumn("NAME", "name"),
                    FleetColumn("STATE") { AgentText.state($0) },
                    FleetColumn("CONFIG") { FleetText.words($0.shown("drift")) },
                    FleetColumn("REVISION", "revision"), FleetColumn("VERSION", "version"),
                    FleetColumn("LABELS") { PlainText.cut(FleetText.labels($0["labels"]), to: 60) },
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say everything about an agent.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The instance_uid.")
        var uid: String

        func run() async throws {
            try await fleet.show(AdminPath("/v1/agents", [uid]), format) { AgentText.lines($0) }
        }
    }

    struct Label: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set labels of an agent, or remove them.",
            discussion: "  apus fleet agents label UID env=prod canary=true legacy-")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The instance_uid.")
        var uid: String

        @Argument(help: ArgumentHelp("A label, or a name with - to remove it.", valueName: "name=value"))
        var labels: [String]

        func validate() throws {
            for text in labels where FleetText.pair(text) == nil && !text.hasSuffix("-") {
                throw ValidationError("'\(text)' is neither name=value nor name-")
            }
        }

        func run() async throws {
            let entries = labels.map { text in
                FleetText.pair(text).map { Tree.Entry($0.key, .text($0.value)) }
                    ?? Tree.Entry(String(text.dropLast()), .null)
            }
            let document = AdminDocument(
                mergePatch: .table(["labels": Tree(.table(entries))]))
            try await fleet.run(format, document) { client in
                let path = AdminPath("/v1/agents", [uid], dryRun.query)
                let version = try await client.get(AdminPath("/v1/agents", [uid])).version
                let answer = try await client.send(
                    "PATCH", path, document, fields: ["if-match": version ?? "*"])
                guard !format.isJSON else { return answer.write() }
                print(dryRun.prefix + "labels: \(FleetText.labels(answer.tree["labels"]))")
            }
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what an agent said about configurations, the newest first.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The instance_uid.")
        var uid: String

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/agents/\(AdminPath.encoded(uid))/history"), of: "reports", format,
                [
                    .time("TIME (UTC)", "time"),
                    FleetColumn("OUTCOME") { FleetText.words($0.shown("outcome")) },
                    FleetColumn("REVISION", "revision"),
                    FleetColumn("HASH") { String($0.shown("hash").prefix(12)) },
                    FleetColumn("MESSAGE", "message"),
                ])
        }
    }

    struct Effective: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "config", abstract: "Show what an agent really runs, as it says.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The instance_uid.")
        var uid: String

        func run() async throws {
            try await fleet.show(AdminPath("/v1/agents", [uid, "effective-config"]), format) {
                FleetText.files($0)
            }
        }
    }
}

/// The options that choose agents.
struct AgentChoice: ParsableArguments {
    @Option(help: "Agents with these labels, such as 'env=prod, region in (eu, us)'.")
    var selector: String?

    @Option(help: "Agents of this group.")
    var group: String?

    var query: [String: String?] { ["selector": selector, "group": group] }
}
