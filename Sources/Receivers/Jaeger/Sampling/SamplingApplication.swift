internal import Pipeline
internal import Transport
internal import Wire

/// Answers clients that ask how to sample: `GET /sampling?service=name`, and `GET /?service=name` for those
/// that want numbers in place of names.
struct SamplingApplication: ServerApplication {
    let store: SamplingStore

    func admit(_ head: ServerRequestHead) -> Admission {
        guard head.path == "/sampling" || head.path == "/" else {
            return .refuse(.text(404, "there is nothing at \(head.path.prefix(100))"))
        }
        guard head.method == "GET" || head.method == "HEAD" else {
            var response = ServerResponse.text(405, "\(head.method) is not possible here; use GET")
            response.fields.add("allow", "GET, HEAD")
            return .refuse(response)
        }
        return .accept(maxBodySize: 0)
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        let services = QueryParameters(request.query).all("service")
        guard let service = services.first, services.count == 1 else {
            return responder.send(.text(400, "the parameter service has to be there once"))
        }
        let strategy = store.strategies.strategy(of: service)
        let text = strategy.json(hasNumbers: request.path == "/")
        responder.send(
            ServerResponse(
                status: 200, fields: ["content-type": "application/json"], body: Bytes(utf8: text)))
    }
}
