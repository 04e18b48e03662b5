internal import NIOCore
internal import Wire

/// One end of a WebSocket, the only handler of its channel besides TLS.
///
/// `@unchecked Sendable` is sound because sockets, which may be anywhere, only pass a connection back to its
/// own loop: everything in it is touched on that loop alone.
final class WebSocketConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// What is still to be said.
    private enum State {
        case open
        /// This end has said goodbye, with what is to be told to the handler.
        case closing(code: UInt16, reason: String)
        /// The handler knows that it is over.
        case closed
    }

    /// Where the connection stands in its roster.
    var position: Int?
    private let handler: any WebSocketHandler
    private let peer: ServerPeer
    private let isServer: Bool
    private let roster: WebSocketRoster
    /// Called once when the channel is closed.
    private var onEnd: ((WebSocketConnection) -> Void)?
    private let budget: BodyBudget?
    private var reserved = 0
    private var reader: WebSocketReader
    private var pulse: WebSocketPulse
    private var state = State.open
    private var socket: WebSocket?
    private var context: ChannelHandlerContext?
    private var holdsBackRead = false
    /// Whether what is written waits for the end of the read, to leave with the rest.
    private var isReading = false
    /// Whether what arrives cannot be understood any more.
    private var isDeaf = false
    /// Whether the goodbye of this end, if there is one, is with the operating system.
    private var hasSaidGoodbye = true
    /// Whether the other end has ended its side of the connection.
    private var inputIsClosed = false

    /// - Parameters:
    ///   - handler: hears what happens.
    ///   - peer: the other end.
    ///   - isServer: whether the other end is a client.
    ///   - roster: looks after the connection.
    ///   - budget: bounds the incomplete messages of all connections together.
    ///   - onEnd: called once when the channel is closed.
    init(
        handler: any WebSocketHandler, peer: ServerPeer, isServer: Bool, roster: WebSocketRoster,
        budget: BodyBudget? = nil, onEnd: @escaping (WebSocketConnection) -> Void = { _ in }
    ) {
        self.handler = handler
        self.peer = peer
        self.isServer = isServer
        self.roster = roster
        self.budget = budget
        self.onEnd = onEnd
        reader = WebSocketReader(expectsMask: isServer, limit: roster.limits.maxMessageBytes)
        pulse = WebSocketPulse(now: .now())
    }

    /// Tells the handler that the socket is open; once the connection is in its pipeline.
    ///
    /// - Returns: the socket; `nil` when the channel is closed already.
    @discardableResult
    func begin() -> WebSocket? {
        guard let context else { return nil }
        let socket = WebSocket(
            peer: peer, connection: self, loop: context.eventLoop, bound: roster.limits.maxUnsentBytes)
        self.socket = socket
        roster.add(self)
        handler.opened(socket)
        return socket
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard socket != nil, !isDeaf else { return }
        let buffer = unwrapInboundIn(data)
        isReading = true
        buffer.withUnsafeReadableBytes { bytes in
            var input = bytes
            take(&input)
        }
        pulse.heard(isInsideMessage: reader.isInside, at: .now())
        account()
        isReading = false
        flush()
    }

    func read(context: ChannelHandlerContext) {
        if context.channel.isWritable { context.read() } else { holdsBackRead = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, holdsBackRead {
            holdsBackRead = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        inputIsClosed = true
        closeIfAllIsSaid()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Looks whether something took too long.
    func check(at now: NIODeadline) {
        switch pulse.step(roster.rules, at: now) {
        case .nothing: break
        case .ping: ping()
        case .giveUp(let reason):
            if case .open = state { state = .closing(code: WebSocketCloseCode.goingAway, reason: reason) }
            close()
        }
    }

    private func take(_ input: inout UnsafeRawBufferPointer) {
        while true {
            guard case .open = state else { return takeGoodbye(&input) }
            do throws(WebSocketFailure) {
                guard let event = try reader.next(&input) else { return }
                receive(event)
            } catch {
                isDeaf = true
                return write(close: error.code, reason: error.reason)
            }
        }
    }

    /// Reads on after this end has said goodbye, for the other end's goodbye only.
    private func takeGoodbye(_ input: inout UnsafeRawBufferPointer) {
        do throws(WebSocketFailure) {
            while !isDeaf, let event = try reader.next(&input) {
                if case .close = event { return receive(event) }
            }
        } catch {
            isDeaf = true
        }
    }

    private func receive(_ event: WebSocketReader.Event) {
        guard let socket else { return }
        switch event {
        case .message(let message, let isBinary):
            handler.received(message, isBinary: isBinary, on: socket)
        case .ping(let payload):
            // Whoever pings and does not read gets no more answers.
            guard socket.unsent <= roster.limits.maxUnsentBytes, context?.channel.isWritable == true else {
                return
            }
            write(.pong, [Bytes(payload)], count: payload.count)
        case .pong: handler.ponged(socket)
        case .close(let code, let reason):
            if case .open = state { write(close: code, reason: "") }
            isDeaf = true
            tellEnd(code: code, reason: reason)
            context?.flush()
            close()
        }
    }

    /// Reserves what is kept of an incomplete message.
    private func account() {
        guard let budget, reader.kept != reserved else { return }
        if reader.kept > reserved {
            guard budget.reserveArrived(reader.kept - reserved) else {
                return close(code: WebSocketCloseCode.tryAgainLater, reason: "there is no memory for it now")
            }
        } else {
            budget.release(reserved - reader.kept)
        }
        reserved = reader.kept
    }

    private func end() {
        let onEnd = onEnd
        self.onEnd = nil
        guard let onEnd else { return }
        roster.remove(self)
        budget?.release(reserved)
        reserved = 0
        if case .closing(let code, let reason) = state {
            tellEnd(code: code, reason: reason)
        } else {
            tellEnd(code: nil, reason: "")
        }
        socket = nil
        onEnd(self)
    }

    /// Closes the connection to one that says nothing any more, once it has got what it was sent before.
    private func closeIfAllIsSaid() {
        guard hasSaidGoodbye, socket?.unsent ?? 0 == 0 else { return }
        socket?.end()
        context?.close(promise: nil)
    }

    private func tellEnd(code: UInt16?, reason: String) {
        if case .closed = state { return }
        state = .closed
        guard let socket else { return }
        socket.end()
        handler.closed(socket, code: code, reason: reason)
    }
}

// What this end says; on the loop.
extension WebSocketConnection {
    /// Sends a message whose bytes have been counted.
    func send(_ chunks: [Bytes], count: Int, of socket: WebSocket) {
        guard let context, case .open = state else { return socket.sent(count) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            socket.sent(count)
            self.pulse.wrote(isBlocked: socket.unsent > 0, at: .now())
            if self.inputIsClosed { self.closeIfAllIsSaid() }
        }
        write(.binary, chunks, count: count, promise: promise)
        if !isReading { flush() }
    }

    private func flush() {
        context?.flush()
        if let socket, socket.unsent > 0 { pulse.blocked(at: .now()) }
    }

    func ping() {
        guard let context, case .open = state else { return }
        write(.ping, [], count: 0)
        context.flush()
    }

    /// Says goodbye.
    func close(code: UInt16, reason: String) {
        guard let context, case .open = state else { return }
        write(close: code, reason: reason)
        context.flush()
    }

    private func write(close code: UInt16?, reason: String) {
        let code = code.map { WebSocketReader.isSendable($0) ? $0 : WebSocketCloseCode.goingAway }
        var payload: [UInt8] = []
        if let code {
            payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
            for character in reason {
                let bytes = character.utf8
                guard payload.count + bytes.count <= WebSocketFrameHeader.maximumControlPayload else { break }
                payload.append(contentsOf: bytes)
            }
        }
        state = .closing(code: code ?? WebSocketCloseCode.normal, reason: reason)
        socket?.end()
        pulse.closing(at: .now())
        hasSaidGoodbye = false
        let promise = context?.eventLoop.makePromise(of: Void.self)
        promise?.futureResult.assumeIsolated().whenComplete { _ in
            self.hasSaidGoodbye = true
            if self.inputIsClosed { self.closeIfAllIsSaid() }
        }
        write(.close, [Bytes(payload)], count: payload.count, promise: promise)
    }

    private func write(
        _ opcode: WebSocketFrameHeader.Opcode, _ chunks: [Bytes], count: Int,
        promise: EventLoopPromise<Void>? = nil
    ) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        let header = WebSocketFrameHeader(
            opcode: opcode, isFinal: true, length: count, mask: isServer ? nil : .random(in: 0 ... .max))
        var buffer = context.channel.allocator.buffer(capacity: WebSocketFrameHeader.maximumLength + count)
        header.write(to: &buffer)
        var offset = 0
        for chunk in chunks {
            let key = header.mask ?? 0
            _ = chunk.withUnsafeBytes { bytes in
                buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.count) { room in
                    if let target = room.baseAddress {
                        WebSocketMask.copy(bytes, to: target, key: key, offset: offset)
                    }
                    return bytes.count
                }
            }
            offset += chunk.count
        }
        context.write(wrapOutboundOut(buffer), promise: promise)
    }
}

extension WebSocketConnection: ServerConnection {
    func drain() { close(code: WebSocketCloseCode.goingAway, reason: "the server stops") }

    func close() { context?.close(promise: nil) }

    /// Incomplete messages are bounded by their own time and budget.
    func refuseArriving() {}
}
