internal import Logging
internal import Pipeline
internal import Settings
internal import Transport

/// The servers of a health extension.
struct HealthService: Sendable {
    /// One server that is going to be opened.
    private struct Listener: Sendable {
        /// The key of its address.
        let key: String
        let server: ServerConfiguration
        let shownPath: String
        let application: @Sendable (ExtensionSession) -> any ServerApplication
    }

    private let context: Context
    private let listeners: [Listener]

    init(_ settings: HealthCheckSettings, in context: Context) throws(ComponentError) {
        self.context = context
        guard settings.useV2 else {
            listeners = [try Self.first(settings, context)]
            return
        }
        let rules = HealthRules(settings.componentHealth)
        var listeners: [Listener] = []
        if let http = settings.http.value { listeners.append(try Self.http(http, rules, context)) }
        if let grpc = settings.grpc.value { listeners.append(try Self.grpc(grpc, rules, context)) }
        self.listeners = listeners
    }

    func run(_ session: ExtensionSession) async throws(ComponentError) {
        var running: [Server] = []
        for listener in listeners {
            do throws(TransportError) {
                let server = try await Server.start(
                    listener.server, loops: context.eventLoops, application: listener.application(session),
                    logger: context.logger, listeners: context.listeners)
                running.append(server)
                let scheme = listener.server.tls == nil ? "http" : "https"
                context.logger.info(
                    "health probes",
                    metadata: ["address": "\(scheme)://\(server.address)\(listener.shownPath)"])
            } catch {
                for server in running { await server.shutdown(grace: .zero) }
                throw ComponentError(error.description, key: listener.key)
            }
        }
        session.ready()
        let grace = await session.stopRequested()
        await withTaskGroup { group in
            for server in running { group.addTask { await server.shutdown(grace: grace) } }
        }
    }

    private static func first(
        _ settings: HealthCheckSettings, _ context: Context
    ) throws(ComponentError) -> Listener {
        var http = HTTPServerSettings(endpoint: settings.endpoint)
        http.tls = settings.tls
        return Listener(
            key: "endpoint", server: try http.server(context.logger), shownPath: settings.path
        ) { HealthAnswers(path: settings.path, body: settings.responseBody, health: $0.health) }
    }

    private static func http(
        _ settings: HealthHTTPSettings, _ rules: HealthRules, _ context: Context
    ) throws(ComponentError) -> Listener {
        var http = HTTPServerSettings(endpoint: settings.endpoint)
        http.transport = settings.transport
        http.tls = settings.tls
        let clock = context.clock
        return Listener(
            key: "http.endpoint", server: try http.server(context.logger), shownPath: settings.status.path
        ) { StatusApplication(settings: settings.status, rules: rules, clock: clock, health: $0.health) }
    }

    private static func grpc(
        _ settings: HealthGRPCSettings, _ rules: HealthRules, _ context: Context
    ) throws(ComponentError) -> Listener {
        var grpc = GRPCServerSettings()
        grpc.endpoint = settings.endpoint
        grpc.transport = settings.transport
        grpc.tls = settings.tls
        grpc.maxConcurrentStreams = settings.maxConcurrentStreams
        grpc.keepalive = settings.keepalive
        let clock = context.clock
        return Listener(key: "grpc.endpoint", server: try grpc.server(context.logger), shownPath: "") {
            let service = HealthGRPCService(rules: rules, clock: clock, health: $0.health)
            return GRPCApplication(service: service, maxMessageSize: HealthGRPCService.maxMessageSize)
        }
    }
}
