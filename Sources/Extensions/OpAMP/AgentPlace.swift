internal import Logging
internal import OpAMP
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport

/// One server with everything that is needed to reach it.
struct AgentPlace: Sendable {
    /// Tells one from every other, for what is kept of connections.
    final class Identity: Sendable {}

    let identity = Identity()
    let url: ServerURL
    let tls: ClientTLS?
    let fields: HTTPFields
    let authentication: ClientAuthentication?

    init(_ settings: OpAMPServerSettings, in context: Context) throws(ComponentError) {
        url = try ServerURL(settings.endpoint)
        tls = url.isSecure ? try settings.tls.make(context.logger) : nil
        var fields = HTTPFields()
        for pair in settings.headers.pairs { fields.add(pair.name, pair.value.reveal()) }
        self.fields = fields
        authentication =
            settings.auth.isEmpty ? nil : try ClientAuthentication(settings.auth, key: "auth", in: context)
    }

    init(url: ServerURL, tls: ClientTLS?, fields: HTTPFields, authentication: ClientAuthentication?) {
        self.url = url
        self.tls = tls
        self.fields = fields
        self.authentication = authentication
    }

    /// The header fields of one request, credentials included; throws why there are none.
    func requestFields() async throws(ExportFailure) -> HTTPFields {
        guard let authentication, !fields.contains("authorization") else { return fields }
        return try await authentication.authorize(fields, for: nil)
    }

    /// Warns when credentials would go unencrypted to another machine.
    func warn(_ logger: Logger) {
        guard tls == nil, !url.endpoint.target.isLocal else { return }
        logger.warning(
            "the connection to the OpAMP server is not encrypted; use wss:// or https://",
            metadata: ["server": "\(url)"])
    }
}
