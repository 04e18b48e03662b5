internal import Logging
public import Pipeline
public import Settings
internal import Transport

/// Pages for people who look at one collector with a browser (otelcol's zpages).
public struct ZPages: Extension {
    public static let name = "zpages"
    public static let summary = "Shows pipelines, extensions and the service as plain web pages."

    /// The keys of the extension.
    public struct Configuration: SettingGroup {
        public var endpoint = "localhost:55679"
        public var transport = GRPCServerSettings.SocketKind.tcp
        public var tls: TLSServerSettings?
        public var auth: HTTPServerAuthenticationSettings?
        public var expvar = ExpvarSettings()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field("endpoint", \.endpoint, "Where to listen: host:port, :port, or a socket's path."),
                Field("transport", \.transport, "Kind of the socket: tcp or unix."),
                Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
                Field("auth", \.auth, "Who checks the credentials of requests; nobody unless configured."),
                Field("expvar", \.expvar, "The variables of a Go program, which this is not."),
                .unsupported("cors", "web pages of other origins have no business here"),
                .unsupported("compression_algorithms", "requests have no body"),
                .unsupported("max_request_body_size", "requests have no body"),
                .unsupported("include_metadata", "requests go nowhere from here"),
                .unsupported("middlewares", "middlewares are not part of this version"),
            ]
        }
    }

    /// `expvar`.
    public struct ExpvarSettings: SettingGroup {
        public var enabled = false

        public init() {}

        public static var fields: [Field<ExpvarSettings>] {
            [
                Field("enabled", \.enabled, "Must be false.") {
                    $0 ? "is not supported: these are variables of the Go runtime" : nil
                }
            ]
        }
    }

    private let context: Context
    private let server: ServerConfiguration
    private let authentication: ServerAuthentication?

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.context = context
        var http = HTTPServerSettings(endpoint: configuration.endpoint)
        http.transport = configuration.transport
        http.tls = configuration.tls
        server = try http.server(context.logger)
        authentication = try GuardedApplication.authentication(configuration.auth, in: context)
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        let pages = ZPagesApplication(
            clock: context.clock, program: context.userAgent, health: session.health)
        let application = GuardedApplication.around(pages, authentication)
        let running: Server
        do throws(TransportError) {
            running = try await Server.start(
                server, loops: context.eventLoops, application: application, logger: context.logger,
                listeners: context.listeners)
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
        let scheme = server.tls == nil ? "http" : "https"
        context.logger.info("zpages", metadata: ["address": "\(scheme)://\(running.address)/debug/servicez"])
        session.ready()
        let grace = await session.stopRequested()
        await running.shutdown(grace: grace)
    }
}
