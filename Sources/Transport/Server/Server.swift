public import Logging
public import NIOCore

/// A listener and its connections.
public final class Server: Sendable {
    /// The address that is really listened on; port 0 has become a number.
    public let address: ListenAddress
    /// Counters of the server.
    public let statistics: ServerStatistics
    private let acceptor: Acceptor
    private let lanes: [ServerLane]

    private init(acceptor: Acceptor, lanes: [ServerLane], statistics: ServerStatistics) {
        address = acceptor.address
        self.acceptor = acceptor
        self.lanes = lanes
        self.statistics = statistics
    }

    /// Starts listening.
    ///
    /// Connections are spread evenly over `loops`; the index of its loop is the `lane` of every request.
    ///
    /// Through `listeners` an address can be taken over from a server that leaves.
    ///
    /// - Throws: `.addressInUse`, `.listenFailed` or `.invalidAddress`, each saying what to do.
    public static func start(
        _ configuration: ServerConfiguration, loops: [any EventLoop], application: any ServerApplication,
        logger: Logger, listeners: ListenerShare = ListenerRegistry().share()
    ) async throws(TransportError) -> Server {
        let context = ServerContext(
            configuration: configuration, application: application, logger: logger,
            statistics: ServerStatistics())
        return try start(context, loops, listeners)
    }

    /// Starts listening for connections that carry a protocol of their own.
    ///
    /// Of `configuration`, what is about HTTP has no meaning here. `readHeaderTimeout` is the time until
    /// `StreamConnection.established`, `readTimeout` the longest silence inside of a message, `idleTimeout`
    /// that between messages.
    ///
    /// - Throws: as the other one.
    public static func start(
        _ configuration: ServerConfiguration, loops: [any EventLoop], streams: any StreamApplication,
        logger: Logger, listeners: ListenerShare = ListenerRegistry().share()
    ) async throws(TransportError) -> Server {
        let context = ServerContext(
            configuration: configuration, application: NoRequests(), streams: streams, logger: logger,
            statistics: ServerStatistics())
        return try start(context, loops, listeners)
    }

    private static func start(
        _ shared: ServerContext, _ loops: [any EventLoop], _ listeners: ListenerShare
    ) throws(TransportError) -> Server {
        guard !loops.isEmpty else { throw TransportError(.listenFailed, "a server needs an event loop") }
        let lanes = loops.enumerated().map { ServerLane(index: $0.offset, loop: $0.element, context: shared) }
        let acceptor = try Acceptor(
            shared.configuration.address, lanes: lanes, context: shared, listeners: listeners)
        try acceptor.start()
        return Server(acceptor: acceptor, lanes: lanes, statistics: shared.statistics)
    }

    /// Says goodbye to all WebSockets that are open now, a part at a time.
    ///
    /// - Parameters:
    ///   - code: see `WebSocketCloseCode`.
    ///   - reason: for people.
    ///   - time: how long to take for it, so that not all clients come back at once.
    public func closeWebSockets(code: UInt16, reason: String, over time: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes {
                group.addTask {
                    await lane.closeWebSockets(code: code, reason: reason, over: TimeAmount(time))
                }
            }
        }
    }

    /// Stops accepting, asks clients to go, lets their requests finish for `grace` at most, then closes.
    public func shutdown(grace: Duration) async {
        await acceptor.stop()
        for lane in lanes { lane.drain() }
        let deadline = NIODeadline.now() + TimeAmount(grace)
        for lane in lanes { await lane.closed(by: deadline) }
    }
}

/// The application of servers whose connections never carry a request.
private struct NoRequests: ServerApplication {
    func admit(_ head: ServerRequestHead) -> Admission { .refuse(unanswered()) }

    func respond(to request: ServerRequest, with responder: Responder) { responder.send(unanswered()) }
}
