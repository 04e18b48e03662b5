public import HTTPAPI
public import Logging
public import NIOCore
public import Transport

/// The API of the fleet manager for people and programs, and the places where it listens.
public final class FleetServer: Sendable {
    /// One place.
    public typealias Listener = APIServer.Listener

    private let server: APIServer

    private init(_ server: APIServer) { self.server = server }

    /// Where it listens; ports that were 0 have become numbers.
    public var addresses: [ListenAddress] { server.addresses }

    /// Opens the API on all listeners.
    ///
    /// - Parameters:
    ///   - listeners: The places; none of them is where agents connect.
    ///   - context: What is shown and changed.
    ///   - loops: Where connections are served; one is enough for people.
    ///   - logger: Hears of listeners that cannot be opened.
    /// - Returns: The API, open.
    /// - Throws: `.listenFailed` for an address that others could reach without encryption, and what
    ///   `Server.start` throws.
    public static func start(
        _ listeners: [Listener], _ context: FleetContext, loops: [any EventLoop], logger: Logger
    ) async throws(TransportError) -> FleetServer {
        let service = APIService(context, routes: FleetRoutes.all + WebRoutes.all(context.page))
        return FleetServer(try await APIServer.start(listeners, service, loops: loops, logger: logger))
    }

    /// Ends streams, lets requests finish for `grace` at most, and closes.
    public func shutdown(grace: Duration) async { await server.shutdown(grace: grace) }
}
