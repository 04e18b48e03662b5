public import NIOCore
public import Wire

/// A client's end of a connection that carries a protocol of its own: one task at a time sends and receives.
///
/// Usable from any thread. Bounded: nothing is read from the socket unless somebody waits for a message, and
/// a message is bounded by who waits for it.
///
/// `@unchecked Sendable` is sound because everything that changes is touched on the loop of the connection
/// alone; the methods that may be called from anywhere go to it first.
public final class StreamLink: ChannelDuplexHandler, @unchecked Sendable {
    public typealias InboundIn = ByteBuffer
    public typealias OutboundIn = Never
    public typealias OutboundOut = ByteBuffer

    /// How many bytes at the beginning of what has arrived are a message; 0 when it is not whole.
    ///
    /// Throws when it will never be one.
    public typealias Framing = @Sendable (Bytes) throws(TransportError) -> Int

    private typealias Outcome = Result<Bytes, TransportError>

    private struct Waiter {
        let framing: Framing
        let limit: Int
        let continuation: UnsafeContinuation<Outcome, Never>
    }

    private let target: String
    private let loop: any EventLoop
    private var onActive: ((StreamLink) -> Void)?
    private var context: ChannelHandlerContext?
    /// What has arrived and nobody has taken: at most one read more than the message that is waited for.
    private var arrived = Bytes.empty
    private var waiter: Waiter?
    private var failure: TransportError?
    private var deadline: Scheduled<Void>?
    private var holdsBackRead = false

    init(target: String, loop: any EventLoop, onActive: @escaping (StreamLink) -> Void) {
        self.target = target
        self.loop = loop
        self.onActive = onActive
    }

    // MARK: - From anywhere

    /// Sends bytes; returns when the operating system has them.
    ///
    /// Cancelling the task closes the connection, which ends the call as `.cancelled`.
    public func send(_ parts: [Bytes]) async throws(TransportError) {
        let result = await closingWhenCancelled { continuation in
            loop.execute { self.write(parts, continuation) }
        }
        _ = try result.get()
    }

    /// Waits for a message; only one task may wait at a time.
    ///
    /// Cancelling the task closes the connection, which ends the call as `.cancelled`.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that it may have.
    ///   - framing: finds its end.
    /// - Returns: the bytes of the message.
    /// - Throws: why none comes; after that the connection is closed.
    public func receive(limit: Int, _ framing: @escaping Framing) async throws(TransportError) -> Bytes {
        let result = await closingWhenCancelled { continuation in
            loop.execute { self.wait(Waiter(framing: framing, limit: limit, continuation: continuation)) }
        }
        return try result.get()
    }

    private func closingWhenCancelled(
        _ body: (UnsafeContinuation<Outcome, Never>) -> Void
    ) async -> Outcome {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { body($0) }
        } onCancel: {
            close()
        }
    }

    /// Closes the connection after `time`, unless another limit is set before; `nil` takes it away.
    ///
    /// What waits then fails as `.timeout`.
    public func limit(_ time: Duration?) {
        loop.execute {
            self.deadline?.cancel()
            self.deadline = time.map { time in
                self.loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
                    self.end(TransportError(.timeout, "\(self.target) did not answer in \(time)"))
                }
            }
        }
    }

    /// Closes the connection; what waits fails as `.cancelled`.
    public func close() {
        loop.execute {
            self.end(TransportError(.cancelled, "the connection to \(self.target) was closed"))
        }
    }

    /// Whether it can still be used, as far as is known.
    public func isOpen() async -> Bool {
        await withUnsafeContinuation { continuation in
            loop.execute { continuation.resume(returning: self.failure == nil && self.context != nil) }
        }
    }

    // MARK: - On the loop

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { becomeActive() }
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        end(gone)
        self.context = nil
    }

    public func channelActive(context: ChannelHandlerContext) {
        becomeActive()
        context.fireChannelActive()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        end(gone)
        context.fireChannelInactive()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let piece = unwrapInboundIn(data)
        var whole = BytesBuilder(capacity: arrived.count + piece.readableBytes)
        whole.append(arrived)
        piece.withUnsafeReadableBytes { whole.append($0) }
        arrived = whole.finish()
        deliver()
    }

    public func read(context: ChannelHandlerContext) {
        // One read ahead, so that the end of a connection is noticed while nobody waits.
        if waiter != nil || arrived.isEmpty { context.read() } else { holdsBackRead = true }
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let reason = "the connection to \(target) broke: \(error)"
        end(error as? TransportError ?? TransportError(.closedBeforeResponse, reason))
    }

    private var gone: TransportError {
        TransportError(.closedBeforeResponse, "\(target) closed the connection")
    }

    private func becomeActive() {
        let action = onActive.take()
        action?(self)
    }

    private func wait(_ new: Waiter) {
        if waiter != nil {
            let reason = "two tasks wait for a message of \(target)"
            return new.continuation.resume(returning: .failure(TransportError(.overloaded, reason)))
        }
        waiter = new
        deliver()
        guard holdsBackRead, waiter != nil else { return }
        holdsBackRead = false
        context?.read()
    }

    private func deliver() {
        guard let waiter else { return }
        do throws(TransportError) {
            let count = arrived.isEmpty ? 0 : try waiter.framing(arrived)
            guard count > 0 else {
                if arrived.count > waiter.limit {
                    throw TransportError(.tooLarge, "\(target) sent more than \(waiter.limit) bytes")
                }
                if let failure { throw failure }
                return
            }
            self.waiter = nil
            let message = arrived[0..<count]
            arrived = count < arrived.count ? arrived[count..<arrived.count] : .empty
            waiter.continuation.resume(returning: .success(message))
        } catch {
            self.waiter = nil
            waiter.continuation.resume(returning: .failure(error))
            end(error)
        }
    }

    private func write(_ parts: [Bytes], _ continuation: UnsafeContinuation<Outcome, Never>) {
        guard let context, failure == nil else {
            return continuation.resume(returning: .failure(failure ?? gone))
        }
        var data = context.channel.allocator.buffer(capacity: parts.reduce(0) { $0 + $1.count })
        for part in parts { part.withUnsafeBytes { _ = data.writeBytes($0) } }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success: continuation.resume(returning: .success(.empty))
            case .failure: continuation.resume(returning: .failure(self.failure ?? self.gone))
            }
        }
        context.writeAndFlush(wrapOutboundOut(data), promise: promise)
    }

    private func end(_ error: TransportError) {
        if failure == nil { failure = error }
        deadline?.cancel()
        deadline = nil
        onActive = nil
        deliver()
        context?.close(promise: nil)
    }
}
