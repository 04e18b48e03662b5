internal import Logging
internal import NIOCore
internal import Synchronization
internal import Wire

/// A server's end of one HTTP/2 connection: admits and answers requests, and keeps the rules about idle, old
/// and rude clients.
///
/// `@unchecked Sendable` is sound because responders, which may be anywhere, only pass a connection back to
/// its own loop: everything in it is touched on that loop alone.
final class HTTP2ServerConnection: @unchecked Sendable {
    /// How far a graceful end has come.
    enum DrainPhase {
        case open
        /// The client has been told that an end is near; what it has sent until then is still taken.
        case announced
        /// The client has been told which stream was the last.
        case refusing
    }

    let session: HTTP2Session
    let lane: ServerLane
    let peer: ServerPeer
    var keeper: ConnectionKeeper
    var drainPhase = DrainPhase.open
    /// Set for as long as the connection is up; the handler holds the connection in turn.
    private var handler: HTTP2Handler?
    private var timer: Scheduled<Void>?
    private var retry: Scheduled<Void>?
    private var fruitlessRetries = 0
    private var loggedFlood = false
    private var lastTarget = ""
    private var lastPath = ""
    private var lastQuery: String?

    private static let retryInterval = TimeAmount.milliseconds(20)
    /// Five seconds: a body that gets no memory for so long is refused, so that bodies that wait for each
    /// other come to an end.
    private static let allowedRetries = 250

    private var application: any ServerApplication { lane.context.application }
    private var statistics: ServerStatistics { lane.context.statistics }

    private init(lane: ServerLane, peer: ServerPeer) throws(TransportError) {
        self.lane = lane
        self.peer = peer
        let configuration = lane.context.configuration
        var limits = HTTP2Limits()
        limits.maxConcurrentStreams = configuration.maxConcurrentStreams
        limits.maxHeaderBytes = configuration.maxHeaderBytes
        limits.maxHeaderFields = configuration.maxHeaderFields
        session = try HTTP2Session(role: .server, limits: limits, budget: lane.context.budget)
        keeper = ConnectionKeeper(
            rules: lane.context.rules, jitter: .random(in: 0...0.1), now: .now())
        session.observer = self
    }

    /// Puts the handler of a new connection behind `position`.
    static func add(
        to pipeline: ChannelPipeline, after position: any ChannelHandler, _ lane: ServerLane,
        _ peer: ServerPeer
    ) throws {
        let connection = try HTTP2ServerConnection(lane: lane, peer: peer)
        let handler = HTTP2Handler(session: connection.session, endpoint: connection)
        try pipeline.syncOperations.addHandler(handler, position: .after(position))
    }

    private func submit(_ stream: HTTP2Stream, _ response: ServerResponse) {
        var fields = response.fields
        let isHead = stream.method == "HEAD"
        let hasBody = response.status >= 200 && response.status != 204 && response.status != 304
        if response.trailers == nil, hasBody, !fields.contains("content-length") {
            fields.add("content-length", String(response.body.count))
        }
        let body = isHead || !hasBody || response.body.isEmpty ? [] : [response.body]
        keeper.answered()
        session.submitResponse(
            stream, status: response.status, fields: fields, body: body,
            trailers: isHead ? nil : response.trailers)
        handler?.setNeedsFlush()
    }

    /// Answers with headers alone, which say nothing about the length of the body.
    private func submitHead(_ stream: HTTP2Stream, _ response: ServerResponse) {
        session.submitResponse(
            stream, status: response.status, fields: response.fields, body: [], trailers: nil)
        handler?.setNeedsFlush()
    }

    /// Ends the answer that is a stream, if it is one.
    private func endOutput(of stream: HTTP2Stream) {
        guard let output = stream.output else { return }
        output.end()
        session.extend(stream, nil)
        stream.output = nil
        handler?.setNeedsFlush()
    }

    /// Answers without the body, which is thrown away if it still comes.
    private func refuse(_ stream: HTTP2Stream, _ response: ServerResponse) {
        statistics.refusedRequestsEver.wrappingAdd(1, ordering: .relaxed)
        stream.body.discard(budget: session.budget)
        submit(stream, response)
    }

    private func makeHead(_ stream: HTTP2Stream) -> ServerRequestHead {
        // The targets on one connection hardly change, so splitting them is done once.
        if stream.target != lastTarget {
            lastTarget = stream.target
            (lastPath, lastQuery) = RequestTarget.split(stream.target)
        }
        return ServerRequestHead(
            method: stream.method, path: lastPath, query: lastQuery, scheme: stream.scheme,
            authority: stream.authority.isEmpty ? stream.fields["host"] ?? "" : stream.authority,
            fields: stream.fields, contentLength: stream.contentLength,
            connection: peer)
    }

