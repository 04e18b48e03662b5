internal import NIOCore
internal import NIOHTTP1
internal import Wire

/// An HTTP/1.1 connection that carries one request at a time and is kept for the next one.
///
/// The last handler of its pipeline. Confined to its loop.
final class HTTP1ClientConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    let peer: String
    /// What goes before the path: nothing, or the origin when a proxy reads the request.
    let targetPrefix: String
    let authority: String
    let proxyAuthorization: String?
    let maxResponseBytes: Int
    private let room: @Sendable () -> Int
    weak var owner: (any ClientConnectionOwner)?
    private(set) var idleSince = NIODeadline.now()
    private(set) var isDraining = false
    private(set) var isClosed = false
    private var context: ChannelHandlerContext?
    private var onReady: ((HTTP1ClientConnection) -> Void)?
    private var exchange: ClientExchange?
    private var head: HTTPResponseHead?
    private var body: ArrivingBody?
    private var failure: (any Error)?
    private var hasSentAll = false
    private var outgoing: OutgoingBody?
    private var isSending = false
    /// The most that is copied out of a body before the channel is asked again whether it can keep up.
    private static let pieceSize = 256 << 10

    init(
        plan: ConnectionPlan, peer: String, onReady: @escaping (HTTP1ClientConnection) -> Void
    ) {
        self.peer = peer
        targetPrefix = plan.forwardsThroughProxy ? "http://" + plan.configuration.authorityText : ""
        authority = plan.configuration.authorityText
        proxyAuthorization = plan.forwardsThroughProxy ? plan.proxy?.authorization : nil
        maxResponseBytes = plan.configuration.maxResponseBytes
        room = plan.configuration.room
        self.onReady = onReady
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { becomeReady() }
    }

    func channelActive(context: ChannelHandlerContext) { becomeReady() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let buffer): take(buffer)
        case .end(let trailers): complete(trailers)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        sendBody()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) { closed() }

    func handlerRemoved(context: ChannelHandlerContext) {
        closed()
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failure == nil { failure = error }
        context.close(promise: nil)
    }

    private func becomeReady() {
        onReady?(self)
        onReady = nil
    }

    private func begin(_ head: HTTPResponseHead) {
        guard let exchange, self.head == nil else { return abandon() }
        if let streamed = exchange.streamed {
            self.head = head
            body = ArrivingBody(limit: 0, expected: nil)
            return begin(streamed, head)
        }
        let expected = head.headers.first(name: "content-length").flatMap { Int($0) }
        guard (expected ?? 0) <= maxResponseBytes || exchange.request.method == "HEAD" else {
            return tooLarge()
        }
        self.head = head
        body = ArrivingBody(limit: maxResponseBytes, expected: expected)
    }

    private func take(_ buffer: ByteBuffer) {
        guard body != nil else { return }
        if let streamed = exchange?.streamed {
            let isEnough = buffer.withUnsafeReadableBytes { streamed.append(Bytes(copying: $0)) }
            return isEnough ? setReading(false) : ()
        }
        switch buffer.withUnsafeReadableBytes({ body?.take($0, room: room) }) {
        case .kept?, nil: break
        case .tooLarge?: tooLarge()
        case .noRoom?:
            fail(TransportError(.overloaded, "\(peer): there is no memory for the rest of the response"))
        }
    }

    private func begin(_ streamed: StreamedBody, _ head: HTTPResponseHead) {
        guard let loop = context?.eventLoop else { return abandon() }
        let connection = NIOLoopBound(self, eventLoop: loop)
        streamed.begin(status: Int(head.status.code), fields: HTTPFields(head.headers)) { [weak streamed] in
            guard let body = streamed else { return }
            loop.execute {
                if body.hasRoom { connection.value.setReading(true) }
            }
        }
    }

    private func setReading(_ reads: Bool) {
        // A channel that is closed already has nothing to read.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: reads)
    }

    private func complete(_ trailers: HTTPHeaders?) {
        guard let exchange, let head, let content = body.take() else { return }
        self.head = nil
        self.exchange = nil
        outgoing = nil
        idleSince = .now()
        if exchange.streamed != nil { setReading(true) }
        let response = ClientResponse(
            status: Int(head.status.code), fields: HTTPFields(head.headers),
            trailers: trailers.map { HTTPFields($0) }, body: content.finish())
        // A server that answers before it has read the whole request may not read the rest.
        if !head.isKeepAlive || !hasSentAll { abandon() }
        owner?.finished(exchange, .success(response))
        owner?.changed(self)
    }

    private func tooLarge() {
        fail(TransportError(.tooLarge, "\(peer): the response is larger than \(maxResponseBytes) bytes"))
    }

    private func fail(_ error: TransportError) {
        // Closing reports back at once, so the exchange is taken out first.
        let failed = exchange
        exchange = nil
        outgoing = nil
        body = nil
        abandon()
        if let failed { owner?.finished(failed, .failure(error)) }
    }

    /// Takes no more requests and closes; what still comes in is ignored.
    private func abandon() {
        isDraining = true
        context?.close(promise: nil)
    }

    private func closed() {
        guard !isClosed else { return }
        isClosed = true
        isDraining = true
        onReady = nil
        var kind = TransportError.Kind.closedBeforeResponse
        var message = "the server closed the connection before the response had arrived"
        if let error = failure as? HTTPParserError, error != .invalidEOFState {
            kind = .protocolError
            message = "the server does not speak HTTP/1.1 as it should: \(error)"
        } else if let failure, !(failure is HTTPParserError) {
            message = "the connection failed before the response had arrived: \(failure)"
        }
        fail(TransportError(kind, "\(peer): \(message)"))
        owner?.changed(self)
    }
}

