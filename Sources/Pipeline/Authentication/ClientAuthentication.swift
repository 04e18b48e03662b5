public import Logging
public import Telemetry
public import Transport

/// The authenticator of one client, found and ready to be asked.
public struct ClientAuthentication: Sendable {
    private let authenticator: any ClientAuthenticator

    /// Finds the authenticator called `id`.
    ///
    /// Throws when there is no such extension, or it is none that sets header fields; `key` is what names it
    /// in the configuration.
    public init(
        _ id: String, key: String = "auth.authenticator", in context: Context
    ) throws(ComponentError) {
        let found = try AuthenticatorLookup.find(id, key: key, in: context)
        guard let authenticator = found as? any ClientAuthenticator, authenticator.signsRequests else {
            throw ComponentError(
                "the extension '\(id)' does not set credentials of requests; name one that does, such as "
                    + "oauth2client, bearertokenauth or basicauth with client_auth", key: key)
        }
        self.authenticator = authenticator
    }

    /// Whether what it sets are secrets.
    public var setsSecrets: Bool { authenticator.setsSecrets }

    /// As `ClientAuthenticator.authorize`.
    public func authorize(
        _ fields: HTTPFields, for origin: Origin?
    ) async throws(ExportFailure) -> HTTPFields {
        try await authenticator.authorize(fields, for: origin)
    }

    /// As `ClientAuthenticator.wasRefused`.
    public func wasRefused(_ fields: HTTPFields) -> Bool { authenticator.wasRefused(fields) }

    /// Warns when secrets would go unencrypted to another machine.
    public func warn(about client: ClientConfiguration, _ logger: Logger) {
        guard authenticator.setsSecrets, client.tls == nil, !client.target.isLocal else { return }
        logger.warning(
            "credentials are sent without encryption; use tls unless something else encrypts the way",
            metadata: ["target": "\(client.target)"])
    }

    /// Sends a request with credentials, and once more when the server refuses them and there are others.
    ///
    /// - Parameters:
    ///   - fields: the header fields of the request without credentials.
    ///   - origin: who sent the telemetry.
    ///   - isRefusal: whether an answer says that the credentials are not accepted.
    ///   - send: one attempt with the given fields.
    /// - Returns: the last answer, and the fields that it answers.
    /// - Throws: what `send` or the authenticator throws.
    public func exchange<Answer: Sendable>(
        _ fields: HTTPFields, for origin: Origin?, isRefusal: (Answer) -> Bool,
        _ send: (HTTPFields) async throws(ExportFailure) -> Answer
    ) async throws(ExportFailure) -> (answer: Answer, fields: HTTPFields) {
        let first = try await authenticator.authorize(fields, for: origin)
        let answer = try await send(first)
        guard isRefusal(answer), authenticator.wasRefused(first) else { return (answer, first) }
        let second = try await authenticator.authorize(fields, for: origin)
        return (try await send(second), second)
    }
}
