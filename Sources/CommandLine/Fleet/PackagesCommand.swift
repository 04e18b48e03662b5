internal import ArgumentParser
internal import Fleet
internal import FleetModel
internal import Settings

/// `apus fleet packages`: what agents may be given to install.
struct PackagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "packages",
        abstract: "Packages that agents may be given, signed, in sets with versions.",
        discussion: """
              apus fleet packages add agents -f agents.yaml       the next version of a set
              apus fleet packages keys                            what agents check signatures with
              apus fleet rollouts start packages/agents@3 --selector env=prod

            A set is packages with a name, a version, and a file for each platform:

              packages:
                - name: otelcol
                  version: 1.2.3
                  artefacts:
                    - {match: "os.type=linux,host.arch=amd64", file: otelcol-amd64.tar.gz}
                    - {match: "os.type=linux,host.arch=arm64", url: "https://…", sha256: 9f86…}

            With `file` the hash is computed here; without `url` the file is sent to the manager, and agents \
            download it there. The manager signs, unless --key or `signature` does.
            """,
        subcommands: [
            List.self, Show.self, Versions.self, PackageAddCommand.self, Delete.self, Keys.self, Files.self,
            PackageUploadCommand.self, DeleteFile.self, PackageSignCommand.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say which sets there are.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/package-sets"), of: "sets", format,
                [
                    FleetColumn("SET", "name"), .number("LATEST", "latest"),
                    FleetColumn("PACKAGES") { set in
                        set.elements("packages").compactMap(\.text).joined(separator: ", ")
                    },
                    .time("UPDATED (UTC)", "updated"), FleetColumn("BY", "author"),
                ])
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a version of a set, the newest without a number.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "The set and its version, such as agents or agents@3.")
        var reference: ConfigReference

        func run() async throws {
            let path = AdminPath("/v1/package-sets", [reference.name, "versions", reference.number])
            try await fleet.show(path, format) { set in
                var lines = FleetText.facts(
                    set,
                    [("set", "reference"), ("created", "created"), ("by", "author"), ("message", "message")])
                for package in set.elements("packages") {
                    let name = package.shown("name")
                    lines += ["", "\(name.isEmpty ? "-" : name) \(package.shown("version"))"]
                    lines += FleetText.table(
                        package.elements("artefacts"),
                        [
                            FleetColumn("FOR") { $0.shown("match").isEmpty ? "all" : $0.shown("match") },
                            FleetColumn("SHA256") { String($0.shown("sha256").prefix(12)) },
                            FleetColumn("KEY", "key"),
                            FleetColumn("FROM") { $0.shown("url").isEmpty ? "manager" : $0.shown("url") },
                        ])
                }
                return lines
            }
        }
    }

    struct Versions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which versions a set has, the newest first.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Option(help: "How many at most.")
        var limit = 100

        @Argument(help: "The name of the set.")
        var name: String

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/package-sets", [name, "versions"]), of: "versions", format, limit: limit,
                [
                    FleetColumn("VERSION", "reference"), .time("CREATED (UTC)", "created"),
                    FleetColumn("BY", "author"),
                    FleetColumn("MESSAGE") { PlainText.cut($0.shown("message"), to: 60) },
                ])
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete a set that no agent ought to have, with its versions.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The name of the set.")
        var name: String

        func run() async throws {
            try await fleet.delete(AdminPath("/v1/package-sets", [name], dryRun.query), format) {
                "\(dryRun.prefix)set \($0.shown("name")) is deleted"
            }
        }
    }

    struct Keys: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the public keys that agents check signatures of packages with.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        @Flag(help: "Only the keys, in PEM.")
        var pem = false

        func run() async throws {
            try await fleet.show(AdminPath("/v1/package-keys"), format) { answer in
                let keys = answer.elements("keys")
                if pem { return keys.flatMap { FleetText.lines($0["pem"]?.text ?? "") } }
                return FleetText.table(
                    keys,
                    [
                        FleetColumn("KEY", "id"), FleetColumn("ED25519 (BASE64)", "public_key"),
                        FleetColumn("WHOSE") { $0.shown("own") == "true" ? "this manager's" : "configured" },
                    ])
            }
        }
    }

    struct Files: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say which files the manager has for agents to download.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await fleet.list(
                AdminPath("/v1/package-files"), of: "files", format,
                [FleetColumn("SHA256", "sha256"), .number("BYTES", "size"), .time("CAME (UTC)", "time")])
        }
    }

    struct DeleteFile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "delete-file", abstract: "Delete a file that no version of a set needs any more.")

        @OptionGroup var fleet: FleetOptions
        @OptionGroup var format: OutputOptions
        @OptionGroup var dryRun: DryRunOption

        @Argument(help: "The SHA-256 of the file.")
        var hash: String

        func run() async throws {
            try await fleet.delete(AdminPath("/v1/package-files", [hash], dryRun.query), format) {
                "\(dryRun.prefix)file \($0.shown("sha256")) is deleted"
            }
        }
    }
}
