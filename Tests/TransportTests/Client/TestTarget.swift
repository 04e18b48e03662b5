import Logging
import NIOCore
import NIOPosix
import Wire

@testable import Transport

/// A client on a loop of its own for the length of `body`.
func withClient<Result>(
    _ target: ListenAddress, loops: Int = 1, configure: (inout ClientConfiguration) -> Void = { _ in },
    _ body: (Client) async throws -> Result
) async throws -> Result {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
    var configuration = ClientConfiguration(target: target)
    configuration.proxy = .direct
    configure(&configuration)
    let client = try Client(configuration, loops: group.makeIterator().map { $0 }, logger: .silent)
    do {
        let result = try await body(client)
        await client.close(grace: .zero)
        try await group.shutdownGracefully()
        return result
    } catch {
        await client.close(grace: .zero)
        try await group.shutdownGracefully()
        throw error
    }
}

extension Logger {
    /// A logger that says nothing.
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension Client {
    /// Posts text and returns the answer's body as text.
    func post(
        _ text: String, path: String = "/p", lane: Int = 0, timeout: Duration = .seconds(20)
    ) async throws -> String {
        let request = ClientRequest(path: path, body: [Bytes(utf8: text)])
        return try await send(request, lane: lane, timeout: timeout).body.string
    }
}

/// The error of an operation that has to fail; nil if it does not.
func failure<Result>(_ operation: () async throws -> Result) async -> TransportError? {
    do {
        _ = try await operation()
        return nil
    } catch {
        return error as? TransportError ?? TransportError(.protocolError, "not a TransportError: \(error)")
    }
}
