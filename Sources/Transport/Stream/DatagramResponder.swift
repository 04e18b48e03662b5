public import NIOCore
internal import NIOPosix
public import Wire

/// Answers datagrams, each by itself, such as the heartbeats of a protocol.
public final class DatagramResponder: Sendable {
    private let channel: any Channel

    private init(_ channel: any Channel) { self.channel = channel }

    /// Begins to answer on UDP.
    ///
    /// - Parameters:
    ///   - host: as in `ListenAddress.tcp`.
    ///   - port: the port, which other sockets of this program may have as well.
    ///   - loop: where everything happens.
    ///   - answer: makes the answer to a datagram, of which at most 2 KiB are read; `nil` gives none. It
    ///     must not be longer than what it answers, or strangers would have others flooded. It is not asked
    ///     about datagrams that look as if another service had sent them.
    /// - Returns: what answers until it is closed.
    /// - Throws: `.addressInUse`, `.listenFailed` or `.invalidAddress`.
    public static func start(
        host: String, port: Int, on loop: any EventLoop, answer: @escaping @Sendable (Bytes) -> Bytes?
    ) async throws(TransportError) -> DatagramResponder {
        let descriptor = try DatagramSocket.bound(host: host, port: port)
        do {
            let channel = try await DatagramBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Handler(answer))
                    }
                }
                .withBoundSocket(descriptor).get()
            return DatagramResponder(channel)
        } catch {
            throw TransportError(.listenFailed, "cannot listen on UDP \(host):\(port): \(error)")
        }
    }

    /// Whether whoever sent a datagram may be answered: two services that answer everything would never end.
    ///
    /// The address may be forged. The ports below 1024 are those of old services that answer, such as echo.
    static func mayAnswer(_ sender: SocketAddress, at own: SocketAddress?) -> Bool {
        guard let port = sender.port else { return true }
        return port >= 1024 && port != own?.port
    }

    /// Stops; returns when the address is free.
    public func close() async { try? await channel.close().get() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        typealias OutboundOut = AddressedEnvelope<ByteBuffer>

        private let answer: @Sendable (Bytes) -> Bytes?

        init(_ answer: @escaping @Sendable (Bytes) -> Bytes?) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            // What cannot be sent now is left out: whoever asks with a datagram asks again.
            guard context.channel.isWritable,
                DatagramResponder.mayAnswer(envelope.remoteAddress, at: context.channel.localAddress)
            else { return }
            guard let answer = envelope.data.withUnsafeReadableBytes({ answer(Bytes(copying: $0)) }) else {
                return
            }
            var buffer = context.channel.allocator.buffer(capacity: answer.count)
            answer.withUnsafeBytes { _ = buffer.writeBytes($0) }
            let reply = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: buffer)
            context.write(wrapOutboundOut(reply), promise: nil)
        }

        func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // An address that cannot be answered says nothing about the others.
        }
    }
}
