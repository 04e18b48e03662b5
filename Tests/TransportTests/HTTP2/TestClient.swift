import NIOCore
import NIOPosix

@testable import Transport

/// One HTTP/2 connection to a server.
///
/// `@unchecked Sendable` is sound because the connection is touched on its loop only.
final class TestClient: @unchecked Sendable {
    let connection: HTTP2ClientConnection
    let loop: any EventLoop

    private init(_ connection: HTTP2ClientConnection, _ loop: any EventLoop) {
        self.connection = connection
        self.loop = loop
    }

    static func connect(
        to server: Server, limits: HTTP2Limits = HTTP2Limits(),
        keepalive: HTTP2ClientConnection.Keepalive? = nil
    ) async throws -> TestClient {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try await loop.flatSubmit {
            do {
                let connection = try HTTP2ClientConnection(limits: limits, keepalive: keepalive)
                let client = TestClient(connection, loop)
                return ClientBootstrap(group: loop)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(client.connection.makeHandler())
                        }
                    }
                    .connect(host: "127.0.0.1", port: server.address.port ?? 0)
                    .map { _ in client }
            } catch {
                return loop.makeFailedFuture(error)
            }
        }.get()
    }

    func send(_ request: HTTP2Request) async -> Result<HTTP2Response, TransportError> {
        await withCheckedContinuation { continuation in
            loop.execute {
                let id = self.connection.send(request) { continuation.resume(returning: $0) }
                if id == nil {
                    continuation.resume(returning: .failure(TransportError(.overloaded, "no stream is free")))
                }
            }
        }
    }

    func close() async {
        try? await loop.submit { self.connection.close() }.get()
    }
}
