internal import NIOCore
internal import Wire

/// A client's end of one HTTP/2 connection: requests out, one completion for each of them.
///
/// Confined to the loop of its channel. Add `handler` to the pipeline in the channel's initializer.
/// Completions run while the session works, so they may send and cancel but must not count on either having
/// an effect before they return.
final class HTTP2ClientConnection {
    /// How a connection that may be dead is noticed.
    struct Keepalive: Sendable {
        /// The silence after which the server is pinged.
        var time: TimeAmount
        /// How long the answer may take.
        var timeout: TimeAmount
        /// Whether to ping while no request is open.
        var permitWithoutStream: Bool
    }

    typealias Completion = (Result<HTTP2Response, TransportError>) -> Void

    /// Called when `availableStreams` may have changed, and when the connection is gone (`isClosed`).
    var onChange: (() -> Void)?
    /// Whether the server's settings have arrived, so that its limits are known.
    private(set) var isReady = false
    /// Whether no further requests are taken, because one of the two ends wants to close.
    private(set) var isDraining = false
    /// Whether the connection is gone.
    private(set) var isClosed = false
    /// Why it went away, once it has and if that was not intended.
    private(set) var failure: TransportError?
    private let session: HTTP2Session
    private let keepalive: Keepalive?
    private let maxResponseBytes: Int
    private weak var handlerStorage: HTTP2Handler?
    private var tick: Scheduled<Void>?
    private var heardFrom = NIODeadline.now()
    private var pingedAt: NIODeadline?

    /// Makes a connection's state; `limits.maxResponseBytes` bounds the body of every response, and `room`
    /// says how many bytes all of them may still take.
    init(
        limits: HTTP2Limits, keepalive: Keepalive?, room: @escaping @Sendable () -> Int = { .max }
    ) throws(TransportError) {
        self.keepalive = keepalive
        maxResponseBytes = limits.maxResponseBytes
        // Responses are bounded one by one, and there are only as many as requests that were let out.
        session = try HTTP2Session(role: .client, limits: limits, budget: BodyBudget(room: room))
        session.observer = self
    }

    /// What joins the connection with its channel; make it once.
    func makeHandler() -> HTTP2Handler { HTTP2Handler(session: session, endpoint: self) }

    /// Requests open now.
    var openStreams: Int { session.streams.count }

    /// How many more requests can be sent now.
    var availableStreams: Int {
        guard !isDraining, !isClosed else { return 0 }
        // Until its settings are here a server is taken to allow what most servers do.
        let allowed = isReady ? session.peerMaxConcurrentStreams : session.limits.maxConcurrentStreams
        return max(0, allowed - session.streams.count)
    }

    /// Sends a request; `completion` is called exactly once, on the loop.
    ///
    /// - Returns: the stream, for `cancel`, or nil (and no completion) when the connection takes no more.
    func send(_ request: HTTP2Request, completion: @escaping Completion) -> Int32? {
        guard availableStreams > 0, let stream = session.submitRequest(request) else { return nil }
        stream.completion = completion
        if session.streams.count == 1 { scheduleTick() }
        handlerStorage?.setNeedsFlush()
        return stream.id
    }

    /// Gives a request up: its completion is called with `error`, and the server is told.
    func cancel(_ id: Int32, error: TransportError) {
        guard let stream = session.streams.first(where: { $0.id == id }) else { return }
        complete(stream, .failure(error))
        session.reset(stream, errorCode: HTTP2ErrorCode.cancel)
        handlerStorage?.setNeedsFlush()
    }

    /// Takes no more requests, and closes when those that are open are answered.
    func closeWhenDone() {
        isDraining = true
        if session.streams.isEmpty { close() }
    }

    /// Closes now; what is open fails with `reason`, or as `.cancelled`.
    func close(_ reason: TransportError? = nil) {
        isDraining = true
        session.refuseNewStreams()
        handlerStorage?.close(reason ?? TransportError(.cancelled, "the connection was closed by the client"))
    }

    private func complete(_ stream: HTTP2Stream, _ result: Result<HTTP2Response, TransportError>) {
        guard let completion = stream.completion else { return }
        stream.completion = nil
        completion(result)
    }

