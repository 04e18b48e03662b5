internal import NIOCore
internal import Synchronization
internal import Wire

/// The way back to the client of one request.
///
/// It takes one answer, from any thread; later ones are ignored. On the connection's own loop the answer is
/// handed over synchronously. A responder that goes away without an answer sends
/// `ServerApplication.unanswered()`, so that a client never waits for something forgotten.
public final class Responder: Sendable {
    private let answered = Atomic<Bool>(false)
    private let exchange: any ServerExchange
    private let stream: Int32
    private let loop: any EventLoop

    init(exchange: any ServerExchange, stream: Int32, loop: any EventLoop) {
        self.exchange = exchange
        self.stream = stream
        self.loop = loop
    }

    deinit {
        guard !answered.load(ordering: .acquiring) else { return }
        let (exchange, stream) = (exchange, stream)
        // Never synchronously: the last reference may go away in the middle of the connection's own work.
        loop.execute { exchange.abandon(stream: stream) }
    }

    /// Answers the request.
    ///
    /// Only the first answer counts.
    public func send(_ response: ServerResponse) {
        guard !answered.exchange(true, ordering: .acquiringAndReleasing) else { return }
        if loop.inEventLoop {
            exchange.respond(stream: stream, response)
        } else {
            let (exchange, stream) = (exchange, stream)
            loop.execute { exchange.respond(stream: stream, response) }
        }
    }

    /// Begins an answer whose body follows piece by piece, which counts as the answer.
    ///
    /// With a `content-length` among the fields a connection of HTTP/1.1 ends after the answer, so that a
    /// client sees when something of it is missing. At most `bound` bytes wait to be sent. An answer to
    /// `HEAD` ends with its headers, and a connection that is being drained ends the stream.
    ///
    /// - Returns: `nil` when the request has been answered before.
    public func beginStream(
        status: Int, fields: HTTPFields, trailers: HTTPFields? = nil,
        bound: Int = ResponseStream.defaultBound
    ) -> ResponseStream? {
        guard !answered.exchange(true, ordering: .acquiringAndReleasing) else { return nil }
        let state = ResponseStreamState(exchange: exchange, stream: stream, loop: loop, bound: bound)
        let (exchange, stream) = (exchange, stream)
        let response = ServerResponse(status: status, fields: fields, trailers: trailers)
        if loop.inEventLoop {
            exchange.begin(stream: stream, response, state)
        } else {
            loop.execute { exchange.begin(stream: stream, response, state) }
        }
        return ResponseStream(state)
    }
}

/// The connection of a responder.
///
/// Its methods are called on the connection's loop only.
protocol ServerExchange: AnyObject, Sendable {
    /// Sends the answer for a request; does nothing if the request is gone.
    func respond(stream: Int32, _ response: ServerResponse)
    /// Sends the head of an answer whose body follows; ends `state` if the request is gone.
    func begin(stream: Int32, _ response: ServerResponse, _ state: ResponseStreamState)
    /// Sends a piece of the body of an answer that has begun.
    func send(stream: Int32, _ chunk: Bytes)
    /// Ends the body of an answer that has begun.
    func finish(stream: Int32)
    /// Ends an answer that has begun in the middle of its body.
    func abort(stream: Int32)
    /// How far the client is with what the connection sends for an answer that has begun; `nil` while the
    /// connection itself waits for its client, and closes when that takes nothing.
    func progress(stream: Int32) -> SendingProgress?
    /// Sends the answer for a request that the application forgot.
    func abandon(stream: Int32)
}
