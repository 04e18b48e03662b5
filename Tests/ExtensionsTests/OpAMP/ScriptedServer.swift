import OpAMP
import Pipeline
import PipelineTesting
import Synchronization
import Transport
import Wire

/// An OpAMP server that answers as the test says, over WebSocket and plain HTTP, and keeps what it was told.
final class ScriptedServer: Sendable {
    private struct State {
        var messages: [AgentToServer] = []
        var authorizations: [String] = []
        var closings: [UInt16?] = []
        var sockets: [WebSocket] = []
        var watchers:
            [(condition: @Sendable (AgentToServer) -> Bool, resume: @Sendable (AgentToServer) -> Void)] =
                []
        var server: Server?
        var answer: @Sendable (AgentToServer) -> ServerToAgent
        var admits: @Sendable (String) -> ServerResponse?
    }

    private let state: Mutex<State>

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - admits: gets the value of `authorization`; an answer refuses the request.
    ///   - answer: what to say to a message.
    /// - Throws: when it cannot listen.
    init(
        admits: @escaping @Sendable (String) -> ServerResponse? = { _ in nil },
        answering answer: @escaping @Sendable (AgentToServer) -> ServerToAgent = {
            ScriptedServer.acknowledge($0)
        }
    ) async throws {
        state = Mutex(State(answer: answer, admits: admits))
        let server = try await Server.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
            loops: Harness().lanes.map { $0.eventLoop }, application: Application(server: self),
            logger: RecordingLog().logger())
        state.withLock { $0.server = server }
    }

    /// The plain answer of a server that can do everything.
    static func acknowledge(_ message: AgentToServer) -> ServerToAgent {
        var answer = ServerToAgent(instanceUID: message.instanceUID)
        answer.capabilities = ServerCapabilities(rawValue: 0x7F)
        answer.customCapabilities = CustomCapabilities(["io.apus.config/v1", "io.apus.flow/v1"])
        return answer
    }

    /// The address with a path, for `ws` or `http`.
    func url(_ scheme: String = "ws", path: String = "/v1/opamp") -> String {
        "\(scheme)://\(state.withLock { $0.server?.address.description ?? "" })\(path)"
    }

    var messages: [AgentToServer] { state.withLock { $0.messages } }
    var authorizations: [String] { state.withLock { $0.authorizations } }
    var closings: [UInt16?] { state.withLock { $0.closings } }
    var connections: Int { state.withLock { $0.sockets.count } }

    func setAnswer(_ answer: @escaping @Sendable (AgentToServer) -> ServerToAgent) {
        state.withLock { $0.answer = answer }
    }

    /// Sends a message over the newest WebSocket without being asked.
    func push(_ message: ServerToAgent) {
        _ = state.withLock { $0.sockets.last }?.send([Framing.header, message.encoded()])
    }

    /// Closes the newest WebSocket.
    func drop(code: UInt16) { state.withLock { $0.sockets.last }?.close(code: code) }

    /// The first message that `condition` likes, now or at any time later.
    func message(where condition: @escaping @Sendable (AgentToServer) -> Bool) async -> AgentToServer {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                let known = state.messages.first(where: condition)
                if known == nil { state.watchers.append((condition, { continuation.resume(returning: $0) })) }
                return known
            }
            if let known { continuation.resume(returning: known) }
        }
    }

    func stop() async { await state.withLock { $0.server }?.shutdown(grace: .zero) }

    private func take(_ bytes: Bytes) -> ServerToAgent {
        guard let message = try? AgentToServer(decoding: bytes) else { return ServerToAgent() }
        let (answer, watchers) = state.withLock { state in
            state.messages.append(message)
            let watchers = state.watchers.filter { $0.condition(message) }
            state.watchers.removeAll { $0.condition(message) }
            return (state.answer, watchers)
        }
        for watcher in watchers { watcher.resume(message) }
        return answer(message)
    }

    private struct Application: ServerApplication {
        let server: ScriptedServer

        func admit(_ head: ServerRequestHead) -> Admission {
            let authorization = head.fields["authorization"] ?? ""
            let admits = server.state.withLock { state in
                state.authorizations.append(authorization)
                return state.admits
            }
            if let refusal = admits(authorization) { return .refuse(refusal) }
            guard head.path == "/v1/opamp" else { return .refuse(.text(404, "no such page")) }
            let isPlain = head.fields["content-type"] == "application/x-protobuf"
            return isPlain
                ? .accept(maxBodySize: 4 << 20)
                : .upgrade(WebSocketAcceptance(handler: Handler(server: server)))
        }

        func respond(to request: ServerRequest, with responder: Responder) {
            let answer = server.take(request.body)
            responder.send(
                ServerResponse(
                    status: 200, fields: ["content-type": "application/x-protobuf"], body: answer.encoded()))
        }
    }

    private final class Handler: WebSocketHandler {
        let server: ScriptedServer

        init(server: ScriptedServer) { self.server = server }

        func opened(_ socket: WebSocket) { server.state.withLock { $0.sockets.append(socket) } }

        func received(_ message: Bytes, isBinary: Bool, on socket: WebSocket) {
            guard isBinary, let payload = try? Framing.payload(of: message) else { return }
            _ = socket.send([Framing.header, server.take(payload).encoded()])
        }

        func closed(_ socket: WebSocket, code: UInt16?, reason: String) {
            server.state.withLock { $0.closings.append(code) }
        }
    }
}
