internal import Logging
public import NIOCore
internal import NIOTLS
public import Wire

/// A server's end of a connection that carries a protocol of its own.
///
/// Everything but `onLoop` is called on the connection's loop.
///
/// `@unchecked Sendable` is sound because everything that changes is touched on that loop alone: the channel
/// calls there, and the methods for handlers stop the program anywhere else. Whoever has the connection
/// elsewhere passes it back to its loop with `onLoop`.
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
    /// Whether a client that may still be sending gets time to read what was written before the end.
    private var lingers = true
    private var isLingering = false
    private var isDraining = false
    /// Whether a message had begun when the drain began, and is still not whole.
    private var finishesMessage = false
    /// Whether a handshake of TLS is still to come, before which nobody is known.
    private var isHandshaking: Bool
    private var isKnown = false
    private var isScanning = false
    private var inputIsClosed = false
    private var holdsBackRead = false
    private var isReading = false
    private var needsFlush = false
    /// Writes that the operating system does not have yet.
    private(set) var unsent = 0

    private static let goodbyeTime = TimeAmount.seconds(2)
    private static let retryInterval = TimeAmount.milliseconds(20)
    private static let allowedRetries = 250

    init(lane: ServerLane, peer: String, _ ticket: Strangers.Ticket?, _ application: any StreamApplication) {
        owner = lane
        self.peer = peer
        self.ticket = ticket
        self.application = application
        pulse = StreamPulse(lane.context.configuration, now: .now())
        isHandshaking = lane.context.configuration.tls != nil
    }

    private var budget: BodyBudget { owner.context.budget }

    // MARK: - What handlers call

    /// Runs `body` on the connection's loop, after what runs there now; may be called from anywhere.
    public func onLoop(_ body: @escaping @Sendable () -> Void) { loop.execute(body) }

    /// Says that it is known who the client is: the time for that is over, over TLS once its handshake is.
    public func established() {
        loop.preconditionInEventLoop()
        isKnown = true
        guard !isHandshaking else { return }
        ticket?.giveBack()
        pulse.established(at: .now())
        armTimer()
    }

    /// Sends bytes; they leave at the end of what is being read, or at once.
    public func write(_ bytes: Bytes) {
        loop.preconditionInEventLoop()
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
        loop.preconditionInEventLoop()
        isBusy = false
        buffer.giveBack(budget: budget)
        pulse.heard(at: .now())
        process()
        armTimer()
        resumeReading()
    }

    /// Takes nothing more, and closes once everything written is with the operating system.
    ///
    /// A client that goes on sending gets a moment to notice: what is not read when a connection is closed
    /// takes with it what was just written.
    public func finish() {
        loop.preconditionInEventLoop()
        isFinishing = true
        // While the handler looks into it, the buffer stays as it is.
        if !isScanning { buffer.clear(budget: budget) }
        closeIfAllIsSent()
        armTimer()
    }

    /// Closes now.
    public func close() {
        loop.preconditionInEventLoop()
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
        case .refused: return giveUpForMemory("there is none for what it sends")
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
        guard canRead else { return holdsBackRead = true }
        // Who somebody is takes next to nothing, and has to be said in time.
        let isStranger = isHandshaking || !isKnown
        guard budget.hasRoom || isStranger || isLingering else {
            holdsBackRead = true
            return waitForMemory()
        }
        context.read()
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        resumeReading()
        context.fireChannelWritabilityChanged()
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            isHandshaking = false
            if isKnown { established() }
        }
        guard case ChannelEvent.inputClosed = event else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        inputIsClosed = true
        if isLingering { close() } else { process() }
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
        if isDraining { process() }
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
                finishesMessage = false
                pulse.collected(0, at: .now())
                return handler.received(buffer.take(whole, budget: budget))
            }
        }
        if inputIsClosed || (isDraining && !finishesMessage) { finish() }
    }

    private var canRead: Bool {
        if isFinishing { return isLingering }
        let isWanted = !isDraining || finishesMessage
        return isWanted && !isBusy && !buffer.isWaiting && context?.channel.isWritable == true
    }

    private func resumeReading() {
        guard holdsBackRead, canRead, let context else { return }
        holdsBackRead = false
        read(context: context)
    }

    private func flushIfNeeded() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
        // What the client has not taken yet is watched from here on.
        armTimer()
    }

    private func closeIfAllIsSent() {
        guard isFinishing, unsent == 0, !isLingering, let context else { return }
        guard lingers, !inputIsClosed else { return close() }
        isLingering = true
        context.close(mode: .output, promise: nil)
        loop.assumeIsolated().scheduleTask(in: Self.goodbyeTime) { self.close() }
        resumeReading()
    }

    private func giveUp(_ reason: String) {
        guard !isFinishing else { return }
        owner.context.logger.debug("connection closed", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
        close()
    }

    private func giveUpForMemory(_ reason: String) {
        guard !isFinishing else { return }
        owner.context.configuration.memory?.countRefusal()
        owner.context.logger.warning(
            "a connection was closed for want of memory",
            metadata: ["peer": "\(peer)", "reason": "\(reason)"])
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
        var unread = Bytes.empty
        // While the handler looks into the buffer, nothing has been handed over.
        if !isScanning {
            if isBusy { unread = buffer.take(buffer.count, budget: budget) }
            buffer.giveBack(budget: budget)
            buffer.clear(budget: budget)
        }
        owner.remove(self)
        handler.closed(unread: unread)
    }

    /// Looks again in a moment whether there is memory for what may come.
    private func waitForMemory() {
        guard retry == nil else { return }
        retry = loop.assumeIsolated().scheduleTask(in: Self.retryInterval) {
            self.retry = nil
            if self.buffer.retry(budget: self.budget), self.budget.hasRoom {
                self.retries = 0
                self.pulse.heard(at: .now())
                self.armTimer()
                self.resumeReading()
            } else if self.buffer.isEmpty || self.budget.isLent {
                // It keeps no memory that others wait for, or waits for what is being dealt with.
                self.waitForMemory()
            } else if self.retries < Self.allowedRetries {
                self.retries += 1
                self.waitForMemory()
            } else {
                self.giveUpForMemory("there is none for the rest of a message")
            }
        }
    }

    private func armTimer() {
        look()
        guard timer == nil, handler != nil,
            let next = pulse.nextCheck(isBusy: waitsForUs, after: .now())
        else { return }
        timer = loop.assumeIsolated().scheduleTask(deadline: next) {
            self.timer = nil
            self.check()
        }
    }

    /// Whether silence is no fault of the client.
    private var waitsForUs: Bool { isBusy || isFinishing || retry != nil }

    private func look() {
        pulse.collected(waitsForUs ? 0 : buffer.count, at: .now())
        if let context { pulse.look(context.channel.sendingProgress, at: .now()) }
    }

    private func check() {
        look()
        let due = pulse.due(isBusy: waitsForUs, at: .now())
        if let due, !owner.excusesSilence { isFinishing ? close() : giveUp(due) }
        armTimer()
    }
}

extension StreamConnection: ServerConnection {
    func drain() {
        guard !isFinishing, !isDraining else { return }
        isDraining = true
        finishesMessage = !buffer.isEmpty
        // Nothing that was sent is unread, as far as is known.
        lingers = isBusy || finishesMessage
        process()
    }

    func refuseArriving() {
        if !isBusy, !buffer.isEmpty { giveUpForMemory("there is none for the rest of a message") }
    }
}
