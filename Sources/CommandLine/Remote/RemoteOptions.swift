internal import ArgumentParser
internal import Glibc
internal import Settings
internal import Transport

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

    @Option(
        help: ArgumentHelp(
            "A token of apus token create; others see it in the list of processes. Also: $APUS_TOKEN.",
            valueName: "token"))
    var token: String?

    @Option(
        name: .customLong("token-file"),
        help: ArgumentHelp("A file with the token.", valueName: "file"))
    var tokenFile: String?

    @Option(
        name: .customLong("ca-file"),
        help: ArgumentHelp(
            "The authorities to trust with https, instead of those of the system.", valueName: "file"))
    var authorities: String?

    @Option(
        name: .customLong("client-cert"),
        help: ArgumentHelp("The certificate to show with https.", valueName: "file"))
    var certificate: String?

    @Option(
        name: .customLong("client-key"), help: ArgumentHelp("The key of that certificate.", valueName: "file")
    )
    var key: String?

    func validate() throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--client-cert and --client-key go together")
        }
        guard token == nil || tokenFile == nil else {
            throw ValidationError("--token and --token-file do not go together")
        }
        guard let admin else { return }
        let address: AdminAddress
        do throws(TransportError) {
            address = try AdminAddress(parsing: admin)
        } catch {
            throw ValidationError("--admin: \(error.message)")
        }
        guard address.isSecure || (authorities == nil && certificate == nil) else {
            throw ValidationError("--ca-file and --client-cert need an https:// address")
        }
    }

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
        let client = try open()
        do {
            try await work(client)
        } catch let failure as RemoteFailure {
            await client.close()
            RefusalReport.tell(failure, format, document)
            throw ExitCode(failure.exitCode)
        }
        await client.close()
    }

    private func open() throws -> AdminClient {
        var tls = ClientTLS.Options()
        tls.authorities = authorities.map { .file($0) }
        if let certificate, let key {
            tls.identity = TLSIdentity(certificate: .file(certificate), key: .file(key))
        }
        do throws(TransportError) {
            let given = try admin.map { text throws(TransportError) in try AdminAddress(parsing: text) }
            let (address, token) = (given ?? .standard, try chosenToken())
            if token != nil, !address.isSecure, !address.target.isLocal {
                Report.write("warning: everybody on the way can read the token; https:// hides it\n")
            }
            return try AdminClient(address, token: token, tls: tls)
        } catch {
            Report.write("error: \(error)\n")
            throw ExitCode(ExitCodes.failure)
        }
    }

    private func chosenToken() throws(TransportError) -> String? {
        if let token { return token }
        guard let tokenFile else {
            return getenv("APUS_TOKEN").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let file = fopen(tokenFile, "re") else {
            throw TransportError(
                .invalidAddress,
                "the token file '\(tokenFile)' cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        // A token has 50 characters or so; what comes after the first line is not one.
        var line = [CChar](repeating: 0, count: 4096)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let bytes = line.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
