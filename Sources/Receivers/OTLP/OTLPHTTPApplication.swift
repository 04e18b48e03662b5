internal import Compression
internal import Pipeline
internal import Settings
internal import Telemetry
internal import Transport
internal import Wire

/// OTLP/HTTP: a path for each signal, protobuf or JSON, compressed or not.
struct OTLPHTTPApplication: ServerApplication {
    private let settings: OTLPReceiver.HTTPSettings
    private let intake: OTLPIntake
    private let signals: [String: Signal]
    private let cors: CORS?
    private let extraFields: [(name: String, value: String)]
    private let maxBodyBytes: Int
    private let memory: ReceiverMemory
    private let authentication: ServerAuthentication?

    init(
        settings: OTLPReceiver.HTTPSettings, intake: OTLPIntake, memory: ReceiverMemory,
        authentication: ServerAuthentication?
    ) {
        self.settings = settings
        self.intake = intake
        self.memory = memory
        self.authentication = authentication
        let paths: [(String, Signal)] = [
            (settings.tracesURLPath, .traces), (settings.metricsURLPath, .metrics),
            (settings.logsURLPath, .logs),
            (Signal.profiles.exportPath, .profiles),
        ]
        signals = Dictionary(paths.map { ($0.0.hasPrefix("/") ? $0.0 : "/" + $0.0, $0.1) }) { first, _ in
            first
        }
        cors = settings.server.cors.map { CORS(settings: $0) }
        extraFields = settings.server.responseHeaders.pairs.map { ($0.name, $0.value.reveal()) }
        maxBodyBytes = settings.server.maxBodyBytes
    }

    func admit(_ head: ServerRequestHead) -> Admission {
        let format = OTLPFormat(contentType: head.fields["content-type"])
        // Browsers send no credentials with a preflight request.
        if let preflight = cors?.preflight(head) { return .refuse(finished(preflight, head)) }
        if let authentication,
            let refusal = authentication.refusal(fields: head.fields, query: head.query, peer: head.peer)
        {
            return .refuse(finished(answer(to: refusal, format), head))
        }
        guard let signal = signals[head.path] else {
            return refuse(head, 404, .notFound, "there is nothing at \(head.path.prefix(100))", format)
        }
        guard head.method == "POST" else {
            var answer = answer(405, .unimplemented, "\(head.method) is not possible here; use POST", format)
            answer.fields.add("allow", "POST")
            return .refuse(finished(answer, head))
        }
        guard intake.takes(signal) else {
            return refuse(
                head, 404, .unimplemented, "no pipeline takes \(signal.rawValue) from this receiver", format)
        }
        guard format != nil else {
            let message = "content-type must be application/x-protobuf or application/json"
            return refuse(head, 415, .invalidArgument, message, nil)
        }
        guard encoding(of: head) != nil else {
            let accepted = settings.server.compressionAlgorithms.map { $0.rawValue }.filter { !$0.isEmpty }
            let message = "content-encoding must be one of: \(accepted.joined(separator: ", "))"
            return refuse(head, 415, .invalidArgument, message, format)
        }
        return .accept(maxBodySize: maxBodyBytes)
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        guard let authentication else { return take(request, of: .anonymous, responder) }
        let head = request.head
        authentication.decide(
            fields: head.fields, query: head.query, peer: head.peer, on: head.lane
        ) { outcome in
            switch outcome {
            case .success(let principal): take(request, of: principal, responder)
            case .failure(let refusal):
                let format = OTLPFormat(contentType: head.fields["content-type"])
                responder.send(finished(answer(to: refusal, format), head))
            }
        }
    }

