internal import NIOCore
internal import NIOHTTP1
internal import Synchronization
internal import Wire

extension HTTP1ServerConnection: ServerExchange {
    func respond(stream serial: Int32, _ response: ServerResponse) {
        guard let exchange, exchange.serial == serial, !exchange.isAnswered else { return }
        send(response)
    }

    func abandon(stream serial: Int32) { respond(stream: serial, application.unanswered()) }

    func begin(stream serial: Int32, _ response: ServerResponse, _ state: ResponseStreamState) {
        guard let exchange, exchange.serial == serial, !exchange.isAnswered else {
            state.end()
            return
        }
        self.exchange?.isAnswered = true
        self.exchange?.stream = state
        let isDraining = isEnding
        writeHead(response, of: exchange)
        if isDraining || exchange.head.method == "HEAD" { endStream() }
    }

    func send(stream serial: Int32, _ chunk: Bytes) {
        guard let context, let exchange, exchange.serial == serial, let stream = exchange.stream else {
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: chunk.count)
        _ = chunk.withUnsafeBytes { buffer.writeBytes($0) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.phase.progressed(at: .now())
            stream.sent(chunk.count)
        }
        context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: promise)
        setNeedsFlush()
    }

    func finish(stream serial: Int32) {
        guard exchange?.serial == serial else { return }
        endStream()
    }

    func abort(stream serial: Int32) {
        guard let exchange, exchange.serial == serial, exchange.stream != nil else { return }
        close()
    }

    func progress(stream serial: Int32) -> SendingProgress? { context?.channel.sendingProgress }
}

extension HTTP1ServerConnection {
    /// Answers something that is not a request, or not one that can be read on, and ends the connection.
    func fail(_ response: ServerResponse) {
        isEnding = true
        guard let exchange else {
            write(response, method: "GET", isVersion10: false, keepAlive: false)
            sayGoodbye()
            return
        }
        // An answer that is already under way goes first; what comes after it is not looked at.
        guard !exchange.hasEnded, !exchange.isAnswered else { return }
        self.exchange?.isDiscarding = true
        body.discard(budget: lane.context.budget)
        send(response)
    }

    /// Sends the answer of the current request.
    func send(_ response: ServerResponse) {
        guard let exchange else { return }
        self.exchange?.isAnswered = true
        statistics.openRequestsNow.wrappingSubtract(1, ordering: .relaxed)
        write(
            response, method: exchange.head.method, isVersion10: exchange.isVersion10,
            keepAlive: keepsConnection)
        if exchange.hasEnded {
            complete()
        } else if isEnding {
            sayGoodbye()
        }
    }

    /// Ends the answer that is a stream, if there is one.
    func endStream() {
        guard let context, let stream = exchange?.stream else { return }
        exchange?.stream = nil
        stream.end()
        statistics.openRequestsNow.wrappingSubtract(1, ordering: .relaxed)
        context.write(wrapOutboundOut(.end(nil)), promise: noteLastWrite(context))
        setNeedsFlush()
        complete()
    }

    /// What is fulfilled when everything that has been written is with the operating system.
    private func noteLastWrite(_ context: ChannelHandlerContext) -> EventLoopPromise<Void> {
        let promise = context.eventLoop.makePromise(of: Void.self)
        lastWrite = promise.futureResult
        return promise
    }

