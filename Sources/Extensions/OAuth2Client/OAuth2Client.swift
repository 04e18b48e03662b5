internal import Logging
public import Pipeline
internal import Settings
public import Telemetry
public import Transport

/// Sends what exporters send with a token of an OAuth 2.0 server (RFC 6749, section 4.4; otelcol's
/// oauth2client).
///
/// A token is kept until shortly before its end and replaced while it still works, by one request at a time.
/// When the server gives none, exporters try again: their telemetry is not given up for it. A token that a
/// backend refuses is replaced unless it is new. Redirects are not followed.
public struct OAuth2Client: ClientAuthenticator {
    public static let name = "oauth2client"
    public static let summary = "Sends tokens of an OAuth 2.0 server (client credentials)."

    private let client: Client
    private let tokens: TokenCache

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let endpoint = try Self.endpoint(configuration.tokenURL)
        var target = ClientConfiguration(target: endpoint.target)
        if endpoint.scheme == .https { target.tls = try configuration.tls.make(context.logger) }
        target.maxResponseBytes = TokenRequest.answerLimit
        target.waitsForConnection = false
        target.connectionsPerLane = 1
        do throws(TransportError) {
            client = try Client(target, loops: [context.lanes[0].eventLoop], logger: context.logger)
        } catch {
            throw ComponentError(error.description, key: "token_url")
        }
        if target.tls == nil, !target.target.isLocal {
            context.logger.warning("the client secret is sent without encryption; use an https:// token_url")
        }
        let request = TokenRequest(
            configuration, client: client, path: endpoint.path.isEmpty ? "/" : endpoint.path)
        // A file that is missing is found before the first batch waits for it.
        _ = try request.credentials()
        tokens = TokenCache(request, expiryBuffer: configuration.expiryBuffer, in: context)
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        session.ready()
        let grace = await session.stopRequested()
        await client.close(grace: grace)
    }

    public func authorize(
        _ fields: HTTPFields, for origin: Origin?
    ) async throws(ExportFailure) -> HTTPFields {
        var fields = fields
        fields["authorization"] = try await tokens.authorization()
        return fields
    }

    public func wasRefused(_ fields: HTTPFields) -> Bool {
        tokens.wasRefused(fields["authorization"] ?? "")
    }
}
