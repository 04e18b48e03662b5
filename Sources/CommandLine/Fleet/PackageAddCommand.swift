internal import ArgumentParser
internal import Fleet
internal import FleetModel
internal import Settings

/// `apus fleet packages add`: the next version of a set, from a document that names files.
struct PackageAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make the next version of a set; no agent gets it before it is rolled out.")

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var dryRun: DryRunOption

    @Option(name: .shortAndLong, help: "Why, for the history.")
    var message: String?

    @Option(
        help: ArgumentHelp(
            "Signs here, with an Ed25519 key in PEM whose public half the manager knows.", valueName: "file"))
    var key: String?

    @Option(name: .shortAndLong, help: "The packages, in YAML or JSON.")
    var file: String

    @Argument(help: "The name of the set.")
    var name: String

    func run() async throws {
        var preparation = PackagePreparation(
            directory: file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
                separator: "/"))
        if let key { preparation.signer = try PackagePreparation.signer(key) }
        var document = try preparation.prepare(try AdminDocument.tree(file))
        if let message {
            document.removeAll { $0.key == "message" }
            document.append(.init("message", .text(message)))
        }
        let body = AdminDocument(Tree(.table(document)))
        let uploads = preparation.uploads
        try await fleet.run(format) { client in
            for upload in uploads where !dryRun.dryRun { try await upload.send(with: client) }
            let answer = try await client.send(
                "POST", AdminPath("/v1/package-sets", [name, "versions"], dryRun.query), body)
            guard !format.isJSON else { return answer.write() }
            guard !dryRun.dryRun else { return print("it would be a version") }
            let reference = answer.tree.shown("reference")
            print(answer.status == 201 ? "\(reference) is made" : "\(reference) is the same already")
        }
    }
}

/// `apus fleet packages upload`: gives the manager a file that agents may download.
struct PackageUploadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload", abstract: "Send a file to the manager, and print its SHA-256.")

    @OptionGroup var fleet: FleetOptions
    @OptionGroup var format: OutputOptions

    @Argument(help: "The file.")
    var file: String

    func run() async throws {
        let upload = try PackageUpload(file)
        try await fleet.run(format) { client in
            let answer = try await upload.send(with: client)
            guard !format.isJSON else { return answer.write() }
            print("\(upload.hash)")
        }
    }
}

/// `apus fleet packages sign`: makes a signature on a machine that needs no manager.
struct PackageSignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a file of a package, away from the manager; print the signature."
    )

    @Option(help: ArgumentHelp("An Ed25519 key in PEM.", valueName: "file"))
    var key: String

    @Option(help: "The name of the package.")
    var name = ""

    @Option(help: "top_level or addon.")
    var type = "top_level"

    @Option(name: .customLong("package-version"), help: "The version of the package.")
    var version: String

    @Argument(help: "The file.")
    var file: String

    func run() async throws {
        let upload = try PackageUpload(file)
        let statement = PackageStatement(name: name, type: type, version: version, hash: upload.hash)
        guard let signature = try PackagePreparation.signer(key).sign(statement) else {
            throw PackageUpload.failure("'\(file)' cannot be signed now")
        }
        print(Base64.encode(signature))
    }
}
