internal import NIOCore
internal import Wire

/// What acts on one end of an HTTP/2 connection: the server's or the client's side.
protocol HTTP2Endpoint: HTTP2SessionObserver {
    /// The connection is up; called once.
    func connected(_ handler: HTTP2Handler)
    /// Everything that one read of the socket brought has been reported.
    func readCompleted()
    /// The socket takes bytes again (`true`), or has more to send than it should (`false`).
    func writabilityChanged(_ isWritable: Bool)
    /// The connection is gone; all its streams have been reported as closed.
    func disconnected(_ failure: TransportError?)
}

/// Joins an HTTP/2 session with a NIO channel: bytes read go into the session, and once for every read (or
/// turn of the loop) what the session wants to say goes out in one write.
///
/// It must be added in the channel's initializer: a handler that comes later can miss the peer's first bytes.
final class HTTP2Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let session: HTTP2Session
    private let endpoint: any HTTP2Endpoint
    private var context: ChannelHandlerContext?
    private var output = ByteBuffer()
    /// Why the connection ends, if that is not intended.
    private(set) var failure: TransportError?
    private var hasStarted = false
    private var isReading = false
    private var isFlushing = false
    private var isFlushScheduled = false
    private var isClosing = false

    /// The loop of the channel, as long as the handler is in one.
    var eventLoop: (any EventLoop)? { context?.eventLoop }

    /// How far the other end is with what is sent to it.
    var sendingProgress: SendingProgress? { context?.channel.sendingProgress }

    /// Whether the channel takes more; what it has already waits for the other end.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// How much is taken out of the session before the channel is asked again whether it can keep up.
    private static let outputLimit = 256 << 10

    init(session: HTTP2Session, endpoint: any HTTP2Endpoint) {
        self.session = session
        self.endpoint = endpoint
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start() }
    }

    func channelActive(context: ChannelHandlerContext) {
        start()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil, !isClosing else { return }
        let buffer = unwrapInboundIn(data)
        isReading = true
        do throws(TransportError) {
            try buffer.withUnsafeReadableBytes { bytes throws(TransportError) in try session.receive(bytes) }
        } catch {
            failure = error
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        endpoint.readCompleted()
        flush()
        if failure != nil { close() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        endpoint.writabilityChanged(context.channel.isWritable)
        if context.channel.isWritable { flush() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Without the peer's acknowledgements of windows and settings nothing useful can go on.
        if case ChannelEvent.inputClosed = event { close() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failure == nil {
            failure = error as? TransportError ?? TransportError(.closedBeforeResponse, "\(error)")
        }
        close()
    }

    /// Sends what the session has to say: at the end of the read if one is going on, otherwise in the next
    /// turn of the loop, together with what else comes up until then.
    func setNeedsFlush() {
        guard !isReading, !isFlushScheduled, let context else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolated().execute {
            self.isFlushScheduled = false
            self.flush()
        }
    }

    /// Sends what is left and closes the connection, in the next turn of the loop if the session is at work.
    func close(_ reason: TransportError? = nil) {
        if failure == nil { failure = reason }
        guard let context, !isClosing else { return }
        if isReading || isFlushing {
            context.eventLoop.assumeIsolated().execute { self.close() }
            return
        }
        flush()
        isClosing = true
        context.close(promise: nil)
    }

    private func start() {
        guard !hasStarted else { return }
        hasStarted = true
        endpoint.connected(self)
        flush()
    }

    private func end() {
        isClosing = true
        session.close()
        guard hasStarted else { return }
        hasStarted = false
        endpoint.disconnected(failure)
    }

    private func flush() {
        guard let context, !isFlushing, !isClosing, hasStarted else { return }
        isFlushing = true
        var mayHaveMore = true
        while mayHaveMore, context.channel.isWritable, !isClosing {
            mayHaveMore = drainOnce(to: context)
        }
        isFlushing = false
        guard !isClosing, !mayHaveMore, !session.isAlive else { return }
        isClosing = true
        context.close(promise: nil)
    }

    private func drainOnce(to context: ChannelHandlerContext) -> Bool {
        output.clear()
        var mayHaveMore = false
        do throws(TransportError) {
            mayHaveMore = try session.drain(into: &output, limit: Self.outputLimit)
        } catch {
            if failure == nil { failure = error }
        }
        if output.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(output), promise: nil) }
        return mayHaveMore
    }
}

/// A handler belongs to the loop of its channel; NIO calls it nowhere else.
@available(*, unavailable)
extension HTTP2Handler: Sendable {}