    private func scheduleTick() {
        guard let keepalive, tick == nil, let loop = loop else { return }
        guard keepalive.permitWithoutStream || !session.streams.isEmpty else { return }
        let due = pingedAt.map { $0 + keepalive.timeout } ?? (heardFrom + keepalive.time)
        let deadline = max(due, NIODeadline.now() + .milliseconds(1))
        tick = loop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.tick = nil
            self.checkKeepalive(keepalive)
        }
    }

    private var loop: (any EventLoop)? { handlerStorage?.eventLoop }

    private func checkKeepalive(_ keepalive: Keepalive) {
        let now = NIODeadline.now()
        if let pingedAt {
            if now >= pingedAt + keepalive.timeout {
                let message = "the server did not answer a keepalive ping in time"
                handlerStorage?.close(TransportError(.timeout, message))
                return
            }
        } else if now >= heardFrom + keepalive.time {
            pingedAt = now
            session.ping()
            handlerStorage?.setNeedsFlush()
        }
        scheduleTick()
    }
}

extension HTTP2ClientConnection: HTTP2Endpoint {
    func connected(_ handler: HTTP2Handler) {
        handlerStorage = handler
        heardFrom = .now()
        scheduleTick()
    }

    func readCompleted() {
        heardFrom = .now()
        // Anything that the server says proves that it is alive.
        pingedAt = nil
    }

    func writabilityChanged(_ isWritable: Bool) {}

    func disconnected(_ failure: TransportError?) {
        isClosed = true
        self.failure = failure
        tick?.cancel()
        tick = nil
        let notify = onChange
        onChange = nil
        notify?()
    }

    func headersReceived(_ stream: HTTP2Stream) {
        let fits = stream.body.begin(
            limit: maxResponseBytes, framing: .plain, expected: stream.contentLength)
        guard !fits else { return }
        stream.body.discard(budget: session.budget)
        bodyTooLarge(stream)
    }

    func headersTooLarge(_ stream: HTTP2Stream) {
        abort(
            stream,
            TransportError(
                .tooLarge, "the response's headers are larger than \(session.limits.maxHeaderBytes) bytes"))
    }

    func bodyTooLarge(_ stream: HTTP2Stream) {
        abort(stream, TransportError(.tooLarge, "the response is larger than \(maxResponseBytes) bytes"))
    }

    func bodyRefused(_ stream: HTTP2Stream) {
        abort(stream, TransportError(.overloaded, "there is no memory for the rest of the response"))
    }

    func messageReceived(_ stream: HTTP2Stream) {
        guard stream.headersComplete else { return }
        let response = HTTP2Response(
            status: stream.status, fields: stream.fields, trailers: stream.trailers,
            body: stream.body.finish(budget: session.budget))
        complete(stream, .success(response))
        // A server may answer before it has the whole request; what is left of it need not be sent.
        if stream.hasOutgoing { session.reset(stream, errorCode: HTTP2ErrorCode.cancel) }
    }

    func streamClosed(_ stream: HTTP2Stream, errorCode: UInt32) {
        if stream.completion != nil { complete(stream, .failure(reason(for: stream, errorCode))) }
        if isDraining, session.streams.isEmpty, !isClosed { close() }
        onChange?()
    }

    func pingReceived() {}
    func pingAnswered() { pingedAt = nil }

    func settingsReceived() {
        isReady = true
        onChange?()
    }

    func goAwayReceived(lastStream: Int32, errorCode: UInt32) {
        isDraining = true
        if session.streams.isEmpty { handlerStorage?.close() }
        onChange?()
    }

    private func abort(_ stream: HTTP2Stream, _ error: TransportError) {
        complete(stream, .failure(error))
        session.reset(stream, errorCode: HTTP2ErrorCode.cancel)
    }

    private func reason(for stream: HTTP2Stream, _ errorCode: UInt32) -> TransportError {
        if let failure = handlerStorage?.failure { return failure }
        switch errorCode {
        case HTTP2ErrorCode.refusedStream:
            return TransportError(
                .notProcessed, "the server did not process the request", http2ErrorCode: errorCode)
        case HTTP2ErrorCode.noError, HTTP2ErrorCode.cancel:
            if session.handle == nil {
                return TransportError(
                    .closedBeforeResponse, "the connection was closed before the response had arrived")
            }
            fallthrough
        default:
            let name = HTTP2ErrorCode.name(errorCode)
            return TransportError(.reset, "the server reset the stream: \(name)", http2ErrorCode: errorCode)
        }
    }
}

/// A connection belongs to the loop of its channel.
@available(*, unavailable)
extension HTTP2ClientConnection: Sendable {}
