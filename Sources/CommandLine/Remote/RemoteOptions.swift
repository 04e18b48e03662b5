internal import ArgumentParser

/// How people and programs read what a command says.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
}

/// The option for that.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .customLong("output")],
        help: ArgumentHelp("text for people, or json: what the admin API answers.", valueName: "format"))
    var output = OutputFormat.text

    var isJSON: Bool { output == .json }
}

/// The options that say which collector a command is about, and who asks.
struct RemoteOptions: ParsableArguments {
    @Option(
        name: .customLong("admin"),
        help: ArgumentHelp(
            """
            The admin API: unix:///path, host:port or https://host:port. Without it: the unix socket that \
            apus run opens for this user, else localhost:4319.
            """, valueName: "address"))
    var admin: String?

    @OptionGroup var credentials: CredentialOptions

    func validate() throws { try credentials.check(admin, "--admin", of: .collector) }

    /// Does something with a client; tells what goes wrong and ends the program with its exit code.
    ///
    /// - Parameters:
    ///   - format: How a refusal is shown.
    ///   - document: What is sent, to show the lines that the collector finds fault with.
    ///   - work: What to do.
    /// - Throws: The exit code, after telling why.
    func run(
        _ format: OutputFormat = .text, _ document: AdminDocument? = nil,
        _ work: (AdminClient) async throws -> Void
    ) async throws {
        let client = try credentials.open(admin, of: .collector)
        try await client.run(format, document, work)
    }
}

extension AdminClient {
    /// Does something and closes; tells what goes wrong and ends the program with its exit code.
    func run(
        _ format: OutputFormat, _ document: AdminDocument?, _ work: (AdminClient) async throws -> Void
    ) async throws {
        do {
            try await work(self)
        } catch let failure as RemoteFailure {
            await close()
            RefusalReport.tell(failure, format, document, subject)
            throw ExitCode(failure.exitCode)
        }
        await close()
    }
}
