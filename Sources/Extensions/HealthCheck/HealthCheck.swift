internal import Logging
public import Pipeline
public import Settings
internal import Transport
internal import Wire

/// Answers the probes of orchestrators (otelcol's health_check).
///
/// 200 while every receiver runs, 503 before that and while the collector stops. A backend that does not
/// answer changes nothing: restarting the collector would not mend it.
public struct HealthCheck: Extension {
    public static let name = "health_check"
    public static let summary = "Answers health probes over HTTP."

    /// The keys of the extension.
    public struct Configuration: SettingGroup {
        public var endpoint = "localhost:13133"
        public var path = "/"
        public var tls: TLSServerSettings?
        public var responseBody = ResponseBody()

        public init() {}

        public static var fields: [Field<Configuration>] {
            [
                Field("endpoint", \.endpoint, "Where to listen: host:port, or :port for every address."),
                Field("path", \.path, "Path that answers.") {
                    $0.hasPrefix("/") ? nil : "must begin with a slash"
                },
                Field("tls", \.tls, "Encrypts the connections; without it they are plain text."),
                Field("response_body", \.responseBody, "Texts to answer with, instead of JSON."),
                .unsupported("check_collector_pipeline", "otelcol does not use it any more; leave it out"),
                .unsupported("use_v2", "the second version is not part of this version"),
            ]
        }
    }

    /// `response_body`.
    public struct ResponseBody: SettingGroup {
        public var healthy = ""
        public var unhealthy = ""

        public init() {}

        public static var fields: [Field<ResponseBody>] {
            [
                Field("healthy", \.healthy, "Body while everything runs."),
                Field("unhealthy", \.unhealthy, "Body otherwise."),
            ]
        }
    }

    private let configuration: Configuration
    private let context: Context
    private let server: ServerConfiguration

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        self.configuration = configuration
        self.context = context
        let address: ListenAddress
        do throws(TransportError) {
            address = try ListenAddress(parsing: configuration.endpoint)
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
        var server = ServerConfiguration(address: address)
        if let tls = configuration.tls { server.tls = try tls.make(context.logger) }
        self.server = server
    }

    public func run(_ session: ExtensionSession) async throws(ComponentError) {
        let answers = HealthAnswers(
            path: configuration.path, body: configuration.responseBody, health: session.health)
        let running: Server
        do throws(TransportError) {
            running = try await Server.start(
                server, loops: context.eventLoops, application: answers, logger: context.logger,
                listeners: context.listeners)
        } catch {
            throw ComponentError(error.description, key: "endpoint")
        }
        let scheme = configuration.tls == nil ? "http" : "https"
        context.logger.info(
            "health probes", metadata: ["address": "\(scheme)://\(running.address)\(configuration.path)"])
        session.ready()
        let grace = await session.stopRequested()
        await running.shutdown(grace: grace)
    }
}

/// Answers one path with the state of the collector.
private struct HealthAnswers: ServerApplication {
    let path: String
    let body: HealthCheck.ResponseBody
    let health: @Sendable () -> CollectorHealth

    func admit(_ head: ServerRequestHead) -> Admission {
        covers(head.path)
            ? .accept(maxBodySize: 64 << 10)
            : .refuse(.text(404, "the health of the collector is at \(path)"))
    }

    /// A path that ends in a slash stands for everything below it, as in otelcol: `/` answers any path.
    private func covers(_ requested: String) -> Bool {
        requested == path || (path.hasSuffix("/") && requested.hasPrefix(path))
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let health = health()
        let text = health.isReady ? body.healthy : body.unhealthy
        guard text.isEmpty else { return responder.send(.text(health.isReady ? 200 : 503, text)) }
        responder.send(
            ServerResponse(
                status: health.isReady ? 200 : 503, fields: ["content-type": "application/json"],
                body: Bytes(utf8: json(health))))
    }

    private func json(_ health: CollectorHealth) -> String {
        guard health.isReady else {
            return #"{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""}"#
        }
        let since = CalendarTime(unixNanoseconds: health.startedAt).rfc3339
        let uptime = health.uptime.tree(.revealed)?.text ?? ""
        return #"{"status":"Server available","upSince":"\#(since)","uptime":"\#(uptime)"}"#
    }
}
