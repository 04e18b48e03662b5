import NIOCore
import NIOPosix
import Synchronization

@testable import Transport

/// A proxy that knows `CONNECT`; whatever is asked for, it connects to one server.
final class TunnelProxy: Sendable {
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let server: ListenAddress
    private let asked = Mutex<[String]>([])

    init(to server: ListenAddress) {
        self.server = server
    }

    /// What it was asked to connect to.
    var targets: [String] { asked.withLock { $0 } }

    func start() async throws -> ListenAddress {
        let channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Near(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    func stop() async throws { try await group.shutdownGracefully() }

    /// The client's side.
    private final class Near: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let proxy: TunnelProxy
        private var head = ""
        private var far: (any Channel)?

        init(_ proxy: TunnelProxy) { self.proxy = proxy }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let buffer = unwrapInboundIn(data)
            if let far { return far.writeAndFlush(buffer, promise: nil) }
            head += String(buffer: buffer)
            guard head.hasSuffix("\r\n\r\n") else { return }
            let target = head.split(separator: " ").dropFirst().first.map { String($0) } ?? ""
            proxy.asked.withLock { $0.append(target) }
            let near = context.channel
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            ClientBootstrap(group: context.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Far(near))
                    }
                }
                .connect(host: "127.0.0.1", port: proxy.server.port ?? 0)
                .whenSuccess { channel in
                    let (handler, context) = bound.value
                    handler.far = channel
                    let answer = ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n")
                    context.writeAndFlush(handler.wrapOutboundOut(answer), promise: nil)
                }
        }

        func channelInactive(context: ChannelHandlerContext) { far?.close(promise: nil) }
    }

    /// The server's side.
    private final class Far: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let near: any Channel

        init(_ near: any Channel) { self.near = near }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            near.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { near.close(promise: nil) }
    }
}
