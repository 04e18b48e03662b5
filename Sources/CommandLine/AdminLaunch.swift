internal import AdminAPI
internal import Control
internal import Engine
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Pipeline
internal import Transport

/// The admin API of the process that runs: its thread and where it listens.
struct AdminLaunch: Sendable {
    private let server: AdminServer
    private let group: MultiThreadedEventLoopGroup

    /// What the API is about.
    struct Subject {
        let collector: Collector
        let control: any ConfigurationControl
        let log: LogOutput
        /// Where tokens are.
        let stateDirectory: String
        let audit: any AdminAudit
        /// Ends the process as SIGTERM does.
        let stop: @Sendable () async -> Void
    }

    /// Opens the API; `nil` when nobody wants one.
    ///
    /// Throws when an address that was named cannot be used, and when a certificate cannot be read.
    static func start(_ options: AdminOptions, _ subject: Subject) async throws(TransportError)
        -> AdminLaunch?
    {
        guard options.isWanted else { return nil }
        let logger = subject.log.logger()
        let collector = subject.collector
        var context = AdminContext(
            control: subject.control, snapshot: { collector.snapshot() }, events: collector.events,
            log: subject.log, catalog: Distribution.catalog, clock: SystemClock(), version: Version.current,
            tokens: TokenStore(directory: subject.stateDirectory), access: options.access,
            audit: subject.audit)
        context.metrics = { collector.metricsText }
        context.rates = { collector.rates.rates(of: $0) }
        context.drain = subject.stop
        context.tap = { (point, limits) throws(TapFailure) in try await collector.tap(point, limits) }
        context.drops = { collector.drops.all }
        context.maskedAttributes = options.maskedAttributes
        context.deadLetters = collector
        context.page = WebPage.load(logger)
        // A thread of its own: a large answer must not hold up telemetry, nor the other way round.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do throws(TransportError) {
            let server = try await AdminServer.start(
                try options.listeners(logger: logger), context, loops: [group.next()], logger: logger)
            for address in server.addresses {
                logger.info("admin API: GET /openapi.yaml describes it", metadata: ["address": "\(address)"])
            }
            if context.page != nil,
                let place = WebPage.address(server.addresses, isTLS: options.certificate != nil)
            {
                logger.info("page: apus page opens it with a token", metadata: ["address": "\(place)"])
            }
            return AdminLaunch(server: server, group: group)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Ends when the collector has.
    func end() async {
        await server.shutdown(grace: .seconds(1))
        try? await group.shutdownGracefully()
    }
}
