internal import NIOCore
internal import NIOHTTP1

/// One attempt of a client to open a WebSocket.
///
/// `@unchecked Sendable` is sound because all of it is touched on `loop` only; `start` and `cancel`, which
/// may be called from anywhere, go to the loop first.
final class WebSocketAttempt: @unchecked Sendable {
    typealias Outcome = Result<WebSocket, WebSocketClient.Failure>
    /// What a connection ends up as: a socket, or an answer that is none.
    typealias Answer = Result<WebSocket, WebSocketRefused>

    /// A refusal on its way through a `Result`.
    struct WebSocketRefused: Error {
        let refusal: WebSocketClient.Refusal
    }

    private let plan: WebSocketPlan
    private let handler: any WebSocketHandler
    private let loop: any EventLoop
    private var attempt: ConnectionAttempt<Answer>?
    private var continuation: UnsafeContinuation<Outcome, Never>?
    private var isCancelled = false

    init(plan: WebSocketPlan, handler: any WebSocketHandler, loop: any EventLoop) {
        self.plan = plan
        self.handler = handler
        self.loop = loop
    }

    func start(_ continuation: UnsafeContinuation<Outcome, Never>) {
        loop.execute {
            self.continuation = continuation
            guard !self.isCancelled else { return self.giveUp() }
            let attempt = ConnectionAttempt<Answer>(
                plan: self.plan.connection, loop: self.loop, rotation: 0, speak: self.speak
            ) { self.finish($0) }
            self.attempt = attempt
            attempt.start()
        }
    }

    func cancel() {
        loop.execute {
            self.isCancelled = true
            self.attempt?.cancel()
            self.giveUp()
        }
    }

    private func giveUp() {
        finish(.failure(TransportError(.cancelled, "opening \(plan.request.url) was cancelled")))
    }

    private func finish(_ result: Result<Answer, TransportError>) {
        attempt = nil
        let continuation = continuation
        self.continuation = nil
        switch result {
        case .success(.success(let socket)): continuation?.resume(returning: .success(socket))
        case .success(.failure(let refused)):
            continuation?.resume(returning: .failure(.refused(refused.refusal)))
        case .failure(let error): continuation?.resume(returning: .failure(.failed(error)))
        }
    }

    private func speak(
        _ attempt: ConnectionAttempt<Answer>, _ negotiated: String?, _ channel: any Channel, _ round: Int
    ) throws {
        let handshake = WebSocketHandshake(plan: plan) { context, outcome in
            switch outcome {
            case .failure(let error): attempt.failed(error, round)
            case .success(.some(let refusal)):
                guard round == attempt.round else { return }
                attempt.finish(.success(.failure(WebSocketRefused(refusal: refusal))))
            case .success(nil):
                guard round == attempt.round else { return context.close(promise: nil) }
                do { attempt.finish(.success(.success(try self.open(context)))) } catch {
                    attempt.failed(attempt.connectError(error), round)
                }
            }
        }
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .drop)
        try channel.pipeline.syncOperations.addHandlers([
            HTTPRequestEncoder(), ByteToMessageHandler(decoder), handshake,
        ])
    }

    /// Puts the WebSocket in the place of the handlers of HTTP.
    private func open(_ context: ChannelHandlerContext) throws -> WebSocket {
        let configuration = plan.connection.configuration
        let peer = ServerPeer(
            address: configuration.target.description, isTLS: configuration.tls != nil, httpVersion: .http1,
            lane: 0)
        let connection = WebSocketConnection(
            handler: handler, peer: peer, isServer: false,
            roster: WebSocketRoster(limits: plan.request.limits, loop: loop))
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(connection)
        let handlers: [any RemovableChannelHandler] = [
            try pipeline.handler(type: HTTPRequestEncoder.self),
            try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self),
            try pipeline.handler(type: WebSocketHandshake.self),
        ]
        for handler in handlers { pipeline.removeHandler(handler, promise: nil) }
        guard let socket = connection.begin() else { throw ChannelError.ioOnClosedChannel }
        return socket
    }
}