extension HTTP1ClientConnection: ClientConnection {
    var capacity: Int { isDraining || exchange != nil ? 0 : 1 }
    var inFlight: Int { exchange == nil ? 0 : 1 }

    func send(_ exchange: ClientExchange) {
        guard let context else {
            let error = TransportError(.notProcessed, "the connection to \(peer) takes no more requests")
            owner?.finished(exchange, .failure(error))
            return
        }
        self.exchange = exchange
        exchange.connection = self
        hasSentAll = false
        let request = exchange.request
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method),
            uri: targetPrefix + request.path, headers: headers(for: request))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        outgoing = OutgoingBody(request.body)
        sendBody()
    }

    func cancel(_ exchange: ClientExchange, error: TransportError) {
        guard self.exchange === exchange else { return }
        fail(error)
    }

    func close() { abandon() }

    /// Copies as much of the body as the channel takes now; the rest follows when it is writable again.
    ///
    /// A server that reads slowly, or not at all, must not make copies of whole bodies wait in memory.
    private func sendBody() {
        guard let context, let exchange, !isSending else { return }
        isSending = true
        defer { isSending = false }
        while self.exchange === exchange, context.channel.isWritable, var rest = outgoing {
            if rest.count > 0 {
                let piece = rest.next(limit: Self.pieceSize, context.channel.allocator)
                context.write(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
            }
            guard rest.count == 0 else {
                outgoing = rest
                context.flush()
                continue
            }
            outgoing = nil
            context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenSuccess { [weak self] in
                if self?.exchange === exchange { self?.hasSentAll = true }
            }
        }
    }

    private func headers(for request: ClientRequest) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for (name, value) in request.fields where name != "content-length" && name != "transfer-encoding" {
            headers.add(name: name, value: value)
        }
        if !request.fields.contains("host") { headers.add(name: "host", value: authority) }
        let size = request.body.reduce(0) { $0 + $1.count }
        if size > 0 || request.method == "POST" || request.method == "PUT" {
            headers.add(name: "content-length", value: String(size))
        }
        if let proxyAuthorization { headers.add(name: "proxy-authorization", value: proxyAuthorization) }
        return headers
    }
}

extension HTTPFields {
    fileprivate init(_ headers: HTTPHeaders) {
        self.init()
        for (name, value) in headers { add(name, value) }
    }
}

/// A connection belongs to the loop of its channel.
@available(*, unavailable)
extension HTTP1ClientConnection: Sendable {}
