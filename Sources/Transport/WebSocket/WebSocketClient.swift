public import NIOCore
public import Wire

/// Opens WebSockets.
public enum WebSocketClient {
    /// What a client asks for, and within what bounds.
    public struct Request: Sendable {
        /// `ws://host[:port]/path?query`, or `wss://` for TLS; `http` and `https` mean the same.
        public var url: String
        /// TLS; needed for `wss`.
        public var tls: ClientTLS?
        /// Header fields beside those of the handshake.
        public var fields: HTTPFields = [:]
        /// Whether there is a proxy in between; it is asked to join the two ends (`CONNECT`).
        public var proxy = ProxyChoice.fromEnvironment
        /// What the other end is allowed.
        public var limits = WebSocketLimits()
        /// The time for one address: connecting, proxy, TLS and the answer together.
        public var connectTimeout = Duration.seconds(10)

        /// Asks for `url` with everything by default.
        public init(url: String) { self.url = url }
    }

    /// Why there is no WebSocket.
    public enum Failure: Error, CustomStringConvertible {
        /// There was no connection, or what came over it was no answer.
        case failed(TransportError)
        /// The server answered, but with something else than a WebSocket.
        case refused(Refusal)

        public var description: String {
            switch self {
            case .failed(let error): error.description
            case .refused(let refusal): refusal.description
            }
        }
    }

    /// A server's answer that is no WebSocket.
    public struct Refusal: Sendable, CustomStringConvertible {
        /// Where the request went.
        public let url: String
        /// The HTTP status, such as 401 or 503.
        public let status: Int
        /// The header fields of the answer.
        public let fields: HTTPFields
        /// The beginning of the body, at most 4 KiB.
        public let body: Bytes

        /// How long the server wants to be left alone.
        public var retryAfter: Duration? { fields["retry-after"].flatMap { RetryAfter.delay($0) } }
        /// Where the server says that it is to be had; redirects are not followed.
        public var location: String? { fields["location"] }

        public var description: String { "\(url) answered \(status) instead of opening a WebSocket" }
    }

    /// Connects and asks for a WebSocket.
    ///
    /// Cancelling the task gives the attempt up.
    ///
    /// - Parameters:
    ///   - request: the address and the bounds.
    ///   - handler: hears what happens on the socket, `opened` first, perhaps before this returns.
    ///   - loop: serves the socket.
    /// - Returns: the open socket.
    /// - Throws: `.failed`, or `.refused` with what the server answered.
    public static func connect(
        _ request: Request, handler: any WebSocketHandler, on loop: any EventLoop
    ) async throws(Failure) -> WebSocket {
        let plan: WebSocketPlan
        do throws(TransportError) { plan = try WebSocketPlan(request) } catch { throw .failed(error) }
        let attempt = WebSocketAttempt(plan: plan, handler: handler, loop: loop)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in attempt.start(continuation) }
        } onCancel: {
            attempt.cancel()
        }
        return try result.get()
    }
}
