public import HTTPAPI
public import Logging
public import NIOCore
public import Transport

/// The admin API of one collector and the places where it listens.
public final class AdminServer: Sendable {
    /// One place.
    public typealias Listener = APIServer.Listener

    private let server: APIServer

    private init(_ server: APIServer) { self.server = server }

    /// Where it listens; ports that were 0 have become numbers.
    public var addresses: [ListenAddress] { server.addresses }

    /// Opens the API on all listeners.
    ///
    /// A listener that was not asked for and cannot be opened is left out with a warning.
    ///
    /// - Parameters:
    ///   - listeners: The places.
    ///   - context: What is shown and changed.
    ///   - loops: Where connections are served; they are not kept busy, so one is enough.
    ///   - logger: Hears of listeners that cannot be opened.
    /// - Returns: The API, open.
    /// - Throws: `.listenFailed` for an address that others could reach without encryption, and what
    ///   `Server.start` throws.
    public static func start(
        _ listeners: [Listener], _ context: AdminContext, loops: [any EventLoop], logger: Logger
    ) async throws(TransportError) -> AdminServer {
        let service = APIService(context, routes: AdminRoutes.all + WebRoutes.all(context.page))
        return AdminServer(try await APIServer.start(listeners, service, loops: loops, logger: logger))
    }

    /// Ends streams, lets requests finish for `grace` at most, and closes.
    public func shutdown(grace: Duration) async { await server.shutdown(grace: grace) }
}
