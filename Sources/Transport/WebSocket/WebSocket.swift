internal import NIOCore
internal import Synchronization
public import Wire

/// One open WebSocket (RFC 6455), of a server or of a client.
///
/// Usable from any thread. Bounded: what has been handed over and is not with the operating system yet never
/// exceeds `WebSocketLimits.maxUnsentBytes`, except for one message that is larger by itself.
public final class WebSocket: Sendable {
    /// The other end.
    public let peer: ServerPeer
    private let connection: WebSocketConnection
    private let loop: any EventLoop
    private let bound: Int
    private let waiting = Atomic<Int>(0)
    private let open = Atomic<Bool>(true)

    init(peer: ServerPeer, connection: WebSocketConnection, loop: any EventLoop, bound: Int) {
        self.peer = peer
        self.connection = connection
        self.loop = loop
        self.bound = max(bound, 1)
    }

    /// Bytes of messages that wait to be sent.
    public var unsent: Int { waiting.load(ordering: .relaxed) }

    /// Whether messages can be sent.
    public var isOpen: Bool { open.load(ordering: .relaxed) }

    /// Sends one binary message that consists of `chunks`, one after another.
    ///
    /// - Returns: whether it was taken: `false` when the socket is closed or closing, and when more bytes
    ///   than the bound would wait, which passes when the other end reads on.
    public func send(_ chunks: [Bytes]) -> Bool {
        let count = chunks.reduce(0) { $0 + $1.count }
        guard isOpen else { return false }
        let before = waiting.wrappingAdd(count, ordering: .relaxed).oldValue
        guard before == 0 || before + count <= bound else {
            waiting.wrappingSubtract(count, ordering: .relaxed)
            return false
        }
        onLoop { $0.send(chunks, count: count, of: self) }
        return true
    }

    /// Asks the other end for a sign of life; the handler is told of the answer.
    public func ping() { onLoop { $0.ping() } }

    /// Says goodbye, waits a little for the other end to say so too, and closes.
    ///
    /// Nothing is received any more. The handler is told when it is over, never from inside this call.
    ///
    /// - Parameters:
    ///   - code: see `WebSocketCloseCode`.
    ///   - reason: for people; cut to 123 bytes of UTF-8.
    public func close(code: UInt16 = WebSocketCloseCode.normal, reason: String = "") {
        open.store(false, ordering: .relaxed)
        onLoop { $0.close(code: code, reason: reason) }
    }

    /// Notes that bytes have left, or never will.
    func sent(_ count: Int) { waiting.wrappingSubtract(count, ordering: .relaxed) }

    /// Notes that nothing can be sent any more.
    func end() { open.store(false, ordering: .relaxed) }

    private func onLoop(_ action: @escaping @Sendable (WebSocketConnection) -> Void) {
        if loop.inEventLoop {
            action(connection)
        } else {
            let connection = connection
            loop.execute { action(connection) }
        }
    }
}

/// What happens on WebSockets.
///
/// One object may serve one socket or many. All methods are called on the socket's loop and must not block
/// it.
public protocol WebSocketHandler: AnyObject, Sendable {
    /// The socket is open; called first and once.
    func opened(_ socket: WebSocket)
    /// A complete message arrived; text has been checked to be UTF-8.
    func received(_ message: Bytes, isBinary: Bool, on socket: WebSocket)
    /// The other end answered a ping.
    func ponged(_ socket: WebSocket)
    /// The socket is closed; called last and once.
    ///
    /// - Parameters:
    ///   - socket: it takes no more messages.
    ///   - code: what the other end said, else what this end had said; `nil` when the connection just ended.
    ///   - reason: the words that came with the code.
    func closed(_ socket: WebSocket, code: UInt16?, reason: String)
}

extension WebSocketHandler {
    public func ponged(_ socket: WebSocket) {}
}

/// Why a WebSocket was closed (RFC 6455 section 7.4.1, and the registry of IANA).
public enum WebSocketCloseCode {
    /// Everything has been said.
    public static let normal: UInt16 = 1000
    /// This end goes away.
    public static let goingAway: UInt16 = 1001
    /// The other end did not keep to the protocol.
    public static let protocolError: UInt16 = 1002
    /// A message was of a kind that is not understood, such as text where bytes are expected.
    public static let unsupportedData: UInt16 = 1003
    /// A message was not what it claimed to be, such as text that is not UTF-8.
    public static let invalidData: UInt16 = 1007
    /// The other end may not do that.
    public static let policyViolation: UInt16 = 1008
    /// A message was larger than is allowed.
    public static let tooLarge: UInt16 = 1009
    /// The server starts again.
    public static let serviceRestart: UInt16 = 1012
    /// The server has too much to do.
    public static let tryAgainLater: UInt16 = 1013
}
