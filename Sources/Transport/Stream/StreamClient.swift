public import NIOCore

/// Opens connections that carry a protocol of their own.
public enum StreamClient {
    /// Where to, and within what bounds.
    public struct Configuration: Sendable {
        /// The host and port, or the unix socket.
        public var target: ListenAddress
        /// TLS; `nil` for plain text.
        public var tls: ClientTLS?
        /// The time for one address: connecting and TLS together.
        public var connectTimeout = Duration.seconds(10)

        public init(target: ListenAddress) { self.target = target }
    }

    /// Connects, directly and never through a proxy.
    ///
    /// Cancelling the task gives the attempt up.
    ///
    /// - Parameters:
    ///   - configuration: the target.
    ///   - loop: serves the connection.
    /// - Returns: the connection, encrypted when it is to be.
    /// - Throws: why there is none.
    public static func connect(
        _ configuration: Configuration, on loop: any EventLoop
    ) async throws(TransportError) -> StreamLink {
        var client = ClientConfiguration(target: configuration.target)
        client.tls = configuration.tls
        client.connectTimeout = configuration.connectTimeout
        client.proxy = .direct
        let plan = try ConnectionPlan(client, speaksHTTP: false, environment: { _ in nil })
        let opening = StreamOpening(plan: plan, loop: loop)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in opening.start(continuation) }
        } onCancel: {
            opening.cancel()
        }
        return try result.get()
    }
}

/// One attempt of a client to open a connection.
///
/// `@unchecked Sendable` is sound because all of it is touched on `loop` only; `start` and `cancel`, which
/// may be called from anywhere, go to the loop first.
private final class StreamOpening: @unchecked Sendable {
    typealias Outcome = Result<StreamLink, TransportError>

    private let plan: ConnectionPlan
    private let loop: any EventLoop
    private var attempt: ConnectionAttempt<StreamLink>?
    private var continuation: UnsafeContinuation<Outcome, Never>?
    private var isCancelled = false

    init(plan: ConnectionPlan, loop: any EventLoop) {
        self.plan = plan
        self.loop = loop
    }

    func start(_ continuation: UnsafeContinuation<Outcome, Never>) {
        loop.execute {
            self.continuation = continuation
            guard !self.isCancelled else { return self.giveUp() }
            let attempt = ConnectionAttempt<StreamLink>(
                plan: self.plan, loop: self.loop, rotation: 0, speak: Self.speak
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
        let target = plan.configuration.target
        finish(.failure(TransportError(.cancelled, "connecting to \(target) was cancelled")))
    }

    private func finish(_ outcome: Outcome) {
        attempt = nil
        let continuation = continuation
        self.continuation = nil
        guard let continuation else {
            // Nobody wants it any more.
            if case .success(let link) = outcome { link.close() }
            return
        }
        continuation.resume(returning: outcome)
    }

    private static func speak(
        _ attempt: ConnectionAttempt<StreamLink>, _ negotiated: String?, _ channel: any Channel,
        _ round: Int
    ) throws {
        let link = StreamLink(target: attempt.name, loop: attempt.loop) { link in
            guard round == attempt.round else { return link.close() }
            attempt.finish(.success(link))
        }
        try channel.pipeline.syncOperations.addHandler(link)
    }
}
