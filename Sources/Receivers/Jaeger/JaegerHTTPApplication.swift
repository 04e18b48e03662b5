internal import Compression
internal import Formats
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// Jaeger over HTTP: a batch in binary Thrift to `/api/traces`.
struct JaegerHTTPApplication: ServerApplication {
    private static let path = "/api/traces"
    private static let contentTypes = ["application/x-thrift", "application/vnd.apache.thrift.binary"]

    private let settings: HTTPServerSettings
    private let intake: JaegerIntake
    private let cors: CORS?
    private let extraFields: [(name: String, value: String)]
    private let memory: ReceiverMemory
    private let authentication: ServerAuthentication?

    init(
        settings: HTTPServerSettings, intake: JaegerIntake, memory: ReceiverMemory,
        authentication: ServerAuthentication?
    ) {
        self.settings = settings
        self.intake = intake
        self.memory = memory
        self.authentication = authentication
        cors = settings.cors.map { CORS(settings: $0) }
        extraFields = settings.responseHeaders.pairs.map { ($0.name, $0.value.reveal()) }
    }

    func admit(_ head: ServerRequestHead) -> Admission {
        // Browsers send no credentials with a preflight request.
        if let preflight = cors?.preflight(head) { return .refuse(finished(preflight, head)) }
        if let refusal = authentication?.refusal(fields: head.fields, query: head.query, peer: head.peer) {
            return .refuse(finished(answer(to: refusal), head))
        }
        guard head.path == Self.path else {
            return refuse(head, 404, "there is nothing at \(head.path.prefix(100))")
        }
        guard head.method == "POST" else {
            var response = ServerResponse.text(405, "\(head.method) is not possible here; use POST")
            response.fields.add("allow", "POST")
            return .refuse(finished(response, head))
        }
        let type = (head.fields["content-type"] ?? "").prefix { $0 != ";" }.filter { !$0.isWhitespace }
        guard Self.contentTypes.contains(type.lowercased()) else {
            let types = Self.contentTypes.joined(separator: " or ")
            return refuse(head, 400, "content-type must be \(types)")
        }
        guard encoding(of: head) != nil else {
            let accepted = settings.compressionAlgorithms.map { $0.rawValue }.filter { !$0.isEmpty }
            return refuse(
                head, 415, "content-encoding must be one of: \(accepted.joined(separator: ", "))")
        }
        return .accept(maxBodySize: settings.maxBodyBytes)
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        guard let authentication else { return take(request, of: .anonymous, responder) }
        let head = request.head
        authentication.decide(
            fields: head.fields, query: head.query, peer: head.peer, on: head.lane
        ) { outcome in
            switch outcome {
            case .success(let principal): take(request, of: principal, responder)
            case .failure(let refusal): responder.send(finished(answer(to: refusal), head))
            }
        }
    }

    private func take(_ request: ServerRequest, of principal: Principal, _ responder: Responder) {
        let head = request.head
        let body: Bytes
        switch decompressed(request) {
        case .success(let bytes): body = bytes
        case .failure(.noRoom):
            memory.countRefusal()
            return responder.send(overloaded(head))
        case .failure(let error):
            intake.noteInvalid(error.description, from: head.peer)
            let status = if case .tooLarge = error { 413 } else { 400 }
            return responder.send(finished(.text(status, error.description), head))
        }
        let batch: Batch
        do throws(JaegerError) {
            let limit = TracesIntake.outputLimit(settings.maxBodyBytes)
            batch = try JaegerThrift.batch(body, .binary, limit: limit)
        } catch {
            intake.noteInvalid(error.description, from: head.peer)
            return responder.send(finished(.text(400, error.description), head))
        }
        let sender = OTLPIntake.Sender(
            peer: head.peer, lane: head.lane, fields: head.fields, principal: principal)
        intake.send(batch, from: sender) { refusal in
            let response = refusal.map { answer(to: $0) } ?? ServerResponse(status: 202)
            responder.send(finished(response, head))
        }
    }

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        finished(.text(413, "the body is larger than \(limit) bytes"), head)
    }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        let reason = "there is no memory for the request now"
        return finished(answer(to: .later(reason: reason, after: .seconds(1))), head)
    }

    // MARK: - Bodies

    private func encoding(of head: ServerRequestHead) -> ContentEncoding? {
        let name = head.fields["content-encoding"]?.lowercased() ?? ""
        let encoding = name == "identity" ? .identity : ContentEncoding(rawValue: name)
        guard let encoding, encoding == .identity || settings.compressionAlgorithms.contains(encoding) else {
            return nil
        }
        return encoding
    }

    private func decompressed(_ request: ServerRequest) -> Result<Bytes, CompressionError> {
        guard let algorithm = encoding(of: request.head)?.algorithm else { return .success(request.body) }
        do throws(CompressionError) {
            return .success(
                try Decompression.decompress(
                    request.body, algorithm, limit: settings.maxBodyBytes, room: { memory.room }))
        } catch {
            return .failure(error)
        }
    }

    // MARK: - Answers

    private func answer(to refusal: AuthenticationRefusal) -> ServerResponse {
        switch refusal {
        case .unauthenticated(let reason, let challenge):
            var answer = ServerResponse.text(401, reason)
            answer.fields.add("www-authenticate", challenge)
            return answer
        case .later(let reason): return answer(to: .later(reason: reason, after: .seconds(1)))
        }
    }

    private func answer(to refusal: Rejection) -> ServerResponse {
        switch refusal {
        case .later(let reason, let delay):
            let seconds = ((delay ?? .seconds(1)) / .seconds(1)).rounded(.up)
            var answer = ServerResponse.text(503, reason)
            answer.fields.add("retry-after", String(max(1, Int(seconds))))
            return answer
        case .never(let reason, _): return .text(500, reason)
        }
    }

    private func refuse(_ head: ServerRequestHead, _ status: Int, _ message: String) -> Admission {
        .refuse(finished(.text(status, message), head))
    }

    private func finished(_ response: ServerResponse, _ head: ServerRequestHead) -> ServerResponse {
        guard cors != nil || !extraFields.isEmpty else { return response }
        var response = response
        for (name, value) in extraFields { response.fields.add(name, value) }
        cors?.mark(&response, head)
        return response
    }
}