    private func scheduleTimer() {
        guard let loop = handler?.eventLoop else { return }
        let next = keeper.nextCheck(oldestRequest: oldestRequest, after: .now())
        timer = loop.assumeIsolated().scheduleTask(deadline: next) { self.check() }
    }

    private func check() {
        guard !lane.excusesSilence else {
            scheduleTimer()
            return
        }
        if let progress = handler?.sendingProgress { keeper.look(progress, at: .now()) }
        let open = session.streams.count
        switch keeper.check(openRequests: open, oldestRequest: oldestRequest, at: .now()) {
        case .none: break
        case .ping:
            session.ping()
            handler?.setNeedsFlush()
        case .drain(let reason):
            log("draining a connection", reason)
            drain()
        case .resetSlowRequests: resetSlowRequests()
        case .close(let reason):
            log("closing a connection", reason)
            close()
            return
        }
        scheduleTimer()
    }

    private func resetSlowRequests() {
        guard let limit = lane.context.rules.read else { return }
        let latest = NIODeadline.now() - limit
        for stream in session.streams where isArriving(stream) && stream.start <= latest {
            session.reset(stream, errorCode: HTTP2ErrorCode.cancel)
        }
        handler?.setNeedsFlush()
    }

    private func isArriving(_ stream: HTTP2Stream) -> Bool {
        stream.head != nil && !stream.receivedEnd && !stream.responseSubmitted
    }

    /// When the oldest request began that has not arrived completely.
    private var oldestRequest: NIODeadline? {
        guard lane.context.rules.read != nil else { return nil }
        return session.streams.lazy.filter(isArriving).map(\.start).min()
    }

    private func scheduleRetry() {
        guard retry == nil, session.hasWaiting, let loop = handler?.eventLoop else { return }
        retry = loop.assumeIsolated().scheduleTask(in: Self.retryInterval) {
            self.retry = nil
            self.retryWaiting()
        }
    }

    private func retryWaiting() {
        fruitlessRetries = session.retryWaiting() ? 0 : fruitlessRetries + 1
        if fruitlessRetries > Self.allowedRetries {
            refuseAll { $0.body.isWaiting }
        }
        handler?.setNeedsFlush()
        scheduleRetry()
    }

    /// Refuses the requests that `condition` is true for, because there is no memory for their bodies.
    private func refuseAll(where condition: (HTTP2Stream) -> Bool) {
        for stream in session.streams where condition(stream) {
            session.giveBack(stream)
            bodyRefused(stream)
        }
    }

    private func log(_ what: Logger.Message, _ reason: String) {
        lane.context.logger.debug(what, metadata: ["peer": "\(peer.address)", "reason": "\(reason)"])
    }

    private func refuseNewStreams() {
        guard drainPhase == .announced else { return }
        drainPhase = .refusing
        session.refuseNewStreams()
        handler?.setNeedsFlush()
    }
}

extension HTTP2ServerConnection: ServerConnection {
    /// How long the answer to the ping that follows the first GOAWAY may take.
    private static let announcementTime = TimeAmount.seconds(1)

    func drain() {
        guard drainPhase == .open, let loop = handler?.eventLoop else { return }
        drainPhase = .announced
        keeper.drainBegan(at: .now())
        session.announceShutdown()
        // When the answer is here, so is everything that the client sent before it knew.
        session.ping()
        handler?.setNeedsFlush()
        loop.assumeIsolated().scheduleTask(in: Self.announcementTime) { self.refuseNewStreams() }
        for stream in session.streams { endOutput(of: stream) }
    }

    func close() {
        session.refuseNewStreams()
        handler?.close()
    }

    func refuseArriving() {
        refuseAll { isArriving($0) }
        handler?.setNeedsFlush()
    }
}

extension HTTP2ServerConnection: ServerExchange {
    func respond(stream id: Int32, _ response: ServerResponse) {
        guard let stream = session.stream(id) else { return }
        submit(stream, response)
    }

    func abandon(stream id: Int32) { respond(stream: id, application.unanswered()) }

    func begin(stream id: Int32, _ response: ServerResponse, _ state: ResponseStreamState) {
        guard let stream = session.stream(id), !stream.responseSubmitted else {
            state.end()
            return
        }
        guard stream.method != "HEAD" else {
            state.end()
            submitHead(stream, response)
            return
        }
        keeper.answered()
        stream.output = state
        session.submitStream(stream, response)
        if drainPhase != .open { endOutput(of: stream) }
        handler?.setNeedsFlush()
    }

    func send(stream id: Int32, _ chunk: Bytes) {
        guard let stream = session.stream(id), stream.output != nil else { return }
        keeper.answered()
        session.extend(stream, chunk)
        handler?.setNeedsFlush()
    }

