internal import Fleet
internal import OpAMP
internal import Pipeline
internal import Synchronization
internal import Transport
internal import Wire

/// A WebSocket over which agents speak.
final class AgentSocket: WebSocketHandler, AgentConnection {
    private struct State {
        var socket: WebSocket?
        var hasSpoken = false
        /// When the current ten seconds began, and the messages since then.
        var windowStart: Instant
        var messages = 0
    }

    private static let window = Duration.seconds(10)

    let id: UInt64
    let principal: AgentPrincipal
    private let remote: ServerPeer
    private let desk: AgentDesk
    private let state: Mutex<State>

    init(desk: AgentDesk, peer: ServerPeer, principal: AgentPrincipal) {
        self.desk = desk
        remote = peer
        self.principal = principal
        id = desk.nextID()
        state = Mutex(State(windowStart: desk.clock.now))
    }

    var isWebSocket: Bool { true }
    var peer: String { remote.address }

    func opened(_ socket: WebSocket) {
        state.withLock { $0.socket = socket }
        desk.counters.openWebSockets.wrappingAdd(1, ordering: .relaxed)
        desk.counters.webSockets.wrappingAdd(1, ordering: .relaxed)
    }

    func received(_ message: Bytes, isBinary: Bool, on socket: WebSocket) {
        guard isBinary else {
            return end(socket, WebSocketCloseCode.unsupportedData, "messages of OpAMP are binary")
        }
        guard takesAnother() else {
            return end(socket, WebSocketCloseCode.policyViolation, "too many messages")
        }
        let payload: Bytes
        do throws(OpAMPError) { payload = try Framing.payload(of: message) } catch {
            return end(socket, WebSocketCloseCode.protocolError, error.description)
        }
        desk.counters.received(payload.count)
        switch desk.reception.receive(payload, over: self) {
        case .send(let chunks):
            // Every message is to be answered; one who does not take the answers is not served any more.
            if !send(chunks, on: socket) {
                end(socket, WebSocketCloseCode.tryAgainLater, "it does not read the answers")
            }
        case .close(let code, let reason): end(socket, code, reason)
        }
    }

    func ponged(_ socket: WebSocket) { desk.reception.heard(self) }

    func closed(_ socket: WebSocket, code: UInt16?, reason: String) {
        let hasSpoken = state.withLock { state in
            state.socket = nil
            return state.hasSpoken
        }
        desk.counters.openWebSockets.wrappingSubtract(1, ordering: .relaxed)
        if let code, Self.isFault(code) { desk.counters.broken.wrappingAdd(1, ordering: .relaxed) }
        if hasSpoken { desk.reception.closed(self) }
    }

    func send(_ chunks: [Bytes]) -> Bool {
        guard let socket = state.withLock({ $0.socket }) else { return false }
        return send(chunks, on: socket)
    }

    func ping() { state.withLock { $0.socket }?.ping() }

    func close(code: UInt16, reason: String) {
        state.withLock { $0.socket }?.close(code: code, reason: reason)
    }

    private func send(_ chunks: [Bytes], on socket: WebSocket) -> Bool {
        guard socket.send([Framing.header] + chunks) else {
            desk.counters.messagesDropped.wrappingAdd(1, ordering: .relaxed)
            return false
        }
        desk.counters.sent(chunks.reduce(0) { $0 + $1.count })
        return true
    }

    private func end(_ socket: WebSocket, _ code: UInt16, _ reason: String) {
        socket.close(code: code, reason: reason)
    }

    /// Counts a message; false when there are too many in a short time.
    private func takesAnother() -> Bool {
        let now = desk.clock.now
        return state.withLock { state in
            state.hasSpoken = true
            if now - state.windowStart >= Self.window {
                state.windowStart = now
                state.messages = 0
            }
            state.messages += 1
            return state.messages <= desk.configuration.maxMessagesInTenSeconds
        }
    }

    /// Whether a code says that the other end broke a rule.
    private static func isFault(_ code: UInt16) -> Bool {
        switch code {
        case WebSocketCloseCode.protocolError, WebSocketCloseCode.unsupportedData,
            WebSocketCloseCode.invalidData, WebSocketCloseCode.policyViolation, WebSocketCloseCode.tooLarge,
            WebSocketCloseCode.tryAgainLater:
            true
        default: false
        }
    }
}

/// One request over plain HTTP.
final class PollingConnection: AgentConnection {
    let id: UInt64
    let principal: AgentPrincipal
    private let remote: ServerPeer

    init(desk: AgentDesk, peer: ServerPeer, principal: AgentPrincipal) {
        id = desk.nextID()
        remote = peer
        self.principal = principal
    }

    var isWebSocket: Bool { false }
    var peer: String { remote.address }

    /// Nothing can be sent but the answer to the request.
    func send(_ chunks: [Bytes]) -> Bool { false }
    func ping() {}
    func close(code: UInt16, reason: String) {}
}
