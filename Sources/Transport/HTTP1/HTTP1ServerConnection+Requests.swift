internal import NIOCore
internal import NIOHTTP1
internal import Synchronization
internal import Wire

extension HTTP1ServerConnection {
    /// Bodies up to this size are read to their end even when nobody wants them, so that the connection can
    /// be kept.
    private static let cheapBody = 256 << 10

    func begin(_ message: HTTPRequestHead) {
        statistics.requestsEver.wrappingAdd(1, ordering: .relaxed)
        statistics.openRequestsNow.wrappingAdd(1, ordering: .relaxed)
        let head = makeHead(message)
        let configuration = lane.context.configuration
        exchange = HTTP1Exchange(
            serial: headsSeen, head: head,
            // After a request to change the protocol the parser reads nothing more.
            keepAlive: message.isKeepAlive && configuration.keepAlive
                && !message.headers.contains(name: "upgrade"),
            isVersion10: !isVersion11(message))
        body.clear(budget: lane.context.budget)
        phase.enter(.body, at: .now())
        guard head.fields.listSize <= configuration.maxHeaderBytes,
            head.fields.count <= configuration.maxHeaderFields
        else {
            headTooLarge()
            return
        }
        guard !lacksHost(message) else {
            fail(.text(400, "the request has no Host field, or more than one"))
            return
        }
        switch lane.context.admit(head) {
        case .refuse(let response): refuse(response)
        case .upgrade(let acceptance):
            if let fault = WebSocketUpgrade.fault(of: head) {
                refuse(fault)
            } else {
                exchange?.upgrade = acceptance
            }
        case .accept(let limit, let framing):
            if body.begin(limit: limit, framing: framing, expected: head.contentLength) {
                sendContinue(if: message)
            } else {
                refuse(application.bodyTooLarge(head, limit: limit))
            }
        }
    }

    func receive(_ buffer: ByteBuffer) {
        guard let exchange, !exchange.isDiscarding else { return }
        let outcome = buffer.withUnsafeReadableBytes { body.take($0, budget: lane.context.budget) }
        switch outcome {
        case .kept, .discarded: break
        case .waiting: waitForMemory()
        case .tooLarge: refuse(application.bodyTooLarge(exchange.head, limit: body.limit))
        case .refused: refuse(lane.context.overloaded(exchange.head))
        }
    }

    func finish(_ trailers: HTTPHeaders?) {
        guard exchange != nil else { return }
        exchange?.hasEnded = true
        guard let exchange else { return }
        if exchange.isAnswered {
            complete()
            return
        }
        if let acceptance = exchange.upgrade { return upgrade(exchange.head, acceptance) }
        phase.enter(.answer, at: .now())
        let request = ServerRequest(
            head: exchange.head, body: body.finish(budget: lane.context.budget),
            trailers: trailers.map(Self.fields))
        application.respond(
            to: request, with: Responder(exchange: self, stream: exchange.serial, loop: lane.loop))
    }

    /// Answers without the body, which is thrown away if it still comes.
    func refuse(_ response: ServerResponse) {
        guard let exchange, !exchange.isAnswered else { return }
        statistics.refusedRequestsEver.wrappingAdd(1, ordering: .relaxed)
        self.exchange?.isDiscarding = true
        body.discard(budget: lane.context.budget)
        let isCheap = (exchange.head.contentLength ?? .max) <= Self.cheapBody
        let asksFirst = exchange.head.fields.contains("expect")
        if !exchange.hasEnded, !isCheap || asksFirst, hasBody(exchange.head) { isEnding = true }
        send(response)
    }

    private func hasBody(_ head: ServerRequestHead) -> Bool {
        head.contentLength ?? 0 > 0 || head.fields.contains("transfer-encoding")
    }

    private func isVersion11(_ message: HTTPRequestHead) -> Bool {
        message.version.major == 1 && message.version.minor >= 1
    }

    private func lacksHost(_ message: HTTPRequestHead) -> Bool {
        isVersion11(message) && message.headers["host"].count != 1
    }

    private func sendContinue(if message: HTTPRequestHead) {
        guard isVersion11(message), let context,
            message.headers["expect"].contains(where: { $0.lowercased() == "100-continue" })
        else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        setNeedsFlush()
    }

    private func makeHead(_ message: HTTPRequestHead) -> ServerRequestHead {
        let (path, query) = RequestTarget.split(RequestTarget.originForm(message.uri))
        return ServerRequestHead(
            method: message.method.rawValue, path: path, query: query,
            scheme: peer.isTLS ? "https" : "http",
            authority: message.headers.first(name: "host") ?? "", fields: Self.fields(message.headers),
            contentLength: message.headers.first(name: "content-length").flatMap { Int($0) },
            connection: peer)
    }

    private static func fields(_ headers: HTTPHeaders) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers { fields.add(name, value) }
        return fields
    }
}
