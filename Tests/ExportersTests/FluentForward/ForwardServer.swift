import Compression
import Formats
import NIOCore
import Pipeline
import PipelineTesting
import Synchronization
import Testing
import Transport
import Wire

/// A server that reads messages of the Forward protocol and answers as a test wants.
final class ForwardServer: StreamApplication {
    /// What it does with a message.
    enum Answer: Sendable {
        case acknowledge
        case acknowledgeSomethingElse
        case close
        case stayQuiet
    }

    private struct State {
        var messages: [MessagePackValue] = []
        var answers: [Answer] = []
        var connections = 0
    }

    let sharedKey: String?
    let password: String?
    let keepsAlive: Bool
    private let state = Mutex(State())

    init(sharedKey: String? = nil, password: String? = nil, keepsAlive: Bool = true) {
        self.sharedKey = sharedKey
        self.password = password
        self.keepsAlive = keepsAlive
    }

    /// What the next messages are answered with; after that they are acknowledged.
    func answer(_ answers: [Answer]) { state.withLock { $0.answers = answers } }

    var messages: [MessagePackValue] { state.withLock { $0.messages } }
    var connections: Int { state.withLock { $0.connections } }

    /// The entries of all messages, decompressed.
    func entries() throws -> [(tag: String, entries: [MessagePackValue])] {
        try messages.map { (message) throws in
            let elements = try #require(message.elements)
            var packed = Bytes(try #require(elements[1].bytes))
            if elements[2]["compressed"]?.text == "gzip" {
                packed = try Decompression.decompress(packed, .gzip, limit: 1 << 24)
            }
            var reader = MessagePackReader(packed)
            var entries: [MessagePackValue] = []
            while !reader.isAtEnd {
                let start = reader.position
                try reader.skip(depth: 100)
                entries.append(try MessagePackValue(decoding: packed[start..<reader.position], depth: 100))
            }
            #expect(elements[2]["size"] == .int(Int64(entries.count)))
            return (try #require(elements[0].text), entries)
        }
    }

    func handler(for connection: StreamConnection) -> any StreamHandler {
        state.withLock { $0.connections += 1 }
        return Handler(self, connection)
    }

    fileprivate func take(_ message: MessagePackValue) -> Answer {
        state.withLock { state in
            state.messages.append(message)
            return state.answers.isEmpty ? .acknowledge : state.answers.removeFirst()
        }
    }

    private final class Handler: StreamHandler {
        private let server: ForwardServer
        private let connection: StreamConnection
        private var scanner = MessagePackScanner(limit: 1 << 24)
        private var hello: ForwardHello?

        init(_ server: ForwardServer, _ connection: StreamConnection) {
            self.server = server
            self.connection = connection
        }

        func opened() {
            guard server.sharedKey != nil else { return }
            let hello = ForwardHello(
                nonce: [1, 2, 3], passwordSalt: server.password == nil ? [] : [4, 5],
                keepsAlive: server.keepsAlive)
            self.hello = hello
            connection.write(hello.encoded())
        }

        func wholeMessages(in bytes: RawSpan) -> Int {
            let count = (try? scanner.wholeValues(in: bytes)) ?? 0
            scanner.took(count)
            return count
        }

        func received(_ messages: Bytes) {
            var reader = MessagePackReader(messages)
            while !reader.isAtEnd {
                let start = reader.position
                guard (try? reader.skip(depth: 100)) != nil else { return connection.close() }
                let bytes = messages[start..<reader.position]
                if let hello { greet(hello, bytes) } else { answer(bytes) }
            }
            connection.resume()
        }

        func closed(unread: Bytes) {}

        private func greet(_ hello: ForwardHello, _ bytes: Bytes) {
            self.hello = nil
            guard let ping = try? ForwardPing(decoding: bytes) else { return connection.close() }
            let key = server.sharedKey ?? ""
            func digest(_ hostname: String) -> String {
                ForwardDigest.sharedKey(salt: ping.salt, hostname: hostname, nonce: hello.nonce, key: key)
            }
            let password = server.password.map {
                ForwardDigest.password(salt: hello.passwordSalt, username: ping.username, password: $0)
            }
            let isKnown =
                ping.sharedKeyDigest == digest(ping.hostname) && password ?? "" == ping.passwordDigest
            connection.write(
                ForwardPong(
                    isAccepted: isKnown, reason: isKnown ? "" : "who are you?", hostname: "server",
                    sharedKeyDigest: digest("server")
                ).encoded())
        }

        private func answer(_ bytes: Bytes) {
            guard let message = try? MessagePackValue(decoding: bytes, depth: 100) else {
                return connection.close()
            }
            let answer = server.take(message)
            guard let chunk = message.elements?.last?["chunk"] else { return }
            switch answer {
            case .stayQuiet: break
            case .close: connection.close()
            case .acknowledge:
                connection.write(MessagePackValue.map([.init(.text("ack"), chunk)]).encoded())
            case .acknowledgeSomethingElse:
                connection.write(MessagePackValue.map([.init(.text("ack"), .text("else"))]).encoded())
            }
        }
    }
}

/// Runs `body` with an exporter to a server of `application`.
func withForwardExporter(
    to application: ForwardServer, _ keys: String = "",
    _ body: (RunningForwardExporter) async throws -> Void
) async throws {
    let harness = Harness()
    let server = try await Server.start(
        ServerConfiguration(address: .tcp(host: "127.0.0.1", port: 0)),
        loops: harness.lanes.map { $0.eventLoop }, streams: application, logger: harness.log.logger())
    let running = RunningForwardExporter(server: server, keys: keys, harness: harness)
    do {
        try await body(running)
    } catch {
        await server.shutdown(grace: .zero)
        throw error
    }
    await server.shutdown(grace: .zero)
}
