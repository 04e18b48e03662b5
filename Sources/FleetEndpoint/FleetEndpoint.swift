public import Fleet
public import Logging
public import NIOCore
public import Pipeline
public import Transport

/// Where agents connect: OpAMP over WebSocket and over plain HTTP, on one path.
///
/// It knows HTTP, limits and credentials; what messages mean is the business of the reception. One peer that
/// misbehaves costs what its connection may cost, and nobody else anything.
public final class FleetEndpoint: Sendable {
    /// The address that is really listened on; port 0 has become a number.
    public let address: ListenAddress
    /// What the transport has seen.
    public let transport: ServerStatistics
    private let server: Server
    private let desk: AgentDesk

    private init(server: Server, desk: AgentDesk) {
        self.server = server
        self.desk = desk
        address = server.address
        transport = server.statistics
    }

    /// Starts listening.
    ///
    /// - Parameters:
    ///   - configuration: where, and what is allowed.
    ///   - reception: takes the messages.
    ///   - door: decides who is let in.
    ///   - packages: has the files that agents may download; `nil` for none.
    ///   - loops: serve the connections, which are spread evenly over them.
    ///   - clock: the time, for the limits.
    ///   - logger: hears about trouble.
    /// - Returns: the endpoint, which listens.
    /// - Throws: `.addressInUse`, `.listenFailed` or `.invalidAddress`, each saying what to do.
    public static func start(
        _ configuration: FleetEndpointConfiguration, reception: any AgentReception, door: any AgentDoor,
        packages: PackageLibrary? = nil,
        loops: [any EventLoop], clock: any PipelineClock, logger: Logger
    ) async throws(TransportError) -> FleetEndpoint {
        var configuration = configuration
        let descriptors = DescriptorLimit.current
        let possible = DescriptorLimit.connections(of: descriptors)
        if possible < configuration.maxConnections {
            logger.warning(
                "fewer agents can connect than are allowed; raise the limit of files (ulimit -n)",
                metadata: [
                    "limit": "\(descriptors)", "allowed": "\(configuration.maxConnections)",
                    "possible": "\(possible)",
                ])
            configuration.maxConnections = possible
        }
        let desk = AgentDesk(configuration, reception: reception, door: door, clock: clock)
        let downloads = packages.map { PackageDownloads($0, desk) }
        let server = try await Server.start(
            configuration.server, loops: loops,
            application: AgentApplication(desk: desk, downloads: downloads), logger: logger)
        return FleetEndpoint(server: server, desk: desk)
    }

    /// What has happened so far, for metrics.
    public var figures: FleetEndpointFigures {
        var figures = desk.counters.figures
        let crowded = transport.crowdedConnections
        if crowded > 0 { figures.refusals[.crowded] = crowded }
        return figures
    }

    /// Refuses new agents, tells those that are connected to come back, a part at a time, and closes.
    public func shutdown() async {
        desk.drain()
        await server.closeWebSockets(
            code: WebSocketCloseCode.serviceRestart, reason: "the fleet manager stops",
            over: desk.configuration.drainTime)
        await server.shutdown(grace: .seconds(2))
    }
}
