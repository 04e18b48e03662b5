internal import ArgumentParser
internal import Settings

/// `apus fleet webhooks`: where events are sent.
struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks", abstract: "Where events are sent, signed.",
        subcommands: [List.self, Show.self, Set.self, Test.self, Delete.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which webhooks there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/webhooks"), of: "webhooks", format,
                [
                    FleetColumn("NAME", "name"), FleetColumn("URL", "url"),
                    FleetColumn("EVENTS") {
                        let kinds = $0.elements("kinds").compactMap { $0.text }
                        return kinds.isEmpty ? "all" : kinds.joined(separator: ", ")
                    },
                    FleetColumn("ENABLED", "enabled"),
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say everything about a webhook, with its last deliveries.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The name of the webhook.")
        var name: String

        func run() async throws {
            try await fleet.show(AdminPath("/v1/webhooks", [name]), format) { webhook in
                FleetText.facts(
                    webhook, [("webhook", "name"), ("url", "url"), ("enabled", "enabled")])
                    + FleetText.table(
                        webhook.elements("deliveries"),
                        [
                            .time("TIME (UTC)", "time"), FleetColumn("EVENT", "event"),
                            FleetColumn("OUTCOME", "outcome"), .number("STATUS", "status"),
                            .number("ATTEMPTS", "attempts"), FleetColumn("ERROR", "error"),
                        ])
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a webhook, or replace it.",
            discussion: "The secret of a new one is printed, once.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Option(
            help: "A kind of events, such as rollout.state or rollout.*. May be repeated; all without it.")
        var kind: [String] = []

        @Option(name: .customLong("secret-file"), help: "A file with the secret that signs requests.")
        var secretFile: String?

        @Flag(help: "Send nothing for now.")
        var disabled = false

        @Argument(help: "The name of the webhook.")
        var name: String

        @Argument(help: "Where to send.")
        var url: String

        func run() async throws {
            var entries: [Tree.Entry] = [
                .init("url", .text(url)), .init("enabled", .bool(!disabled)),
            ]
            if !kind.isEmpty { entries.append(.init("kinds", .list(kind.map { .text($0) }))) }
            if let secretFile {
                let text = try AdminDocument.configuration(secretFile).text
                entries.append(.init("secret", .text(String(text.prefix { !$0.isNewline }))))
            }
            try await fleet.put(
                AdminPath("/v1/webhooks", [name], dryRun.query), AdminDocument(Tree(.table(entries))), format
            ) { webhook in
                let secret = webhook.shown("secret")
                return "\(dryRun.prefix)webhook \(webhook.shown("name")) is set"
                    + (secret.isEmpty ? "" : "\nits secret: \(secret)")
            }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a test to a webhook, and say what it answers.",
            discussion: "The test is an event of the kind webhook.test. Ends with 1 when it does not arrive.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the webhook.")
        var name: String

        func run() async throws {
            let path = AdminPath("/v1/webhooks/\(AdminPath.encoded(name)):test", [], dryRun.query)
            try await fleet.run(format) { client in
                let answer = try await client.send("POST", path)
                if format.isJSON { answer.write() } else { print(dryRun.prefix + Self.line(answer.tree)) }
                let outcome = answer.tree["delivery"]?.shown("outcome")
                if outcome == "failed" { throw ExitCode(ExitCodes.failure) }
            }
        }

        /// What came of it, in words.
        static func line(_ answer: Tree) -> String {
            let subject = "webhook \(answer.shown("name")): a test"
            guard let delivery = answer["delivery"] else {
                return "\(subject) goes to \(answer.shown("url"))"
            }
            let status = delivery.shown("status")
            guard delivery.shown("outcome") == "failed" else {
                return "\(subject) has arrived; the answer has the status \(status)"
            }
            return "\(subject) has not arrived: \(delivery.shown("error"))"
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Delete a webhook.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the webhook.")
        var name: String

        func run() async throws {
            try await fleet.delete(AdminPath("/v1/webhooks", [name], dryRun.query), format) {
                "\(dryRun.prefix)webhook \($0.shown("name")) is deleted"
            }
        }
    }
}
