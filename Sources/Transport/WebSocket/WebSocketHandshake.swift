internal import NIOCore
internal import NIOHTTP1
internal import Wire

/// Asks a server for a WebSocket and judges its answer (RFC 6455 section 4.1).
final class WebSocketHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart
    /// Nothing when the server has accepted, or what it answered instead.
    typealias Outcome = Result<WebSocketClient.Refusal?, TransportError>

    /// The most bytes that are kept of the body of an answer that is no WebSocket.
    private static let largestBody = 4096

    private let plan: WebSocketPlan
    private let key: String
    private let completion: (ChannelHandlerContext, Outcome) -> Void
    private var answer: HTTPResponseHead?
    private var body: [UInt8] = []
    private var hasAsked = false
    private var isDone = false

    /// - Parameters:
    ///   - plan: what to ask for.
    ///   - completion: called once.
    init(plan: WebSocketPlan, completion: @escaping (ChannelHandlerContext, Outcome) -> Void) {
        self.plan = plan
        self.completion = completion
        key = WebSocketUpgrade.paddedBase64((0..<16).map { _ in UInt8.random(in: 0 ... .max) })
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { ask(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        ask(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): answer = head
        case .body(let buffer): body.append(contentsOf: buffer.readableBytesView.prefix(roomInBody))
        case .end: judge(context)
        }
        if roomInBody == 0, !isDone { judge(context) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, .closedBeforeResponse, "it closed the connection")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, error is HTTPParserError ? .protocolError : .connectFailed, "\(error)")
    }

    private var roomInBody: Int { Self.largestBody - body.count }

    private func ask(_ context: ChannelHandlerContext) {
        guard !hasAsked else { return }
        hasAsked = true
        var headers: HTTPHeaders = [
            "host": plan.connection.configuration.authorityText, "upgrade": "websocket",
            "connection": "upgrade", "sec-websocket-version": WebSocketUpgrade.version,
            "sec-websocket-key": key,
        ]
        for (name, value) in plan.request.fields where !headers.contains(name: name) {
            headers.add(name: name, value: value)
        }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: plan.target, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func judge(_ context: ChannelHandlerContext) {
        guard let answer else { return }
        var fields = HTTPFields()
        for (name, value) in answer.headers { fields.add(name, value) }
        guard answer.status == .switchingProtocols else {
            isDone = true
            let refusal = WebSocketClient.Refusal(
                url: plan.request.url, status: Int(answer.status.code), fields: fields, body: Bytes(body))
            completion(context, .success(refusal))
            context.close(promise: nil)
            return
        }
        if let fault = fault(of: fields) { return fail(context, .protocolError, fault) }
        isDone = true
        completion(context, .success(nil))
    }

    private func fault(of fields: HTTPFields) -> String? {
        guard fields.all("upgrade").contains(where: { WebSocketUpgrade.hasToken("websocket", in: $0) }),
            fields.all("connection").contains(where: { WebSocketUpgrade.hasToken("upgrade", in: $0) })
        else { return "it changes to another protocol" }
        guard fields["sec-websocket-accept"] == WebSocketUpgrade.accept(key: key) else {
            return "its answer does not fit the request"
        }
        guard !fields.contains("sec-websocket-extensions") else {
            return "it uses an extension that was not asked for"
        }
        return nil
    }

    private func fail(_ context: ChannelHandlerContext, _ kind: TransportError.Kind, _ reason: String) {
        guard !isDone else { return }
        isDone = true
        completion(
            context, .failure(TransportError(kind, "no WebSocket to \(plan.request.url): \(reason)")))
        context.close(promise: nil)
    }
}
