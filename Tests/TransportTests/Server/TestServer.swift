import Logging
import NIOCore
import NIOPosix
import Synchronization
import Wire

@testable import Transport

/// An application made of closures.
struct TestApplication: ServerApplication {
    var admission: @Sendable (ServerRequestHead) -> Admission = { _ in .accept(maxBodySize: 1 << 20) }
    var answer: @Sendable (ServerRequest, Responder) -> Void = { request, responder in
        let text = "\(request.method) \(request.path) \(request.body.string)"
        responder.send(ServerResponse(status: 200, body: Bytes(utf8: text)))
    }

    func admit(_ head: ServerRequestHead) -> Admission { admission(head) }
    func respond(to request: ServerRequest, with responder: Responder) { answer(request, responder) }
}

/// A server on a port of its own for the length of `body`.
func withServer<Result>(
    _ application: any ServerApplication = TestApplication(),
    address: ListenAddress = .tcp(host: "127.0.0.1", port: 0), loops: Int = 1,
    configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (Server) async throws -> Result
) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
    var configuration = ServerConfiguration(address: address)
    configure(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = try await Server.start(
        configuration, loops: group.makeIterator().map { $0 }, application: application, logger: logger)
    do {
        let result = try await body(server)
        await server.shutdown(grace: .zero)
        try await group.shutdownGracefully()
        return result
    } catch {
        await server.shutdown(grace: .zero)
        try await group.shutdownGracefully()
        throw error
    }
}

/// Lets the other tasks of a test go on until `condition` holds, for 10 seconds at most.
func eventually(_ condition: () -> Bool, within time: Duration = .seconds(10)) async -> Bool {
    let end = ContinuousClock.now + time
    while !condition() {
        guard ContinuousClock.now < end else { return false }
        await Task.yield()
    }
    return true
}