    /// Sends the head of an answer whose body follows in chunks, or up to the end of the connection for
    /// clients that know no chunks, or where the length is known: so they see when something is missing.
    private func writeHead(_ response: ServerResponse, of exchange: HTTP1Exchange) {
        guard let context else { return }
        let hasLength = response.fields.contains("content-length")
        if exchange.isVersion10 || hasLength { isEnding = true }
        var headers = Self.headers(response.fields)
        headers.remove(name: "transfer-encoding")
        if !exchange.isVersion10, !hasLength { headers.add(name: "transfer-encoding", value: "chunked") }
        if !keepsConnection { headers.replaceOrAdd(name: "connection", value: "close") }
        let head = HTTPResponseHead(
            version: exchange.isVersion10 ? .http1_0 : .http1_1,
            status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        setNeedsFlush()
    }

    /// Whether there can be another request after the current one.
    private var keepsConnection: Bool {
        exchange?.keepAlive == true && !isEnding && !(inputIsClosed && queue.isEmpty)
    }

    /// The request has been read and answered: on to the next.
    func complete() {
        let goesOn = keepsConnection
        exchange = nil
        guard goesOn else {
            isEnding = true
            queue = []
            sayGoodbye()
            return
        }
        phase.enter(.nextRequest, at: .now())
        processQueue()
    }

    /// Ends a connection that has no request, when the client has been sent its last answer.
    func endWhenSent() {
        guard let context else { return }
        // The last answer sees to the end by itself.
        guard phase.kind != .lastAnswer else { return }
        guard context.channel.sendingProgress.waiting > 0 else { return close() }
        isEnding = true
        queue = []
        sayGoodbye()
    }

    /// Ends the connection so that the client gets to read the answer: closing at once with bytes unread
    /// would reset the connection and with it the answer.
    private func sayGoodbye() {
        guard let context else { return }
        phase.enter(.lastAnswer, at: .now())
        setNeedsFlush()
        context.flush()
        phase.look(context.channel.sendingProgress, at: .now())
        // The client has the time that it needs for what is still here, as long as it reads on.
        guard let lastWrite else { return lingerWhenSent() }
        self.lastWrite = nil
        lastWrite.assumeIsolated().whenSuccess { self.lingerWhenSent() }
    }

    /// Goes on when everything is with the operating system, also what was written without a promise.
    private func lingerWhenSent() {
        guard let context else { return }
        guard context.channel.sendingProgress.waiting > 0 else { return linger() }
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.sendingPause) { self.lingerWhenSent() }
    }

    /// Waits a moment for the client to stop sending, now that it has been sent everything.
    private func linger() {
        guard let context else { return }
        phase.enter(.goodbye, at: .now())
        guard !inputIsClosed else {
            context.close(promise: nil)
            return
        }
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.goodbyeTime) { self.close() }
    }

    private static let goodbyeTime = TimeAmount.seconds(2)
    private static let sendingPause = TimeAmount.milliseconds(50)

    private func write(_ response: ServerResponse, method: String, isVersion10: Bool, keepAlive: Bool) {
        guard let context else { return }
        let status = response.status
        let allowsBody = status >= 200 && status != 204 && status != 304
        let trailers = allowsBody && !isVersion10 && method != "HEAD" ? response.trailers : nil
        var headers = HTTPHeaders()
        for (name, value) in response.fields where name != "transfer-encoding" {
            headers.add(name: name, value: value)
        }
        if trailers != nil {
            headers.remove(name: "content-length")
            headers.add(name: "transfer-encoding", value: "chunked")
        } else if allowsBody, !headers.contains(name: "content-length") {
            headers.add(name: "content-length", value: String(response.body.count))
        }
        if !keepAlive { headers.replaceOrAdd(name: "connection", value: "close") }
        if keepAlive, isVersion10 { headers.replaceOrAdd(name: "connection", value: "keep-alive") }
        let head = HTTPResponseHead(
            version: isVersion10 ? .http1_0 : .http1_1,
            status: HTTPResponseStatus(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if allowsBody, method != "HEAD", !response.body.isEmpty {
            var buffer = context.channel.allocator.buffer(capacity: response.body.count)
            _ = response.body.withUnsafeBytes { buffer.writeBytes($0) }
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        // Only the last answer is waited for, so only that one is worth a promise.
        let isLast = !keepAlive || exchange?.hasEnded != true
        context.write(
            wrapOutboundOut(.end(trailers.map(Self.headers))),
            promise: isLast ? noteLastWrite(context) : nil)
        setNeedsFlush()
    }

    private static func headers(_ fields: HTTPFields) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for (name, value) in fields { headers.add(name: name, value: value) }
        return headers
    }
}
