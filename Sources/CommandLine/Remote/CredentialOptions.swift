internal import ArgumentParser
internal import Glibc
internal import Transport

/// The options that say who asks, and how the way there is secured.
struct CredentialOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The token to show; others see it in the list of processes. Also: $APUS_TOKEN, and for a fleet \
            $APUS_FLEET_TOKEN.
            """, valueName: "token"))
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

    /// Checks the options together with the address that another option, `name`, has given.
    func check(_ address: String?, _ name: String, of subject: RemoteSubject) throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--client-cert and --client-key go together")
        }
        guard token == nil || tokenFile == nil else {
            throw ValidationError("--token and --token-file do not go together")
        }
        guard let address else { return }
        let place: AdminAddress
        do throws(TransportError) {
            place = try AdminAddress(parsing: address, of: subject)
        } catch {
            throw ValidationError("\(name): \(error.message)")
        }
        guard place.isSecure || (authorities == nil && certificate == nil) else {
            throw ValidationError("--ca-file and --client-cert need an https:// address")
        }
    }

    /// A client for an address; without one, for the usual place.
    ///
    /// - Throws: The exit code, after telling why.
    func open(_ address: String?, of subject: RemoteSubject) throws -> AdminClient {
        var tls = ClientTLS.Options()
        tls.authorities = authorities.map { .file($0) }
        if let certificate, let key {
            tls.identity = TLSIdentity(certificate: .file(certificate), key: .file(key))
        }
        do throws(TransportError) {
            let given = try address.map { text throws(TransportError) in
                try AdminAddress(parsing: text, of: subject)
            }
            let place = given ?? .standard(of: subject)
            let token = try chosenToken(subject, isLocal: place.target.isLocal)
            if token != nil, !place.isSecure, !place.target.isLocal {
                Report.write("warning: everybody on the way can read the token; https:// hides it\n")
            }
            return try AdminClient(place, of: subject, token: token, tls: tls)
        } catch {
            Report.write("error: \(error)\n")
            throw ExitCode(ExitCodes.failure)
        }
    }

    private func chosenToken(_ subject: RemoteSubject, isLocal: Bool) throws(TransportError) -> String? {
        if let token { return token }
        if let tokenFile {
            guard let file = fopen(tokenFile, "re") else {
                throw TransportError(
                    .invalidAddress,
                    "the token file '\(tokenFile)' cannot be read: \(String(cString: strerror(errno)))")
            }
            return Self.token(in: file)
        }
        let variable = getenv(subject.tokenVariable).map { String(cString: $0) } ?? ""
        if !variable.isEmpty { return variable }
        // On the machine of the manager its owner needs to set up nothing; nobody else gets that token, and
        // whoever shows a certificate wants to be that one.
        guard isLocal, certificate == nil else { return nil }
        return subject.tokenFile.flatMap { fopen($0, "re") }.flatMap { Self.token(in: $0) }
    }

    /// The token in a file, which is closed.
    private static func token(in file: UnsafeMutablePointer<FILE>) -> String? {
        defer { fclose(file) }
        // A token has 50 characters or so; what comes after the first line is not one.
        var line = [CChar](repeating: 0, count: 4096)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let bytes = line.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
