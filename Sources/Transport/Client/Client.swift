public import Logging
public import NIOCore

/// Sends HTTP requests to one target, over connections that it opens, keeps, shares and replaces.
///
/// Every lane (event loop) has connections of its own: a request that is sent from a task on a lane's loop,
/// as with `LoopExecutor`, never changes threads.
public final class Client: Sendable {
    /// How long `close` waits for requests under way.
    public static let defaultGrace = Duration.seconds(10)

    /// The target, as messages name it.
    public let target: ListenAddress
    private let lanes: [ClientLane]
    private let speaksHTTP1Only: Bool

    /// Makes a client; it connects when there is something to send.
    ///
    /// - Parameters:
    ///   - configuration: the target and the bounds.
    ///   - loops: one lane for each of them; at least one.
    ///   - logger: hears when the target cannot be reached, once until it is reached again.
    /// - Throws: `.invalidAddress` when the proxy cannot be used as it was written.
    public init(
        _ configuration: ClientConfiguration, loops: [any EventLoop], logger: Logger
    ) throws(TransportError) {
        guard !loops.isEmpty else {
            throw TransportError(.invalidAddress, "a client needs at least one event loop")
        }
        target = configuration.target
        speaksHTTP1Only = configuration.versions == .http1
        let plan = try ConnectionPlan(configuration, environment: ProxyChoice.processEnvironment)
        lanes = loops.enumerated().map { index, loop in
            ClientLane(plan: plan, loop: loop, index: index, logger: logger)
        }
    }

    /// Sends a request and waits for the complete response.
    ///
    /// Cancelling the task resets the stream, or closes the connection with HTTP/1.1.
    ///
    /// - Parameters:
    ///   - request: what to send.
    ///   - lane: the lane whose connections carry it; counted around when there are fewer.
    ///   - timeout: for everything from now on, waiting for a connection too. With nil the request fails when
    ///     the target cannot be reached.
    /// - Returns: the response, whatever its status.
    /// - Throws: a `TransportError` that tells what happened, to which target, and whether the server may
    ///   have seen the request (`kind`).
    public func send(
        _ request: ClientRequest, lane: Int = 0, timeout: Duration? = nil
    ) async throws(TransportError) -> ClientResponse {
        try await perform(ClientExchange(request, timeout: timeout), lane: lane)
    }

    /// Sends a request and hands the body of its response on as it comes.
    func deliver(_ request: ClientRequest, lane: Int, into body: StreamedBody) async {
        do throws(TransportError) {
            guard speaksHTTP1Only else {
                throw TransportError(
                    .invalidAddress, "\(target): only a client for HTTP/1.1 reads a body as it arrives")
            }
            let exchange = ClientExchange(request, timeout: nil)
            exchange.streamed = body
            _ = try await perform(exchange, lane: lane)
            body.finish(.success(()))
        } catch {
            body.finish(.failure(error))
        }
    }

    private func perform(
        _ exchange: ClientExchange, lane: Int
    ) async throws(TransportError) -> ClientResponse {
        if let fault = exchange.request.fault {
            throw TransportError(.invalidAddress, "cannot send a request to \(target): \(fault)")
        }
        let lane = lanes[lane % lanes.count]
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                lane.send(exchange, continuation)
            }
        } onCancel: {
            lane.cancel(exchange)
        }
        return try outcome.get()
    }

    /// Takes no more requests, waits for those under way, and closes all connections.
    ///
    /// - Parameter grace: after this long, what is still under way fails as `.cancelled`.
    public func close(grace: Duration = Client.defaultGrace) async {
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes { group.addTask { await lane.close(grace: grace) } }
        }
    }
}
