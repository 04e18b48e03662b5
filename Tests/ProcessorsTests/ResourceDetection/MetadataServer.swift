import Pipeline
import PipelineTesting
import Synchronization
import Transport
import Wire

/// A metadata service on this machine: what it answers by method and path, everything else is 404.
final class MetadataServer: Sendable {
    private let server = Mutex<Server?>(nil)
    private let asked = Mutex<[String]>([])
    private let answers: [String: String]

    /// `answers` is by `GET /path`; `needed` is a header field without which it refuses.
    init(_ answers: [String: String], needs needed: (name: String, value: String)? = nil) async throws {
        self.answers = answers
        let application = Application(answers: answers, needed: needed) { [weak self] line in
            self?.asked.withLock { $0.append(line) }
        }
        let started = try await Server.start(
            ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
            loops: Harness().lanes.map { $0.eventLoop }, application: application,
            logger: RecordingLog().logger())
        server.withLock { $0 = started }
    }

    var url: String { "http://\(server.withLock { $0?.address.description ?? "" })" }

    func stop() async { await server.withLock { $0 }?.shutdown(grace: .zero) }

    private struct Application: ServerApplication {
        let answers: [String: String]
        let needed: (name: String, value: String)?
        let note: @Sendable (String) -> Void

        func admit(_ head: ServerRequestHead) -> Admission { .accept(maxBodySize: 1 << 20) }

        func respond(to request: ServerRequest, with responder: Responder) {
            let query = request.query.map { "?\($0)" } ?? ""
            let line = "\(request.method) \(request.path)\(query)"
            note(line)
            if let needed, request.method != "PUT", request.fields[needed.name] != needed.value {
                return responder.send(ServerResponse(status: 401))
            }
            guard let answer = answers[line] else { return responder.send(ServerResponse(status: 404)) }
            responder.send(ServerResponse(status: 200, body: Bytes(utf8: answer)))
        }
    }
}