    private func take(_ request: ServerRequest, of principal: Principal, _ responder: Responder) {
        let head = request.head
        guard let signal = signals[head.path],
            let format = OTLPFormat(contentType: head.fields["content-type"])
        else {
            return responder.send(.text(404, "there is nothing at \(head.path.prefix(100))"))
        }
        let body: Bytes
        switch decompressed(request) {
        case .success(let bytes): body = bytes
        case .failure(.noRoom):
            memory.countRefusal()
            return responder.send(overloaded(head))
        case .failure(let error):
            let isTooLarge = if case .tooLarge = error { true } else { false }
            let answer = answer(
                isTooLarge ? 413 : 400, isTooLarge ? .resourceExhausted : .invalidArgument, error.description,
                format)
            return responder.send(finished(answer, head))
        }
        let sender = OTLPIntake.Sender(
            peer: head.peer, lane: head.lane, fields: head.fields, principal: principal)
        intake.take(signal, body, isJSON: format == .json, from: sender) { outcome in
            responder.send(finished(answer(to: outcome, signal, format), head))
        }
    }

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        let format = OTLPFormat(contentType: head.fields["content-type"])
        return finished(
            answer(413, .resourceExhausted, "the body is larger than \(limit) bytes", format), head)
    }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        let format = OTLPFormat(contentType: head.fields["content-type"])
        let refusal = Rejection.later(reason: "there is no memory for the request now", after: .seconds(1))
        return finished(format.map { answer(to: refusal, $0) } ?? .text(503, refusal.reason), head)
    }

    // MARK: - Bodies

    private func encoding(of head: ServerRequestHead) -> ContentEncoding? {
        let name = head.fields["content-encoding"]?.lowercased() ?? ""
        let encoding = name == "identity" ? .identity : ContentEncoding(rawValue: name)
        guard let encoding, encoding == .identity || settings.server.compressionAlgorithms.contains(encoding)
        else {
            return nil
        }
        return encoding
    }

    private func decompressed(_ request: ServerRequest) -> Result<Bytes, CompressionError> {
        guard let algorithm = encoding(of: request.head)?.algorithm else { return .success(request.body) }
        do throws(CompressionError) {
            return .success(
                try Decompression.decompress(
                    request.body, algorithm, limit: maxBodyBytes, room: { memory.room }))
        } catch {
            return .failure(error)
        }
    }

    // MARK: - Answers

    private func answer(
        to outcome: OTLPIntake.Outcome, _ signal: Signal, _ format: OTLPFormat
    ) -> ServerResponse {
        switch outcome {
        case .accepted:
            return ServerResponse(status: 200, fields: format.fields, body: format.success)
        case .partly(let partialSuccess):
            let body = format == .json ? partialSuccess.json(signal) : partialSuccess.encoded()
            return ServerResponse(status: 200, fields: format.fields, body: body)
        case .invalid(let error):
            let violation = RPCStatus.FieldViolation(field: "", description: error.description)
            return answer(
                400, .invalidArgument, error.description, format, details: [.badRequest([violation])])
        case .refused(let refusal):
            return answer(to: refusal, format)
        }
    }

    private func answer(to refusal: AuthenticationRefusal, _ format: OTLPFormat?) -> ServerResponse {
        switch refusal {
        case .unauthenticated(let reason, let challenge):
            var answer = answer(401, .unauthenticated, reason, format)
            answer.fields.add("www-authenticate", challenge)
            return answer
        case .later(let reason):
            var answer = answer(
                503, .unavailable, reason, format, details: [.retryInfo(delay: .seconds(1))])
            answer.fields.add("retry-after", "1")
            return answer
        }
    }

    private func answer(to refusal: Rejection, _ format: OTLPFormat) -> ServerResponse {
        switch refusal {
        case .later(let reason, let delay):
            let delay = delay ?? .seconds(1)
            var answer = answer(503, .unavailable, reason, format, details: [.retryInfo(delay: delay)])
            answer.fields.add("retry-after", String(max(1, Int((delay / .seconds(1)).rounded(.up)))))
            return answer
        case .never(let reason, _):
            return answer(500, .internal, reason, format)
        }
    }

    private func refuse(
        _ head: ServerRequestHead, _ status: Int, _ code: GRPCStatus.Code, _ message: String,
        _ format: OTLPFormat?
    ) -> Admission {
        .refuse(finished(answer(status, code, message, format), head))
    }

    /// An error with a `google.rpc.Status` in the encoding of the request, or as text when that is unknown.
    private func answer(
        _ status: Int, _ code: GRPCStatus.Code, _ message: String, _ format: OTLPFormat?,
        details: [RPCStatus.Detail] = []
    ) -> ServerResponse {
        guard let format else { return .text(status, message) }
        let body = RPCStatus(code: code.rawValue, message: message, details: details)
        return ServerResponse(status: status, fields: format.fields, body: format.encode(body))
    }

    private func finished(_ response: ServerResponse, _ head: ServerRequestHead) -> ServerResponse {
        guard cors != nil || !extraFields.isEmpty else { return response }
        var response = response
        for (name, value) in extraFields { response.fields.add(name, value) }
        cors?.mark(&response, head)
        return response
    }
}
