internal import AdminAPI
internal import ArgumentParser
internal import Glibc
internal import HTTPAPI
internal import Logging
internal import Transport

/// The options that say where the admin API listens and who may use it.
///
/// They are not part of the configuration, so that no change of it can cut off the way to take it back.
struct AdminOptions: ParsableArguments {
    @Option(
        name: .customLong("admin"),
        help: ArgumentHelp(
            """
            Where the admin API listens: host:port or unix:///path; none for nowhere. May be repeated. \
            Without it: a unix socket of the user, and localhost:4319.
            """, valueName: "address"))
    var addresses: [String] = []

    @Option(
        name: .customLong("admin-tls-cert"),
        help: ArgumentHelp("The certificate of the admin API over TCP.", valueName: "file"))
    var certificate: String?

    @Option(
        name: .customLong("admin-tls-key"),
        help: ArgumentHelp("The key of that certificate.", valueName: "file"))
    var key: String?

    @Option(
        name: .customLong("admin-tls-client-ca"),
        help: ArgumentHelp("Authorities that clients have to show a certificate of.", valueName: "file"))
    var clientAuthorities: String?

    @Option(
        name: .customLong("admin-client-role"),
        help: ArgumentHelp(
            "What the client with this common name in its certificate may do. May be repeated.",
            valueName: "name=role"))
    var clientRoles: [String] = []

    @Option(
        name: .customLong("admin-host"),
        help: ArgumentHelp(
            "A name, beside localhost and IP addresses, that requests may be addressed to. May be repeated.",
            valueName: "name"))
    var hosts: [String] = []

    @Flag(
        name: .customLong("admin-anonymous-read"),
        help: "Let everybody who can connect look at everything without a token.")
    var letsEverybodyRead = false

    @Option(
        name: .customLong("admin-mask"),
        help: ArgumentHelp(
            """
            Hides, where telemetry is shown, the values of attributes whose names contain this, beside those \
            that sound like a secret. May be repeated.
            """, valueName: "word"))
    var maskedAttributes: [String] = []

    /// The port of the admin API on localhost.
    static let standardPort = 4319

    func validate() throws {
        for address in addresses where address != "none" {
            do throws(TransportError) {
                _ = try ListenAddress(parsing: address)
            } catch {
                throw ValidationError("--admin: \(error.message)")
            }
        }
        if addresses.contains("none"), addresses.count > 1 {
            throw ValidationError("--admin none goes with no other --admin")
        }
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--admin-tls-cert and --admin-tls-key go together")
        }
        if clientAuthorities != nil, certificate == nil {
            throw ValidationError("--admin-tls-client-ca needs --admin-tls-cert and --admin-tls-key")
        }
        if !clientRoles.isEmpty, clientAuthorities == nil {
            throw ValidationError("--admin-client-role needs --admin-tls-client-ca")
        }
        for role in clientRoles where Self.pair(role) == nil {
            let roles = AdminRole.allCases.map { $0.rawValue }.joined(separator: ", ")
            throw ValidationError("--admin-client-role takes name=role; roles are \(roles)")
        }
    }

    /// Whether there is an admin API.
    var isWanted: Bool { addresses != ["none"] }

    /// Where it is to listen.
    var places: [ListenAddress] {
        guard isWanted else { return [] }
        if addresses.isEmpty { return Self.standardAddresses }
        return addresses.compactMap { text in
            do throws(TransportError) { return try ListenAddress(parsing: text) } catch { return nil }
        }
    }

    /// Who may use it.
    var access: AdminAccess {
        var access = AdminAccess(users: [0, geteuid()])
        for role in clientRoles {
            if let (name, role) = Self.pair(role) { access.certificates[name] = role }
        }
        access.anonymous = letsEverybodyRead ? .read : nil
        access.hosts = Set(hosts)
        return access
    }

    /// The places to listen at.
    ///
    /// - Throws: `.tls` for certificates that cannot be read, `.invalidAddress`.
    func listeners(logger: Logger) throws(TransportError) -> [AdminServer.Listener] {
        guard isWanted else { return [] }
        var tls: ServerTLS?
        if let certificate, let key {
            var options = ServerTLS.Options(
                identity: TLSIdentity(certificate: .file(certificate), key: .file(key)))
            options.clientAuthorities = clientAuthorities.map { .file($0) }
            tls = try ServerTLS(options, logger: logger)
        }
        guard !addresses.isEmpty else {
            return Self.standardAddresses.map { address in
                .init(address, tls: address.port == nil ? nil : tls, isRequired: false)
            }
        }
        var listeners: [AdminServer.Listener] = []
        for text in addresses {
            let address = try ListenAddress(parsing: text)
            listeners.append(.init(address, tls: address.port == nil ? nil : tls))
        }
        return listeners
    }

    /// Where it listens when nobody says.
    private static var standardAddresses: [ListenAddress] {
        var addresses: [ListenAddress] = [.tcp(host: "localhost", port: standardPort)]
        if let path = standardSocket { addresses.insert(.unix(path: path), at: 0) }
        return addresses
    }

    /// The unix socket to listen at; `nil` where there is no directory for it.
    private static var standardSocket: String? {
        if geteuid() == 0 { mkdir("/run/apus", 0o755) }
        return standardSocketPath
    }

    /// Where the unix socket of the user is when nobody says; `nil` where there is no directory for it.
    static var standardSocketPath: String? {
        if geteuid() == 0 { return "/run/apus/admin.sock" }
        guard let directory = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), !directory.isEmpty,
            directory.utf8.count < 90
        else { return nil }
        return directory + "/apus.sock"
    }

    private static func pair(_ text: String) -> (name: String, role: AdminRole)? {
        guard let equals = text.lastIndex(of: "="), equals != text.startIndex,
            let role = AdminRole(rawValue: String(text[text.index(after: equals)...]))
        else { return nil }
        return (String(text[..<equals]), role)
    }
}
