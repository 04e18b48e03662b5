internal import OpAMP
internal import Pipeline
internal import Synchronization
internal import Transport
internal import Wire

/// Something that happened to an agent, in the order in which it has to be looked at.
enum AgentEvent: Sendable {
    /// About the connection or request with this number; those of earlier ones mean nothing any more.
    case opened(Int, WebSocket)
    case message(Int, Bytes, AgentSocket?)
    case heard(Int)
    case closed(Int, code: UInt16?, reason: String)
    case failed(Int, ClientFailure)
    case news(CollectorNews)
    /// A check is done; what is to be told of it.
    case validated(CustomMessage)
    case timer
    case stop(Duration)
}

/// Turns what happens on a WebSocket into events.
final class AgentSocket: WebSocketHandler {
    /// Bytes of messages that have come and have not been looked at.
    private static let waitingLimit = 32 << 20

    private let number: Int
    private let post: @Sendable (AgentEvent) -> Void
    private let waiting = Atomic<Int>(0)

    init(_ number: Int, post: @escaping @Sendable (AgentEvent) -> Void) {
        self.number = number
        self.post = post
    }

    func opened(_ socket: WebSocket) { post(.opened(number, socket)) }

    func received(_ message: Bytes, isBinary: Bool, on socket: WebSocket) {
        guard isBinary else {
            return socket.close(code: WebSocketCloseCode.unsupportedData, reason: "messages are binary")
        }
        let sum = waiting.wrappingAdd(message.count, ordering: .relaxed).newValue
        guard sum <= Self.waitingLimit else {
            return socket.close(code: WebSocketCloseCode.policyViolation, reason: "too much at once")
        }
        post(.message(number, message, self))
    }

    func ponged(_ socket: WebSocket) { post(.heard(number)) }

    func closed(_ socket: WebSocket, code: UInt16?, reason: String) {
        post(.closed(number, code: code, reason: reason))
    }

    /// A message has been looked at.
    func done(_ count: Int) { waiting.wrappingSubtract(count, ordering: .relaxed) }
}
