public import NIOCore
internal import NIOPosix
public import Wire

/// Receives datagrams that have no answer.
///
/// What the system has no room for while they wait to be read it drops itself, and nobody can count that.
public final class DatagramServer: Sendable {
    /// Where and how to listen.
    public struct Configuration: Sendable {
        /// The address, of the kind `.tcp`: host and port.
        public var address: ListenAddress
        /// The most bytes of a datagram; of longer ones the rest is cut off.
        public var maxSize = 65_000
        /// The bytes that the system keeps until they are read; 0 leaves that to it.
        ///
        /// It has a limit of its own, the sysctl `net.core.rmem_max`.
        public var receiveBufferSize = 0

        public init(address: ListenAddress) { self.address = address }
    }

    /// What came in one datagram.
    public struct Datagram: Sendable {
        /// Its bytes.
        public let bytes: Bytes
        /// Whether it was longer than `maxSize`, so that bytes are missing at its end.
        public let isCut: Bool
        /// Who sent it, as `ip:port`.
        public let peer: String
    }

    /// The address with the port that the system picked.
    public let address: ListenAddress
    private let channel: any Channel
    private let listener: DatagramListener
    private let listeners: ListenerShare

    private init(
        _ channel: any Channel, _ listener: DatagramListener, _ address: ListenAddress,
        _ listeners: ListenerShare
    ) {
        self.channel = channel
        self.listener = listener
        self.address = address
        self.listeners = listeners
    }

    /// Begins to receive.
    ///
    /// Through `listeners` an address can be taken over from a server that leaves: what waits in its socket
    /// is not lost, and nothing is received before the end of the handover.
    ///
    /// - Parameters:
    ///   - configuration: where and how.
    ///   - loop: where everything happens.
    ///   - listeners: what opens the address.
    ///   - receive: takes a datagram, on `loop`.
    /// - Returns: what receives until it is closed.
    /// - Throws: `.addressInUse`, `.listenFailed` or `.invalidAddress`, each saying what to do.
    public static func start(
        _ configuration: Configuration, on loop: any EventLoop, listeners: ListenerShare,
        receive: @escaping @Sendable (Datagram) -> Void
    ) async throws(TransportError) -> DatagramServer {
        guard case .tcp(let host, _) = configuration.address else {
            throw TransportError(
                .invalidAddress, "cannot listen on UDP \(configuration.address): use host:port")
        }
        let (listener, predecessor) = try listeners.registry.openDatagrams(
            configuration.address, for: listeners.owner)
        DatagramSocket.setReceiveBuffer(listener.descriptor, configuration.receiveBufferSize)
        let limit = configuration.maxSize
        do {
            let channel = try await DatagramBootstrap(group: loop)
                .channelOption(.autoRead, value: false)
                .channelOption(.maxMessagesPerRead, value: 64)
                .channelOption(
                    .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: limit + 1)
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Handler(limit, receive))
                    }
                }
                .withBoundSocket(listener.descriptor).get()
            listener.isRead(by: channel)
            listeners.registry.whenOpen { Self.read(channel, after: predecessor) }
            let port = ListeningSocket.boundPort(listener.descriptor) ?? 0
            return DatagramServer(channel, listener, .tcp(host: host, port: port), listeners)
        } catch {
            listeners.registry.forget(listener)
            throw TransportError(
                .listenFailed, "cannot listen on UDP \(configuration.address): \(error)")
        }
    }

    /// Stops; returns when the address is free, unless another server has taken it over.
    public func close() async {
        listeners.registry.forget(listener)
        try? await channel.close().get()
    }

    /// Begins to read, once whoever read the socket before does not any more.
    private static func read(_ channel: any Channel, after predecessor: DatagramListener?) {
        // One that has been closed meanwhile takes nothing over.
        guard channel.isActive else { return }
        guard let pause = predecessor?.pause() else {
            _ = channel.setOption(.autoRead, value: true)
            return
        }
        pause.whenComplete { _ in _ = channel.setOption(.autoRead, value: true) }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>

        private let limit: Int
        private let receive: @Sendable (Datagram) -> Void

        init(_ limit: Int, _ receive: @escaping @Sendable (Datagram) -> Void) {
            self.limit = limit
            self.receive = receive
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let envelope = unwrapInboundIn(data)
            let count = envelope.data.readableBytes
            let bytes = envelope.data.withUnsafeReadableBytes { memory in
                Bytes(copying: UnsafeRawBufferPointer(rebasing: memory.prefix(limit)))
            }
            let address = envelope.remoteAddress
            let peer = "\(address.ipAddress ?? "unknown"):\(address.port ?? 0)"
            receive(Datagram(bytes: bytes, isCut: count > limit, peer: peer))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // That a datagram cannot be read says nothing about the others.
        }
    }
}
