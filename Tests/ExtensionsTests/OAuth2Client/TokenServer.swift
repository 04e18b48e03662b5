import Pipeline
import PipelineTesting
import Synchronization
import Transport
import Wire

/// A server for tokens that answers as the test says, and keeps what it was asked.
final class TokenServer: Sendable {
    /// One request.
    struct Asked: Sendable {
        let path: String
        let authorization: String?
        let body: String
    }

    private struct State {
        var asked: [Asked] = []
        var server: Server?
    }

    private let state = Mutex(State())
    private let answer: @Sendable (Asked, Int) -> ServerResponse

    /// Starts to listen; `answer` gets the request and its number, from 1.
    init(_ answer: @escaping @Sendable (Asked, Int) -> ServerResponse) async throws {
        self.answer = answer
        let server = try await Server.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
            loops: Harness().lanes.map { $0.eventLoop }, application: Application(server: self),
            logger: RecordingLog().logger())
        state.withLock { $0.server = server }
    }

    var asked: [Asked] { state.withLock { $0.asked } }

    var url: String { "http://\(state.withLock { $0.server?.address.description ?? "" })/token?a=b" }

    func stop() async { await state.withLock { $0.server }?.shutdown(grace: .zero) }

    /// An answer with a token.
    static func token(_ token: String, lifetime: Int? = 3600) -> ServerResponse {
        let end = lifetime.map { ",\"expires_in\":\($0)" } ?? ""
        return json(200, "{\"access_token\":\"\(token)\",\"token_type\":\"bearer\"\(end)}")
    }

    static func json(_ status: Int, _ text: String) -> ServerResponse {
        ServerResponse(status: status, fields: ["content-type": "application/json"], body: Bytes(utf8: text))
    }

    private struct Application: ServerApplication {
        let server: TokenServer

        func admit(_ head: ServerRequestHead) -> Admission { .accept(maxBodySize: 1 << 20) }

        func respond(to request: ServerRequest, with responder: Responder) {
            let asked = Asked(
                path: "\(request.path)?\(request.query ?? "")",
                authorization: request.fields["authorization"],
                body: request.body.string)
            let number = server.state.withLock { state in
                state.asked.append(asked)
                return state.asked.count
            }
            responder.send(server.answer(asked, number))
        }
    }
}
