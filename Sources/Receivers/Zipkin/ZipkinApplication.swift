internal import Compression
internal import Formats
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// Zipkin's API as far as spans are posted: `POST /api/v1/spans` and `POST /api/v2/spans`.
///
/// What a body is follows from its path and its `content-type`; as with otelcol, whatever is not said to be
/// protobuf or thrift is JSON.
struct ZipkinApplication: ServerApplication {
    private let settings: HTTPServerSettings
    private let intake: ZipkinIntake
    private let memory: ReceiverMemory
    private let authentication: ServerAuthentication?
    private let cors: CORS?
    private let extraFields: [(name: String, value: String)]

    init(
        settings: HTTPServerSettings, intake: ZipkinIntake, memory: ReceiverMemory,
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
        if let authentication,
            let refusal = authentication.refusal(fields: head.fields, query: head.query, peer: head.peer)
        {
            return .refuse(finished(Self.answer(to: refusal), head))
        }
        guard let version = Version(path: head.path) else {
            return refuse(head, 404, "there is nothing at \(head.path.prefix(100)); post to /api/v2/spans")
        }
        guard head.method == "POST" else {
            var answer = ServerResponse.text(405, "\(head.method) is not possible here; use POST")
            answer.fields.add("allow", "POST")
            return .refuse(finished(answer, head))
        }
        switch form(of: head, version) {
        case .success: break
        case .failure(let problem): return refuse(head, 415, problem.text)
        }
        guard encoding(of: head) != nil else {
            let accepted = settings.compressionAlgorithms.map { $0.rawValue }.filter { !$0.isEmpty }
            return refuse(head, 415, "content-encoding must be one of: \(accepted.joined(separator: ", "))")
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
            case .failure(let refusal): responder.send(finished(Self.answer(to: refusal), head))
            }
        }
    }

    private func take(_ request: ServerRequest, of principal: Principal, _ responder: Responder) {
        let head = request.head
        guard let version = Version(path: head.path), case .success(let found) = form(of: head, version)
        else {
            return responder.send(.text(404, "there is nothing at \(head.path.prefix(100))"))
        }
        let body: Bytes
        do throws(CompressionError) {
            body = try decompressed(request)
        } catch {
            if case .noRoom = error {
                memory.countRefusal()
                return responder.send(overloaded(head))
            }
            let isTooLarge = if case .tooLarge = error { true } else { false }
            return responder.send(finished(.text(isTooLarge ? 413 : 400, error.description), head))
        }
        let sender = OTLPIntake.Sender(
            peer: head.peer, lane: head.lane, fields: head.fields, principal: principal)
        intake.take(found, body, from: sender) { outcome in
            responder.send(finished(Self.answer(to: outcome), head))
        }
    }

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        finished(.text(413, "the body is larger than \(limit) bytes"), head)
    }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        let refusal = Rejection.later(reason: "there is no memory for the request now", after: .seconds(1))
        return finished(Self.answer(to: .refused(refusal)), head)
    }

    // MARK: - Requests

    /// The version of Zipkin's API.
    private enum Version {
        case one, two

        /// Reads the end of a path, since Zipkin may live below another path; `nil` for other paths.
        init?(path: String) {
            if path.hasSuffix("/api/v2/spans") {
                self = .two
            } else if path.hasSuffix("/api/v1/spans") {
                self = .one
            } else {
                return nil
            }
        }
    }

    private struct Problem: Error {
        let text: String
    }

    private func form(of head: ServerRequestHead, _ version: Version) -> Result<ZipkinForm, Problem> {
        let type = head.fields["content-type"]?.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        switch (type, version) {
        case ("application/x-thrift", .one): return .success(.thrift)
        case ("application/x-thrift", .two):
            return .failure(Problem(text: "version 2 has no thrift; send it to /api/v1/spans"))
        case ("application/x-protobuf", .two): return .success(.protobuf)
        case ("application/x-protobuf", .one):
            return .failure(Problem(text: "version 1 has no protobuf; send it to /api/v2/spans"))
        case (_, .two): return .success(.json)
        case (_, .one): return .success(.jsonV1)
        }
    }

    private func encoding(of head: ServerRequestHead) -> ContentEncoding? {
        let name = head.fields["content-encoding"]?.lowercased() ?? ""
        let encoding = name == "identity" ? .identity : ContentEncoding(rawValue: name)
        guard let encoding, encoding == .identity || settings.compressionAlgorithms.contains(encoding) else {
            return nil
        }
        return encoding
    }

    private func decompressed(_ request: ServerRequest) throws(CompressionError) -> Bytes {
        guard let algorithm = encoding(of: request.head)?.algorithm else { return request.body }
        return try Decompression.decompress(
            request.body, algorithm, limit: settings.maxBodyBytes, room: { memory.room })
    }

    // MARK: - Answers

    private static func answer(to outcome: ZipkinIntake.Outcome) -> ServerResponse {
        switch outcome {
        case .accepted: return ServerResponse(status: 202)
        case .invalid(let error): return .text(400, error.description)
        case .refused(.later(let reason, let delay)):
            var answer = ServerResponse.text(503, reason)
            let seconds = Int(((delay ?? .seconds(1)) / .seconds(1)).rounded(.up))
            answer.fields.add("retry-after", String(max(1, seconds)))
            return answer
        // Zipkin's senders send again what got 500.
        case .refused(.never(let reason, _)): return .text(400, reason)
        }
    }

    private static func answer(to refusal: AuthenticationRefusal) -> ServerResponse {
        switch refusal {
        case .unauthenticated(let reason, let challenge):
            var answer = ServerResponse.text(401, reason)
            answer.fields.add("www-authenticate", challenge)
            return answer
        case .later(let reason):
            var answer = ServerResponse.text(503, reason)
            answer.fields.add("retry-after", "1")
            return answer
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
