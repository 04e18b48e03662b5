internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization
internal import Wire

/// A server's end of one HTTP/1.1 connection: reads requests one after another, answers in order.
///
/// A request that arrives while another one is being answered stays unparsed or in a short queue; reading
/// stops until the answer is out, so a client cannot make the server hold more than one read's worth.
///
/// `@unchecked Sendable` is sound because responders, which may be anywhere, only pass a connection back to
/// its own loop: everything in it is touched on that loop alone.
final class HTTP1ServerConnection: ChannelDuplexHandler, RemovableChannelHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    let lane: ServerLane
    let peer: ServerPeer
    var phase: HTTP1Phase
    var exchange: HTTP1Exchange?
    var body = BodyCollector()
    /// Parts of later requests that were parsed already.
    var queue: [HTTPServerRequestPart] = []
    /// Whether no further request is taken.
    var isEnding = false
    /// Whether the client has said all it wants to say; it may still be waiting for answers.
    var inputIsClosed = false
    /// When the last answer that may be the last one is with the operating system.
    var lastWrite: EventLoopFuture<Void>?
    /// How many heads have been read.
    private(set) var headsSeen: Int32 = 0
    private(set) var context: ChannelHandlerContext?
    private var holdsBackRead = false
    private var isReading = false
    private var needsFlush = false
    private var isProcessingQueue = false
    private var timer: Scheduled<Void>?
    private var retry: Scheduled<Void>?
    private var retries = 0

    private static let retryInterval = TimeAmount.milliseconds(20)
    private static let allowedRetries = 250

    var application: any ServerApplication { lane.context.application }
    var statistics: ServerStatistics { lane.context.statistics }

    private init(lane: ServerLane, peer: ServerPeer) {
        self.lane = lane
        self.peer = peer
        let configuration = lane.context.configuration
        let rules = HTTP1Phase.Rules(
            header: configuration.readHeaderTimeout.map { TimeAmount($0) },
            read: lane.context.rules.read,
            idle: configuration.idleTimeout.map { TimeAmount($0) },
            write: lane.context.rules.write)
        phase = HTTP1Phase(rules: rules, now: .now())
    }

    /// Puts the handlers of a new connection behind `position`.
    static func add(
        to pipeline: ChannelPipeline, after position: any ChannelHandler, _ lane: ServerLane,
        _ peer: ServerPeer
    ) throws {
        let connection = HTTP1ServerConnection(lane: lane, peer: peer)
        let limit = lane.context.configuration.maxHeaderBytes
        let handlers: [any ChannelHandler] = [
            HTTP1HeaderGuard(connection: connection, limit: limit),
            HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
            connection,
        ]
        try pipeline.syncOperations.addHandlers(handlers, position: .after(position))
    }

    /// Whether the next bytes belong to the head of a request.
    var isReadingHead: Bool { exchange == nil && !isEnding }

    /// Bytes of a head arrived.
    func headBytesArrived() {
        if phase.kind == .nextRequest { phase.enter(.header, at: .now()) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lane.add(self)
        scheduleTimer()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let part = unwrapInboundIn(data)
        if isEnding, exchange == nil || exchange?.isAnswered == true { return }
        if exchange?.hasEnded == true || !queue.isEmpty { queue.append(part) } else { process(part) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushIfNeeded()
    }

    func read(context: ChannelHandlerContext) {
        if isPaused { holdsBackRead = true } else { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        phase.look(context.channel.sendingProgress, at: .now())
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        inputIsClosed = true
        if exchange == nil {
            endWhenSent()
        } else if exchange?.hasEnded != true || exchange?.stream != nil {
            close()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            lane.context.logger.debug(
                "a connection broke", metadata: ["peer": "\(peer.address)", "error": "\(error)"])
            close()
            return
        }
        statistics.brokenConnectionsEver.wrappingAdd(1, ordering: .relaxed)
        fail(.text(400, "the request is not valid HTTP/1.1"))
    }

    /// The head of a request goes on and on.
    func headTooLarge() {
        let limit = lane.context.configuration.maxHeaderBytes
        fail(.text(431, "the header fields are larger than \(limit) bytes"))
    }

    /// Hands a part of a request on to what it belongs to.
    func process(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head):
            headsSeen &+= 1
            begin(head)
        case .body(let buffer): receive(buffer)
        case .end(let trailers): finish(trailers)
        }
    }

    /// Asks for a flush: at the end of the read if one is going on, otherwise now.
    func setNeedsFlush() {
        needsFlush = true
        if !isReading { flushIfNeeded() }
    }

    /// Takes the next requests from the queue, now that the connection is free.
    func processQueue() {
        guard !isProcessingQueue else { return }
        isProcessingQueue = true
        while !queue.isEmpty, exchange?.hasEnded != true, !(isEnding && exchange == nil) {
            process(queue.removeFirst())
        }
        isProcessingQueue = false
        resumeReading()
    }

    /// Looks again in a moment whether there is memory for the body.
    func waitForMemory() {
        guard retry == nil, let context else { return }
        retry = context.eventLoop.assumeIsolated().scheduleTask(in: Self.retryInterval) {
            self.retry = nil
            self.retryBody()
        }
    }

    private func retryBody() {
        guard body.isWaiting else { return }
        if body.retry(budget: lane.context.budget) {
            retries = 0
            resumeReading()
        } else if retries < Self.allowedRetries {
            retries += 1
            waitForMemory()
        } else {
            retries = 0
            refuseArriving()
        }
    }

    private var isPaused: Bool {
        exchange?.hasEnded == true || !queue.isEmpty || body.isWaiting || context?.channel.isWritable == false
    }

    private func resumeReading() {
        guard holdsBackRead, !isPaused else { return }
        holdsBackRead = false
        context?.read()
    }

    private func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    private func end() {
        guard timer != nil else { return }
        timer?.cancel()
        timer = nil
        retry?.cancel()
        body.clear(budget: lane.context.budget)
        queue = []
        if let exchange, !exchange.isAnswered || exchange.stream != nil {
            statistics.openRequestsNow.wrappingSubtract(1, ordering: .relaxed)
            statistics.resetRequestsEver.wrappingAdd(1, ordering: .relaxed)
        }
        let stream = exchange?.stream
        exchange = nil
        lane.remove(self)
        stream?.end()
    }

    private func scheduleTimer() {
        guard let context else { return }
        let next = phase.nextLook(after: .now())
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.check() }
    }

    private func check() {
        if let context { phase.look(context.channel.sendingProgress, at: .now()) }
        if let deadline = phase.deadline, deadline <= .now(), !lane.excusesSilence {
            close()
        } else {
            scheduleTimer()
        }
    }
}

extension HTTP1ServerConnection: ServerConnection {
    func drain() {
        isEnding = true
        if exchange == nil { endWhenSent() }
        endStream()
    }

    func close() { context?.close(promise: nil) }

    func refuseArriving() {
        guard let exchange, !exchange.hasEnded, !exchange.isAnswered else { return }
        refuse(lane.context.overloaded(exchange.head))
    }
}
