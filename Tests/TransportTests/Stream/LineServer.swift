import Logging
import NIOCore
import NIOPosix
import Synchronization
import Wire

@testable import Transport

/// An application that answers lines: each with itself, or as its first letter says.
///
/// `w` waits until `goOn` is called, `q` says goodbye, `s` is kept in silence, and `!` ends the connection.
final class LineServer: StreamApplication {
    private struct State {
        var lines: [String] = []
        var waiting: [StreamConnection] = []
        var closed = 0
        weak var newest: StreamConnection?
        var unread = ""
    }

    private let state = Mutex(State())
    private let greeting: String
    private let establishes: Bool

    init(greeting: String = "", establishes: Bool = true) {
        self.greeting = greeting
        self.establishes = establishes
    }

    var lines: [String] { state.withLock { $0.lines } }
    var closed: Int { state.withLock { $0.closed } }
    var waiting: Int { state.withLock { $0.waiting.count } }
    /// What had arrived at busy connections when they ended.
    var unread: String { state.withLock { $0.unread } }

    /// How many writes of the newest connection the operating system has not taken.
    func unsent() async -> Int {
        guard let newest = state.withLock({ $0.newest }) else { return 0 }
        return await withCheckedContinuation { continuation in
            newest.onLoop { continuation.resume(returning: newest.unsent) }
        }
    }

    /// Lets the connections go on that wait.
    func goOn() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        for connection in waiting {
            connection.onLoop {
                connection.write(Bytes(utf8: "done\n"))
                connection.resume()
            }
        }
    }

    func handler(for connection: StreamConnection) -> any StreamHandler {
        state.withLock { $0.newest = connection }
        return Handler(self, connection)
    }

    private final class Handler: StreamHandler {
        private let server: LineServer
        private let connection: StreamConnection
        private var seen = 0

        init(_ server: LineServer, _ connection: StreamConnection) {
            self.server = server
            self.connection = connection
        }

        func opened() {
            if server.establishes { connection.established() }
            if !server.greeting.isEmpty { connection.write(Bytes(utf8: server.greeting)) }
        }

        func wholeMessages(in bytes: RawSpan) -> Int {
            var whole = 0
            while seen < bytes.byteCount {
                let byte = bytes.unsafeLoad(fromByteOffset: seen, as: UInt8.self)
                seen += 1
                if byte == 10 { whole = seen }
                if byte == UInt8(ascii: "!") { connection.finish() }
            }
            seen -= whole
            return whole
        }

        func received(_ messages: Bytes) {
            var waits = false
            var ends = false
            for line in messages.string.split(separator: "\n") {
                server.state.withLock { $0.lines.append(String(line.prefix(100))) }
                waits = waits || line.hasPrefix("w")
                ends = ends || line.hasPrefix("q")
                if !line.hasPrefix("s") { connection.write(Bytes(utf8: "\(line)\n")) }
            }
            if ends { return connection.finish() }
            if waits {
                server.state.withLock { $0.waiting.append(connection) }
            } else {
                connection.resume()
            }
        }

        func closed(unread: Bytes) {
            server.state.withLock { state in
                state.closed += 1
                state.unread += unread.string
            }
        }
    }
}

/// A server of `application` for the length of `body`.
func withStreamServer(
    _ application: LineServer, configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: (Server, any EventLoop) async throws -> Void
) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var configuration = ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0))
    configuration.idleTimeout = nil
    configure(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let server = try await Server.start(
        configuration, loops: [group.next()], streams: application, logger: logger)
    do {
        try await body(server, group.next())
    } catch {
        await server.shutdown(grace: .zero)
        try await group.shutdownGracefully()
        throw error
    }
    await server.shutdown(grace: .zero)
    try await group.shutdownGracefully()
}
