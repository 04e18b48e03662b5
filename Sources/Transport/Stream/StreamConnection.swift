internal import Logging
public import NIOCore
public import Wire

/// A server's end of a connection that carries a protocol of its own.
///
/// Everything but `onLoop` is called on the connection's loop.
///
/// `@unchecked Sendable` is sound because whoever has the connection elsewhere can only pass it back to its
/// own loop with `onLoop`: everything in it is touched on that loop alone, which the methods check.
public final class StreamConnection: ChannelDuplexHandler, @unchecked Sendable {
    public typealias InboundIn = ByteBuffer
    public typealias OutboundIn = Never
    public typealias OutboundOut = ByteBuffer

    /// Who is at the other end, as `ip:port` (`unix` for unix sockets).
    public let peer: String
    /// The index of the loop among those of the server.
    public var lane: Int { owner.index }
    /// The loop of the connection.
    public var loop: any EventLoop { owner.loop }
    /// Whether the connection is encrypted.
    public var isTLS: Bool { owner.context.configuration.tls != nil }

    private let owner: ServerLane
    private let application: any StreamApplication
    private let ticket: Strangers.Ticket?
    private var handler: (any StreamHandler)?
    private var context: ChannelHandlerContext?
    private var buffer = StreamBuffer()
    private var pulse: StreamPulse
    private var timer: Scheduled<Void>?
    private var retry: Scheduled<Void>?
    private var retries = 0
    /// Whether the handler has messages and has not asked for more.
    private var isBusy = false
    /// Whether nothing more is taken; what has been written still goes out.
    private var isFinishing = false
    private var isDraining = false
    private var isScanning = false
    private var inputIsClosed = false
    private var holdsBackRead = false
    private var isReading = false
    private var needsFlush = false
    /// Writes that the operating system does not have yet.
    private var unsent = 0

    private static let retryInterval = TimeAmount.milliseconds(20)
    private static let allowedRetries = 250

    init(lane: ServerLane, peer: String, _ ticket: Strangers.Ticket?, _ application: any StreamApplication) {
        owner = lane
        self.peer = peer
        self.ticket = ticket
        self.application = application
        pulse = StreamPulse(lane.context.configuration, now: .now())
    }

    private var budget: BodyBudget { owner.context.budget }

    // MARK: - What handlers call

    /// Runs `body` on the connection's loop; may be called from anywhere.
    public func onLoop(_ body: @escaping @Sendable () -> Void) {
        if loop.inEventLoop { body() } else { loop.execute(body) }
    }

    /// Says that it is known who the client is: the time for that is over.
    public func established() {
        loop.assertInEventLoop()
        ticket?.giveBack()
        pulse.established(at: .now())
    }

