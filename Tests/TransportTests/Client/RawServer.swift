import NIOCore
import NIOPosix
import Synchronization

@testable import Transport

/// A server that does with a connection what a test says, proper or not.
final class RawServer: Sendable {
    /// Called after every read with everything that has come in on the connection; returns what to say, and
    /// whether to close after it.
    typealias Script = @Sendable (_ connection: Int, _ received: [UInt8]) -> Reply

    enum Reply: Sendable {
        case wait
        case say([UInt8])
        case sayAndClose([UInt8])

        static func text(_ text: String) -> Reply { .say(Array(text.utf8)) }
    }

    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let accepted = Atomic<Int>(0)
    private let listener = Mutex<(any Channel)?>(nil)
    let script: Script

    init(_ script: @escaping Script) {
        self.script = script
    }

    /// Connections accepted so far.
    var connections: Int { accepted.load(ordering: .sequentiallyConsistent) }

    func start() async throws -> ListenAddress {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                let number = self.accepted.add(1, ordering: .sequentiallyConsistent).oldValue
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(number, self.script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        listener.withLock { $0 = channel }
        return .tcp(host: "127.0.0.1", port: channel.localAddress?.port ?? 0)
    }

    func stop() async throws {
        try await listener.withLock { $0 }?.close()
        try await group.shutdownGracefully()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let number: Int
        private let script: Script
        private var received: [UInt8] = []

        init(_ number: Int, _ script: @escaping Script) {
            self.number = number
            self.script = script
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += Array(unwrapInboundIn(data).readableBytesView)
            switch script(number, received) {
            case .wait: break
            case .say(let bytes):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .sayAndClose(let bytes):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                context.close(promise: nil)
            }
        }
    }
}

/// A raw server for the length of `body`.
func withRawServer<Result>(
    _ script: @escaping RawServer.Script, _ body: (RawServer, ListenAddress) async throws -> Result
) async throws -> Result {
    let server = RawServer(script)
    let address = try await server.start()
    do {
        let result = try await body(server, address)
        try await server.stop()
        return result
    } catch {
        try await server.stop()
        throw error
    }
}

/// A port of the loopback interface that nobody listens on.
///
/// One that was free a moment ago may be a server of another test by now; this one is never handed out.
func closedPort() -> ListenAddress { .tcp(host: "127.0.0.1", port: 1) }