    func finish(stream id: Int32) {
        guard let stream = session.stream(id) else { return }
        endOutput(of: stream)
    }

    func abort(stream id: Int32) {
        guard let stream = session.stream(id), stream.output != nil else { return }
        session.reset(stream, errorCode: HTTP2ErrorCode.cancel)
        handler?.setNeedsFlush()
    }

    /// What a client has taken of other streams says nothing of this one.
    func progress(stream id: Int32) -> SendingProgress? {
        handler?.isWritable == false ? nil : SendingProgress()
    }
}

extension HTTP2ServerConnection: HTTP2Endpoint {
    func connected(_ handler: HTTP2Handler) {
        self.handler = handler
        lane.add(self)
        scheduleTimer()
    }

    func readCompleted() {
        let now = NIODeadline.now()
        keeper.heard(at: now)
        keeper.requestsChanged(open: session.streams.count, at: now)
        scheduleRetry()
        if session.isFlooded, !loggedFlood {
            loggedFlood = true
            log("closing a connection", "the client floods it")
        }
    }

    func writabilityChanged(_ isWritable: Bool) {
        if let progress = handler?.sendingProgress { keeper.look(progress, at: .now()) }
    }

    func disconnected(_ failure: TransportError?) {
        timer?.cancel()
        retry?.cancel()
        if failure != nil || session.isFlooded {
            statistics.brokenConnectionsEver.wrappingAdd(1, ordering: .relaxed)
        }
        if let failure { log("a connection broke", failure.message) }
        handler = nil
        lane.remove(self)
    }

    func headersReceived(_ stream: HTTP2Stream) {
        statistics.requestsEver.wrappingAdd(1, ordering: .relaxed)
        statistics.openRequestsNow.wrappingAdd(1, ordering: .relaxed)
        if lane.context.rules.read != nil { stream.start = .now() }
        let head = makeHead(stream)
        stream.head = head
        switch lane.context.admit(head) {
        case .refuse(let response): refuse(stream, response)
        case .upgrade: refuse(stream, WebSocketUpgrade.needsHTTP1)
        case .accept(let limit, let framing):
            if !stream.body.begin(limit: limit, framing: framing, expected: stream.contentLength) {
                refuse(stream, application.bodyTooLarge(head, limit: limit))
            }
        }
    }

    func headersTooLarge(_ stream: HTTP2Stream) {
        guard !stream.responseSubmitted else { return }
        if stream.head == nil {
            statistics.requestsEver.wrappingAdd(1, ordering: .relaxed)
            statistics.openRequestsNow.wrappingAdd(1, ordering: .relaxed)
            stream.head = makeHead(stream)
        }
        let limit = session.limits.maxHeaderBytes
        refuse(stream, .text(431, "the header fields are larger than \(limit) bytes, or too many"))
    }

    func messageReceived(_ stream: HTTP2Stream) {
        guard let head = stream.head, !stream.responseSubmitted else { return }
        let request = ServerRequest(
            head: head, body: stream.body.finish(budget: session.budget), trailers: stream.trailers)
        let responder = Responder(exchange: self, stream: stream.id, loop: lane.loop)
        application.respond(to: request, with: responder)
    }

    func bodyTooLarge(_ stream: HTTP2Stream) {
        guard let head = stream.head, !stream.responseSubmitted else { return }
        refuse(stream, application.bodyTooLarge(head, limit: stream.body.limit))
    }

    func bodyRefused(_ stream: HTTP2Stream) {
        guard let head = stream.head, !stream.responseSubmitted else { return }
        refuse(stream, lane.context.overloaded(head))
    }

    func streamClosed(_ stream: HTTP2Stream, errorCode: UInt32) {
        if stream.head != nil {
            statistics.openRequestsNow.wrappingSubtract(1, ordering: .relaxed)
            if errorCode != HTTP2ErrorCode.noError {
                statistics.resetRequestsEver.wrappingAdd(1, ordering: .relaxed)
            }
        }
        stream.output?.end()
        if session.streams.isEmpty { keeper.requestsChanged(open: 0, at: .now()) }
    }

    func pingReceived() {
        guard !keeper.allowsPing(hasRequests: !session.streams.isEmpty, at: .now()) else { return }
        log("closing a connection", "too_many_pings")
        session.refuseNewStreams(errorCode: HTTP2ErrorCode.enhanceYourCalm, reason: "too_many_pings")
        session.isFlooded = true
        handler?.close()
    }

    func pingAnswered() { refuseNewStreams() }

    func settingsReceived() {}

    func goAwayReceived(lastStream: Int32, errorCode: UInt32) {}
}