    /// Sends bytes; they leave at the end of what is being read, or at once.
    public func write(_ bytes: Bytes) {
        loop.assertInEventLoop()
        guard let context else { return }
        var data = context.channel.allocator.buffer(capacity: bytes.count)
        bytes.withUnsafeBytes { _ = data.writeBytes($0) }
        unsent += 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.unsent -= 1
            self.closeIfAllIsSent()
        }
        context.write(wrapOutboundOut(data), promise: promise)
        needsFlush = true
        if !isReading { flushIfNeeded() }
    }

    /// Asks for more messages, now that those before are done.
    public func resume() {
        loop.assertInEventLoop()
        isBusy = false
        pulse.heard(at: .now())
        process()
        resumeReading()
    }

    /// Takes nothing more, and closes once everything written is with the operating system.
    public func finish() {
        loop.assertInEventLoop()
        isFinishing = true
        // While the handler looks into it, the buffer stays as it is.
        if !isScanning { buffer.clear(budget: budget) }
        closeIfAllIsSent()
    }

    /// Closes now.
    public func close() {
        loop.assertInEventLoop()
        isFinishing = true
        context?.close(promise: nil)
    }

    // MARK: - What the channel calls

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        owner.add(self)
        if context.channel.isActive { open() }
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    public func channelActive(context: ChannelHandlerContext) {
        open()
        context.fireChannelActive()
    }

    public func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isFinishing else { return }
        isReading = true
        pulse.heard(at: .now())
        let outcome = unwrapInboundIn(data).withUnsafeReadableBytes { buffer.append($0, budget: budget) }
        switch outcome {
        case .kept: break
        case .waiting: waitForMemory()
        case .refused: return giveUp("there is no memory for what it sends")
        }
        process()
        armTimer()
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushIfNeeded()
        context.fireChannelReadComplete()
    }

    public func read(context: ChannelHandlerContext) {
        if canRead { context.read() } else { holdsBackRead = true }
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        pulse.writabilityChanged(context.channel.isWritable, at: .now())
        armTimer()
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        inputIsClosed = true
        process()
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        giveUp("it broke: \(error)")
    }

    // MARK: - Inside

    private func open() {
        guard handler == nil else { return }
        let handler = application.handler(for: self)
        self.handler = handler
        handler.opened()
        armTimer()
    }

    /// Hands over what is whole, and ends the connection when nothing more can come.
    private func process() {
        guard let handler, !isBusy, !isFinishing else { return }
        if !buffer.isEmpty {
            isScanning = true
            let whole = buffer.withSpan { handler.wholeMessages(in: $0) }
            isScanning = false
            guard !isFinishing else { return buffer.clear(budget: budget) }
            if whole > 0 {
                isBusy = true
                return handler.received(buffer.take(whole, budget: budget))
            }
        }
        if inputIsClosed || isDraining { finish() }
    }

    private var canRead: Bool {
        !isBusy && !isFinishing && !isDraining && !buffer.isWaiting && context?.channel.isWritable == true
    }

    private func resumeReading() {
        guard holdsBackRead, canRead else { return }
        holdsBackRead = false
        context?.read()
    }

    private func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    private func closeIfAllIsSent() {
        guard isFinishing, unsent == 0 else { return }
        context?.close(promise: nil)
    }

    private func giveUp(_ reason: String) {
        guard !isFinishing else { return }
        owner.context.logger.debug("connection closed", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
        close()
    }

    private func end() {
        guard let handler else {
            owner.remove(self)
            return
        }
        self.handler = nil
        isFinishing = true
        timer?.cancel()
        timer = nil
        retry?.cancel()
        retry = nil
        if !isScanning { buffer.clear(budget: budget) }
        owner.remove(self)
        handler.closed()
    }

    /// Looks again in a moment whether there is memory for what may come.
    private func waitForMemory() {
        guard retry == nil else { return }
        retry = loop.assumeIsolated().scheduleTask(in: Self.retryInterval) {
            self.retry = nil
            if self.buffer.retry(budget: self.budget) {
                self.retries = 0
                self.resumeReading()
            } else if self.retries < Self.allowedRetries {
                self.retries += 1
                self.waitForMemory()
            } else {
                self.giveUp("there is no memory for what it sends")
            }
        }
    }

    private func armTimer() {
        guard timer == nil, handler != nil, let next = nextCheck() else { return }
        timer = loop.assumeIsolated().scheduleTask(deadline: next) {
            self.timer = nil
            self.check()
        }
    }

    private func nextCheck() -> NIODeadline? {
        pulse.nextCheck(isInside: !isBusy && !buffer.isEmpty, isBusy: isBusy, after: .now())
    }

    private func check() {
        let due = pulse.due(isInside: !isBusy && !buffer.isEmpty, isBusy: isBusy, at: .now())
        if let due, !owner.excusesSilence { isFinishing ? close() : giveUp(due) }
        armTimer()
    }
}

extension StreamConnection: ServerConnection {
    func drain() {
        isDraining = true
        process()
    }

    func refuseArriving() {
        if !isBusy, !buffer.isEmpty { giveUp("there is no memory for the rest of a message") }
    }
}
