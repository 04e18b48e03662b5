internal import Compression
internal import Fleet
internal import Synchronization
internal import Transport
internal import Wire

/// The requests of agents: a WebSocket, or one message over plain HTTP; the `content-type` decides.
struct AgentApplication: ServerApplication {
    let desk: AgentDesk
    let downloads: PackageDownloads?

    private static let mediaType = "application/x-protobuf"
    /// Smaller answers are not worth compressing.
    private static let worthCompressing = 1024

    func admit(_ head: ServerRequestHead) -> Admission {
        if let downloads, downloads.isFor(head) { return downloads.admit(head) }
        if let refusal = fault(of: head) { return refuse(.improper, refusal) }
        if let (reason, text, wait) = desk.closedDoor() { return refuse(reason, later(text, wait)) }
        let principal: AgentPrincipal
        do throws(AgentRefusal) { principal = try desk.principal(of: head) } catch { return refuse(error) }
        guard !isMessage(head) else { return .accept(maxBodySize: desk.configuration.maxMessageBytes) }
        if let (reason, text, wait) = desk.crowd() { return refuse(reason, later(text, wait)) }
        return .upgrade(
            WebSocketAcceptance(
                handler: AgentSocket(desk: desk, peer: head.connection, principal: principal)))
    }

    func respond(to request: ServerRequest, with responder: Responder) {
        if let downloads, downloads.isFor(request.head) {
            return downloads.respond(to: request.head, responder)
        }
        let principal: AgentPrincipal
        do throws(AgentRefusal) { principal = try desk.principal(of: request.head) } catch {
            return responder.send(answer(to: error))
        }
        switch content(of: request) {
        case .failure(let response):
            desk.counters.refused(.improper)
            responder.send(response.response)
        case .success(let message):
            desk.counters.requests.wrappingAdd(1, ordering: .relaxed)
            desk.counters.received(message.count)
            let connection = PollingConnection(
                desk: desk, peer: request.head.connection, principal: principal)
            switch desk.reception.receive(message, over: connection) {
            case .send(let chunks): responder.send(answer(chunks, to: request.head))
            case .close(let code, let reason): responder.send(Self.answer(toClosing: code, reason))
            }
        }
    }

    func bodyTooLarge(_ head: ServerRequestHead, limit: Int) -> ServerResponse {
        desk.counters.refused(.improper)
        return .text(413, "a message may have \(limit) bytes; do not send the same one again")
    }

    func overloaded(_ head: ServerRequestHead) -> ServerResponse {
        later("there is no memory for the message now", 30)
    }

    // MARK: - Requests

    /// Whether a request carries one message over plain HTTP.
    private func isMessage(_ head: ServerRequestHead) -> Bool {
        let type = head.fields["content-type"]?.lowercased() ?? ""
        return type.prefix { $0 != ";" && $0 != " " } == Self.mediaType
    }

    private func fault(of head: ServerRequestHead) -> ServerResponse? {
        guard head.path == desk.configuration.path else {
            return .text(404, "there is nothing here; agents connect at \(desk.configuration.path)")
        }
        // Agents have no origin; pages in a browser do, and have no business here.
        guard !head.fields.contains("origin") else {
            return .text(403, "this is for agents, not for pages in a browser")
        }
        guard ["GET", "POST"].contains(head.method), head.method == "POST" || !isMessage(head) else {
            var response = ServerResponse.text(
                405, "send messages with POST, or ask for a WebSocket with GET")
            response.fields.add("allow", isMessage(head) ? "POST" : "GET, POST")
            return response
        }
        guard head.method == "POST" else { return nil }
        guard isMessage(head) else {
            return .text(415, "a message over plain HTTP has the content-type \(Self.mediaType)")
        }
        guard ["", "identity", "gzip"].contains(head.fields["content-encoding"]?.lowercased() ?? "") else {
            return .text(415, "send it as it is, or compressed with gzip").adding(["accept-encoding": "gzip"])
        }
        return nil
    }

    /// An answer on its way through a `Result`.
    private struct Refused: Error {
        let response: ServerResponse
    }

    private func content(of request: ServerRequest) -> Result<Bytes, Refused> {
        guard request.fields["content-encoding"]?.lowercased() == "gzip" else {
            return .success(request.body)
        }
        do throws(CompressionError) {
            return .success(
                try Decompression.decompress(request.body, .gzip, limit: desk.configuration.maxMessageBytes))
        } catch {
            let isTooLarge = if case .tooLarge = error { true } else { false }
            return .failure(Refused(response: .text(isTooLarge ? 413 : 400, error.description)))
        }
    }

    // MARK: - Answers

    private func answer(_ chunks: [Bytes], to head: ServerRequestHead) -> ServerResponse {
        let size = chunks.reduce(0) { $0 + $1.count }
        desk.counters.sent(size)
        var response = ServerResponse(status: 200, fields: ["content-type": Self.mediaType])
        if size >= Self.worthCompressing, ContentCoding.allowsGzip(head.fields["accept-encoding"]),
            let compressed = try? Compressor(.gzip).compress(chunks)
        {
            response.fields.add("content-encoding", "gzip")
            response.body = compressed
            return response
        }
        var builder = BytesBuilder(capacity: size)
        for chunk in chunks { builder.append(chunk) }
        response.body = builder.finish()
        return response
    }

    private static func answer(toClosing code: UInt16, _ reason: String) -> ServerResponse {
        switch code {
        case WebSocketCloseCode.policyViolation: .text(401, reason).adding(challenge)
        case WebSocketCloseCode.tooLarge: .text(413, reason)
        case WebSocketCloseCode.tryAgainLater, WebSocketCloseCode.serviceRestart:
            .text(503, reason).adding(["retry-after": "30"])
        default: .text(400, reason)
        }
    }

    private func refuse(_ reason: FleetEndpointFigures.Refusal, _ response: ServerResponse) -> Admission {
        desk.counters.refused(reason)
        return .refuse(response)
    }

    private func refuse(_ refusal: AgentRefusal) -> Admission {
        refuse(refusal.figure, answer(to: refusal))
    }

    private static let challenge: HTTPFields = AgentRefusal.challenge

    private func answer(to refusal: AgentRefusal) -> ServerResponse { refusal.response }

    private func later(_ text: String, _ seconds: Int) -> ServerResponse {
        .text(503, text).adding(["retry-after": "\(seconds)"])
    }
}

extension AgentRefusal {
    fileprivate static let challenge: HTTPFields = ["www-authenticate": "Bearer realm=\"apus fleet\""]

    /// What it is counted as.
    var figure: FleetEndpointFigures.Refusal {
        if case .throttled = self { .throttled } else { .unauthenticated }
    }

    /// What the agent is told.
    var response: ServerResponse {
        switch self {
        case .unauthenticated: return .text(401, description).adding(Self.challenge)
        case .throttled(let wait):
            let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
            return .text(429, description).adding(["retry-after": "\(seconds)"])
        }
    }
}

extension ServerResponse {
    func adding(_ others: HTTPFields) -> ServerResponse {
        var response = self
        for (name, value) in others { response.fields.add(name, value) }
        return response
    }
}
