public import Logging
public import NIOCore
public import Transport

/// The listener for the probes of orchestrators, apart from everything else that listens.
///
/// It has an event loop of its own, so that it answers when those of the pipelines do not, and says so.
public final class ProbeServer: Sendable {
    /// The most connections at a time; probes are short, so more is a flood.
    static let maxConnections = 256

    private let application: ProbeApplication
    private let server: Server

    private init(_ application: ProbeApplication, _ server: Server) {
        self.application = application
        self.server = server
    }

    /// Begins to answer on `address` from what `facts` says is true at the moment of a probe.
    ///
    /// `facts` is called on `loop`, so it must not wait. Throws when the address cannot be used.
    public static func start(
        on address: ListenAddress, loop: any EventLoop, logger: Logger,
        facts: @escaping @Sendable () -> ProbeFacts
    ) async throws(TransportError) -> ProbeServer {
        let application = ProbeApplication(facts: facts)
        var configuration = ServerConfiguration(address: address)
        configuration.maxConnections = maxConnections
        configuration.maxHeaderBytes = 16 << 10
        configuration.maxBufferedBytes = 1 << 20
        configuration.readHeaderTimeout = .seconds(10)
        configuration.readTimeout = .seconds(10)
        let server = try await Server.start(
            configuration, loops: [loop], application: application, logger: logger)
        return ProbeServer(application, server)
    }

    /// The address that is really listened on.
    public var address: ListenAddress { server.address }

    /// From now on `/readyz` fails; to be called as soon as a stop is requested, before anything closes.
    public func beginDraining() { application.beginDraining() }

    /// Stops answering.
    public func shutdown() async { await server.shutdown(grace: .seconds(1)) }
}
