internal import Control
internal import Engine
internal import Fleet
internal import FleetAPI
internal import FleetEndpoint
internal import FleetModel
internal import FleetStore
internal import HTTPAPI
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Pipeline
internal import Settings
internal import Transport

/// A fleet manager that runs: the manager itself and the two places where it listens.
struct FleetLaunch: Sendable {
    private let manager: FleetManager
    private let endpoint: FleetEndpoint
    private let api: FleetServer
    private let group: MultiThreadedEventLoopGroup
    private let work: Task<Void, Never>
    /// Keeps the lock on the state directory.
    private let directory: StateDirectory

    /// Where agents connect.
    var agentAddress: ListenAddress { endpoint.address }

    /// Opens everything, from the store to the sockets; what was opened is closed again when a later part
    /// fails.
    static func start(
        _ settings: FleetServeSettings, _ options: FleetServeOptions, _ logger: Logger
    ) async throws -> FleetLaunch {
        let directory = try StateDirectory(options.place.path)
        let addresses = (
            agents: try ListenAddress(parsing: settings.agents.endpoint),
            api: try ListenAddress(parsing: settings.api.endpoint)
        )
        try settings.agents.check(addresses.agents)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        do {
            let loop = group.next()
            let sender = HTTPWebhookSender(allowsLoopback: settings.webhooks.allowsLoopback, logger: logger) {
                (configuration) throws(TransportError) in
                try Client(configuration, loops: [loop], logger: logger)
            }
            let manager = try await FleetManager.open(
                settings.manager(options, directory: directory.path), sender: sender, clock: SystemClock(),
                logger: logger)
            return try await serve(manager, settings, addresses, group, directory, logger)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// Lets the manager work and opens both listeners; closes the manager when one cannot be opened.
    private static func serve(
        _ manager: FleetManager, _ settings: FleetServeSettings,
        _ addresses: (agents: ListenAddress, api: ListenAddress), _ group: MultiThreadedEventLoopGroup,
        _ directory: StateDirectory, _ logger: Logger
    ) async throws -> FleetLaunch {
        let work = Task { await manager.run() }
        var opened: FleetServer?
        do {
            if let path = try await manager.writeFirstToken() {
                logger.info(
                    "a token with every right is in a file that only you can read",
                    metadata: ["file": "\(path)"])
            }
            let api = try await startAPI(settings, addresses.api, manager, group, logger)
            opened = api
            for address in api.addresses {
                logger.info("fleet API: GET /openapi.yaml describes it", metadata: ["address": "\(address)"])
            }
            let endpoint = try await startEndpoint(settings, addresses.agents, manager, group, logger)
            EndpointMetrics.register(endpoint, in: manager.metrics)
            if let url = settings.agents.url(endpoint.address) { manager.packages.setDownloadURL(url) }
            return FleetLaunch(
                manager: manager, endpoint: endpoint, api: api, group: group, work: work,
                directory: directory)
        } catch {
            await opened?.shutdown(grace: .zero)
            work.cancel()
            await work.value
            await manager.close()
            throw error
        }
    }

    /// Sends agents away, lets requests of people end, and writes down what is only in memory.
    func stop() async {
        await api.shutdown(grace: .seconds(2))
        await endpoint.shutdown()
        work.cancel()
        await work.value
        await manager.close()
        try? await group.shutdownGracefully()
    }

    private static func startEndpoint(
        _ settings: FleetServeSettings, _ address: ListenAddress, _ manager: FleetManager,
        _ group: MultiThreadedEventLoopGroup, _ logger: Logger
    ) async throws -> FleetEndpoint {
        var configuration = FleetEndpointConfiguration(address: address)
        configuration.path = settings.agents.path
        configuration.maxConnections = settings.agents.maxConnections
        configuration.maxStrangersPerAddress =
            settings.agents.maxStrangers == 0 ? nil : settings.agents.maxStrangers
        configuration.maxMessageBytes = settings.agents.maxMessage << 20
        // Agents show the certificates that this manager has issued to them, once they have one.
        configuration.tls = try settings.agents.tls?.make(
            logger, optionalAuthorities: .text(manager.access.authority.certificate))
        DescriptorLimit.raise(for: configuration.maxConnections)
        return try await FleetEndpoint.start(
            configuration, reception: manager.gateway, door: manager.access, packages: manager.packages,
            loops: Array(group.makeIterator()), clock: SystemClock(), logger: logger)
    }

    private static func startAPI(
        _ settings: FleetServeSettings, _ address: ListenAddress, _ manager: FleetManager,
        _ group: MultiThreadedEventLoopGroup, _ logger: Logger
    ) async throws -> FleetServer {
        var context = FleetContext(
            agents: FleetDirectory(manager.inventory, manager.gateway), library: manager.library,
            packages: manager.packages, groups: manager.groups, values: manager.values,
            imports: manager.imports, rollouts: manager.rollouts,
            access: manager.access, audit: manager.audit, events: manager.events,
            webhooks: manager.webhooks, store: manager.store,
            clock: SystemClock(), version: Version.current)
        context.page = WebPage.load(logger)
        context.hosts = Set(settings.api.hosts)
        context.metrics = { manager.metrics.text }
        context.readiness = { await manager.obstacle() }
        context.auditFailed = { error in
            logger.error("a change is not in the audit log", metadata: ["error": "\(error)"])
        }
        context.certificates = settings.users.users
        let tls = try settings.api.tls?.make(
            logger, isCertificateOptional: !settings.users.certificates.isEmpty)
        return try await FleetServer.start(
            [.init(address, tls: tls)], context, loops: [group.next()], logger: logger)
    }
}
