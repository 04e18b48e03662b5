internal import ArgumentParser
internal import Settings

extension ConfigsCommand {
    struct Push: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a file the next revision of a configuration; nobody runs it yet.",
            discussion: """
                The first one makes the configuration. A file that is a revision already adds nothing.

                Variables, for ${var:NAME}: --variables variables.yaml, a map from names to type, default, \
                required, description, allowed and from.
                """)

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption
        @OptionGroup var draft: DraftOptions

        @Option(name: .shortAndLong, help: "Why, for the history.")
        var message: String?

        @Argument(help: "The name of the configuration.")
        var name: String

        @Argument(help: "The file, or several that are laid one over the other; - for standard input.")
        var files: [String]

        func run() async throws {
            var entries = try draft.entries(files)
            if let message { entries.append(.init("message", .text(message))) }
            let path = AdminPath("/v1/configs", [name, "revisions"], dryRun.query)
            try await fleet.run(format) { client in
                let answer = try await draft.send(path, entries, client, files)
                guard !format.isJSON else { return answer.write() }
                RefusalReport.tell(draft.localized(answer.tree.elements("findings"), files), nil)
                guard !dryRun.dryRun else { return print("it would be a revision") }
                let reference = answer.tree.shown("reference")
                print(answer.status == 201 ? "\(reference) is made" : "\(reference) is the same already")
            }
        }
    }

    struct Validate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check files or a revision against the agents that they are for.",
            discussion: "Exit codes: 0 it can be run, 2 it cannot.")

        @OptionGroup var check: CheckOptions

        func run() async throws { try await check.run("validate") }
    }

    struct Lint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is possible and probably not meant, and what is wrong.")

        @OptionGroup var check: CheckOptions

        func run() async throws { try await check.run("lint") }
    }

    struct Render: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what files or a revision become for one agent; secrets stay names.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var draft: DraftOptions

        @Option(help: "The instance_uid of the agent.")
        var agent: String

        @Argument(help: "The configuration and its revision, such as edge or edge@3.")
        var reference: ConfigReference

        @Argument(help: "Files, instead of a revision.")
        var files: [String] = []

        func run() async throws {
            var entries = try files.isEmpty ? [] : draft.entries(files)
            if files.isEmpty { entries.append(.init("revision", .text(reference.number))) }
            entries.append(.init("agent", .text(agent)))
            let path = AdminPath("/v1/configs/\(AdminPath.encoded(reference.name)):render")
            try await fleet.run(format) { client in
                let answer = try await draft.send(path, entries, client, files)
                guard !format.isJSON else { return answer.write() }
                for line in FleetText.files(answer.tree) { print(line) }
            }
        }
    }
}

/// The options of checks.
struct CheckOptions: ParsableArguments {
    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var draft: DraftOptions

    @Option(help: "The agents that it is for; all without it.")
    var selector: String?

    @Argument(help: "The configuration and its revision, such as edge or edge@3.")
    var reference: ConfigReference

    @Argument(help: "Files, instead of a revision.")
    var files: [String] = []

    func run(_ verb: String) async throws {
        var entries = try files.isEmpty ? [] : draft.entries(files)
        if files.isEmpty { entries.append(.init("revision", .text(reference.number))) }
        if let selector { entries.append(.init("selector", .text(selector))) }
        let path = AdminPath("/v1/configs/\(AdminPath.encoded(reference.name)):\(verb)")
        try await fleet.run(format) { client in
            let answer = try await draft.send(path, entries, client, files)
            let isValid = answer.tree["valid"]?.text == "true"
            if format.isJSON {
                answer.write()
            } else {
                let findings = answer.tree.elements("findings")
                RefusalReport.tell(draft.localized(findings, files), nil)
                let builds = answer.tree.elements("builds").compactMap { $0.text.map { PlainText.line($0) } }
                let agents = builds.isEmpty ? "" : " (checked for \(builds.joined(separator: ", ")))"
                print(isValid ? "it can be run\(agents)" : "it cannot be run\(agents)")
            }
            if !isValid { throw ExitCode(ExitCodes.configuration) }
        }
    }
}

/// What a revision is made of, on the command line.
struct DraftOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What ${var:NAME} may stand for, in YAML.", valueName: "file"))
    var variables: String?

    @Option(help: ArgumentHelp("A lint rule that does not count. May be repeated.", valueName: "rule"))
    var silence: [String] = []

    @Flag(help: "It is laid over what agents have locally.")
    var partial = false

    /// The keys of the body.
    func entries(_ files: [String]) throws -> [Tree.Entry] {
        var entries: [Tree.Entry] = []
        let bodies = try files.map { try AdminDocument.configuration($0).text }
        if bodies.count == 1 {
            entries.append(.init("body", .text(bodies[0])))
        } else {
            let named = zip(files, bodies).map { path, body in
                Tree.table(["name": .text(Self.name(path)), "body": .text(body)])
            }
            entries.append(.init("files", .list(named)))
        }
        if let variables { entries.append(.init("variables", try AdminDocument.tree(variables))) }
        if !silence.isEmpty { entries.append(.init("silence", .list(silence.map { .text($0) }))) }
        if partial { entries.append(.init("partial", .bool(true))) }
        return entries
    }

    /// Sends a draft; what is wrong with it is told with the places in the local files.
    func send(
        _ path: AdminPath, _ entries: [Tree.Entry], _ client: AdminClient, _ files: [String]
    ) async throws(RemoteFailure) -> AdminAnswer {
        do throws(RemoteFailure) {
            return try await client.send("POST", path, AdminDocument(Tree(.table(entries))))
        } catch {
            guard case .refused(let answer) = error else { throw error }
            let errors = localized(answer.tree.elements("errors"), files)
            throw .refused(answer.replacing("errors", by: .list(errors)))
        }
    }

    /// Findings with the paths of local files in place of the names that the manager knows.
    func localized(_ findings: [Tree], _ files: [String]) -> [Tree] {
        findings.map { finding in
            guard let named = (finding["source"] ?? finding["file"])?.text, finding["line"] != nil else {
                return finding
            }
            let path = files.first { Self.name($0) == named } ?? files.first ?? named
            let entries = (finding.table ?? []).filter { $0.key != "source" }
            return Tree(.table(entries + [.init("source", .text(path))]))
        }
    }

    private static func name(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
