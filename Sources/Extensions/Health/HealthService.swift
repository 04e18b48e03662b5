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
        let content: @Sendable (ExtensionSession) -> Content
    }

    /// What a server answers with, and what has to run for that.
    private struct Content: Sendable {
        let application: any ServerApplication
        var watch: HealthWatch?
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
        var watches: [HealthWatch] = []
        for listener in listeners {
            let content = listener.content(session)
            do throws(TransportError) {
                let server = try await Server.start(
                    listener.server, loops: context.eventLoops, application: content.application,
                    logger: context.logger, listeners: context.listeners)
                running.append(server)
                if let watch = content.watch { watches.append(watch) }
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
        await serve(running, watches, session)
    }

    /// Looks after the streams until the extension has to stop, and then ends everything.
    private func serve(_ servers: [Server], _ watches: [HealthWatch], _ session: ExtensionSession) async {
        let clock = context.clock
        let looking = watches.map { watch in Task { await watch.run(clock) } }
        let grace = await session.stopRequested()
        for task in looking { task.cancel() }
        await withTaskGroup { group in
            for server in servers { group.addTask { await server.shutdown(grace: grace) } }
        }
    }

    private static func first(
        _ settings: HealthCheckSettings, _ context: Context
    ) throws(ComponentError) -> Listener {
        var http = HTTPServerSettings(endpoint: settings.endpoint)
        http.tls = settings.tls
        return Listener(
            key: "endpoint", server: try http.server(context.logger), shownPath: settings.path
        ) {
            Content(
                application: HealthAnswers(
                    path: settings.path, body: settings.responseBody, health: $0.health))
        }
    }

    private static func http(
        _ settings: HealthHTTPSettings, _ rules: HealthRules, _ context: Context
    ) throws(ComponentError) -> Listener {
        var http = HTTPServerSettings(endpoint: settings.endpoint)
        http.transport = settings.transport
        http.tls = settings.tls
        let authentication: ServerAuthentication?
        do throws(ComponentError) {
            authentication = try GuardedApplication.authentication(settings.auth, in: context)
        } catch {
            throw ComponentError(error.description, key: error.key.map { "http.\($0)" })
        }
        let clock = context.clock
        return Listener(
            key: "http.endpoint", server: try http.server(context.logger), shownPath: settings.status.path
        ) {
            let status = StatusApplication(
                settings: settings.status, rules: rules, clock: clock, health: $0.health)
            return Content(application: GuardedApplication.around(status, authentication))
        }
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
            session in
            let statuses = { @Sendable [health = session.health] () -> HealthWatch.Statuses in
                let tree = HealthTree(health(), recoverableFirst: rules.recoverableComesFirst)
                let time = clock.unixNanoseconds
                return { service in tree.scope(service).map { rules.servingStatus($0, at: time) } }
            }
            let watch = HealthWatch(statuses: statuses)
            return Content(
                application: HealthGRPCApplication(watch: watch, statuses: statuses), watch: watch)
        }
    }
}
