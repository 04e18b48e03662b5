internal import Logging
public import Pipeline
internal import Settings
public import Telemetry
public import Transport

/// Names and passwords over HTTP and gRPC (RFC 7617; otelcol's basicauth).
///
/// With `htpasswd` it checks requests of receivers. Who may send is known as `username` to
/// `from_attribute`; unlike in otelcol there is no attribute `raw`, because it would be the password. With
/// `client_auth` it sets what exporters send.
public struct BasicAuth: ServerAuthenticator, ClientAuthenticator {
    public static let name = "basicauth"
    public static let summary = "Checks or sends names and passwords (HTTP Basic authentication)."

    private enum Role: Sendable {
        case server(PasswordVerifier, Passwords, SecretFile?)
        case client(BasicCredentials)
    }

    private let role: Role
    private let context: Context

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.context = context
        if let passwords = configuration.htpasswd {
            let file = passwords.file.isEmpty ? nil : try SecretFile(passwords.file, key: "htpasswd.file")
            let verifier = PasswordVerifier()
            verifier.use(try Self.users(passwords, file, verifier.hasher))
            role = .server(verifier, passwords, file)
        } else {
            role = .client(try BasicCredentials(configuration.clientAuth ?? ClientCredentials()))
        }
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        switch role {
        case .client(let credentials):
            await SecretFile.watch(credentials.files, in: context, during: session)
        case .server(let verifier, let passwords, let file):
            await SecretFile.watch(file.map { [$0] } ?? [], in: context, during: session) { [context] in
                do throws(ComponentError) {
                    verifier.use(try Self.users(passwords, file, verifier.hasher))
                } catch {
                    context.logger.error("\(error); the users before stay in use")
                }
            }
        }
    }

    /// The users of both places; what is inline counts before the file.
    private static func users(
        _ passwords: Passwords, _ file: SecretFile?, _ hasher: CredentialHasher
    ) throws(ComponentError) -> PasswordList {
        var list = PasswordList()
        if let file {
            try list.add(file.text, from: "\"\(file.path)\"", key: "htpasswd.file", hasher)
        }
        try list.add(passwords.inline.reveal(), from: "htpasswd.inline", key: "htpasswd.inline", hasher)
        guard !list.isEmpty else {
            throw ComponentError("there is no user, so nobody could send", key: "htpasswd")
        }
        return list
    }

    // MARK: - Receivers

    public var checksRequests: Bool { if case .server = role { true } else { false } }

    public func authenticate(_ request: AuthenticationRequest) -> AuthenticationVerdict {
        guard case .server(let verifier, _, _) = role else {
            return .refused(.later(reason: "no passwords are configured"))
        }
        let values = request.fields.all("authorization")
        guard let value = values.first else { return .refused(Self.refusal("no credentials were sent")) }
        guard values.count == 1 else {
            return .refused(Self.refusal("there is more than one authorization field"))
        }
        return verifier.verify(value)
    }

    static func refusal(_ reason: String) -> AuthenticationRefusal {
        .unauthenticated(reason: reason, challenge: "Basic realm=\"apus\", charset=\"UTF-8\"")
    }

    // MARK: - Exporters

    public var signsRequests: Bool { !checksRequests }

    public func authorize(
        _ fields: HTTPFields, for origin: Origin?
    ) async throws(ExportFailure) -> HTTPFields {
        guard case .client(let credentials) = role else { return fields }
        var fields = fields
        fields["authorization"] = credentials.authorization
        return fields
    }

    /// After a change of the files the next attempt has other credentials.
    public func wasRefused(_ fields: HTTPFields) -> Bool {
        guard case .client(let credentials) = role else { return false }
        return credentials.authorization != fields["authorization"]
    }
}
