public import Logging
public import NIOCore
public import Transport

/// The places where an API listens.
public final class APIServer: Sendable {
    /// One place.
    public struct Listener: Sendable {
        public var address: ListenAddress
        /// What encrypts it; always plain on unix sockets.
        public var tls: ServerTLS?
        /// Whether the address was asked for: one that cannot be opened is an error then.
        public var isRequired: Bool

        public init(_ address: ListenAddress, tls: ServerTLS? = nil, isRequired: Bool = true) {
            self.address = address
            self.tls = tls
            self.isRequired = isRequired
        }

        /// Whether others than this machine could read what is sent.
        var isExposed: Bool {
            guard case .tcp(let host, _) = address, tls == nil else { return false }
            return host != "localhost" && host != "::1" && !host.hasPrefix("127.")
        }
    }

    /// How long a client may take nothing of what is sent to it, and one of a long stream of its next piece.
    public static let writeTimeout = Duration.seconds(30)

    private let servers: [Server]

    private init(_ servers: [Server]) { self.servers = servers }

    /// Where it listens; ports that were 0 have become numbers.
    public var addresses: [ListenAddress] { servers.map { $0.address } }

    /// Opens an API on all listeners.
    ///
    /// A listener that was not asked for and cannot be opened is left out with a warning.
    ///
    /// - Parameters:
    ///   - listeners: The places.
    ///   - service: Answers requests.
    ///   - loops: Where connections are served; they are not kept busy, so one is enough.
    ///   - logger: Hears of listeners that cannot be opened.
    /// - Returns: The API, open.
    /// - Throws: `.listenFailed` for an address that others could reach without encryption, and what
    ///   `Server.start` throws.
    public static func start<Context: APIContext>(
        _ listeners: [Listener], _ service: APIService<Context>, loops: [any EventLoop], logger: Logger
    ) async throws(TransportError) -> APIServer {
        let application = APIApplication(service: service)
        var servers: [Server] = []
        for listener in listeners {
            do throws(TransportError) {
                servers.append(try await start(listener, application, loops, logger))
            } catch {
                guard !listener.isRequired else {
                    for server in servers { await server.shutdown(grace: .zero) }
                    throw error
                }
                logger.warning(
                    "\(Context.wording.name) is not available at its usual place",
                    metadata: ["address": "\(listener.address)", "error": "\(error.message)"])
            }
        }
        return APIServer(servers)
    }

    /// Ends streams, lets requests finish for `grace` at most, and closes.
    public func shutdown(grace: Duration) async {
        await withTaskGroup { group in
            for server in servers { group.addTask { await server.shutdown(grace: grace) } }
        }
    }

    private static func start<Context: APIContext>(
        _ listener: Listener, _ application: APIApplication<Context>, _ loops: [any EventLoop],
        _ logger: Logger
    ) async throws(TransportError) -> Server {
        guard !listener.isExposed else {
            throw TransportError(
                .listenFailed,
                "cannot open \(Context.wording.name) on \(listener.address) without TLS: others could read "
                    + "tokens; \(Context.wording.tlsHint), or listen on localhost")
        }
        var configuration = ServerConfiguration(address: listener.address)
        configuration.tls = listener.tls
        configuration.maxConnections = 512
        configuration.maxHeaderBytes = 32 << 10
        configuration.maxHeaderFields = 100
        configuration.maxBufferedBytes = 64 << 20
        configuration.readHeaderTimeout = .seconds(30)
        configuration.readTimeout = .seconds(60)
        configuration.writeTimeout = writeTimeout
        return try await Server.start(configuration, loops: loops, application: application, logger: logger)
    }
}
