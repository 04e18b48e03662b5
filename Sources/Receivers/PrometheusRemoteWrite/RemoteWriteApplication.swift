internal import Compression
internal import Pipeline
internal import Prometheus
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// Remote write over HTTP: one path, both versions of the message.
struct RemoteWriteApplication: ServerApplication {
    /// Where Prometheus itself takes remote write.
    static let path = "/api/v1/write"

    private let settings: HTTPServerSettings
    private let intake: RemoteWriteIntake
    private let memory: ReceiverMemory
    private let authentication: ServerAuthentication?
    private let cors: CORS?
    private let extraFields: [(name: String, value: String)]

    init(
        settings: HTTPServerSettings, intake: RemoteWriteIntake, memory: ReceiverMemory,
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
            return .refuse(finished(answer(to: refusal), head))
        }
        guard head.path == Self.path else {
            return refuse(head, 404, "there is nothing at \(head.path.prefix(100)); send to \(Self.path)")
        }
        guard head.method == "POST" else {
            var answer = ServerResponse.text(405, "\(head.method) is not possible here; use POST")
            answer.fields.add("allow", "POST")
            return .refuse(finished(answer, head))
        }
        do throws(RemoteWriteError) {
            _ = try RemoteWriteVersion(contentType: head.fields["content-type"])
        } catch {
            return refuse(head, 415, error.description)
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

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        finished(.text(413, "the body is larger than \(limit) bytes"), head)
    }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse { finished(Self.noMemory, head) }

    private func take(_ request: ServerRequest, of principal: Principal, _ responder: Responder) {
        let head = request.head
        // The content type has been looked at before the body came.
        guard let version = try? RemoteWriteVersion(contentType: head.fields["content-type"]) else {
            return responder.send(finished(.text(415, "the content type is not known"), head))
        }
        let body: Bytes
        switch decompressed(request) {
        case .success(let bytes): body = bytes
        case .failure(.noRoom):
            memory.countRefusal()
            return responder.send(overloaded(head))
        case .failure(let error):
            let isTooLarge = if case .tooLarge = error { true } else { false }
            return responder.send(finished(.text(isTooLarge ? 413 : 400, error.description), head))
        }
        let sender = OTLPIntake.Sender(
            peer: head.peer, lane: head.lane, fields: head.fields, principal: principal)
        intake.take(body, version, from: sender, room: { memory.room }) { outcome in
            responder.send(finished(answer(to: outcome, version), head))
        }
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

    private static let noMemory: ServerResponse = {
        var answer = ServerResponse.text(503, "there is no memory for the request now")
        answer.fields.add("retry-after", "1")
        return answer
    }()

    private func answer(to outcome: RemoteWriteIntake.Outcome, _ version: RemoteWriteVersion)
        -> ServerResponse
    {
        switch outcome {
        case .taken(let result):
            var answer = result.fault.map { ServerResponse.text(400, $0) } ?? ServerResponse(status: 204)
            guard version == .v2 else { return answer }
            answer.fields.add(RemoteWriteFields.samples, String(result.samples))
            answer.fields.add(RemoteWriteFields.histograms, String(result.histograms))
            answer.fields.add(RemoteWriteFields.exemplars, String(result.exemplars))
            return answer
        case .unreadable(let error):
            switch error.kind {
            case .malformed: return .text(400, error.description)
            case .limit: return .text(413, error.description)
            case .noRoom:
                memory.countRefusal()
                return Self.noMemory
            }
        case .refused(.later(let reason, let delay)):
            var answer = ServerResponse.text(503, reason)
            let seconds = ((delay ?? .seconds(1)) / .seconds(1)).rounded(.up)
            answer.fields.add("retry-after", String(max(1, Int(seconds))))
            return answer
        case .refused(.never(let reason, _)):
            return .text(400, reason)
        }
    }

    private func answer(to refusal: AuthenticationRefusal) -> ServerResponse {
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
