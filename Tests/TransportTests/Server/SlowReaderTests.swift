import Synchronization
import Testing
import Wire

@testable import Transport

/// Streams to clients that do not read, or not soon.
@Suite struct SlowReaderTests {
    private let box = StreamBox()
    private static let piece = Bytes([UInt8](repeating: 0x7A, count: 32 << 10))

    /// Every answer is a stream.
    private var application: TestApplication {
        var application = TestApplication()
        application.answer = { [box] _, responder in
            box.add(responder.beginStream(status: 200, fields: [:], bound: 64 << 10))
        }
        return application
    }

    /// Sends until nothing more is taken for a moment; returns how many bytes were.
    private func fill(_ stream: ResponseStream) async -> Int {
        var sent = 0
        while sent < 1 << 30, await stream.waitForRoom(Self.piece.count, within: .milliseconds(200)) {
            sent += stream.send(Self.piece) ? Self.piece.count : 0
        }
        return sent
    }

    @Test func `a client that does not read is not waited for, and its connection ends`() async throws {
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            let stream = try #require(await box.begun())
            let sent = await fill(stream)
            #expect(stream.isOpen)
            #expect(stream.unsent > 0)
            #expect(await !stream.waitForRoom(.max, within: .milliseconds(10)))
            stream.abort()
            #expect(!stream.isOpen)
            #expect(await !stream.waitForRoom(1, within: .seconds(60)))
            #expect(await eventually { server.statistics.openConnections == 0 })
            #expect(server.statistics.resetRequests == 1)
            let received = await client.readToEnd() ?? []
            #expect(received.count { $0 == 0x7A } < sent)
        }
    }

    @Test func `a client of HTTP2 that opens no window is not waited for, and keeps its connection`()
        async throws
    {
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send(RawHTTP2.opening + RawHTTP2.post(stream: 1, end: true))
            let stream = try #require(await box.begun())
            // The window of a stream, and what may wait.
            #expect(await fill(stream) < 256 << 10)
            #expect(stream.isOpen)
            #expect(await !stream.waitForRoom(.max, within: .milliseconds(10)))
            stream.abort()
            #expect(await eventually { server.statistics.openRequests == 0 })
            #expect(server.statistics.resetRequests == 1)
            #expect(server.statistics.openConnections == 1)
        }
    }

    @Test func `who waits for everything to be sent is told when the client has read it`() async throws {
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send("GET / HTTP/1.0\r\n\r\n")
            let stream = try #require(await box.begun())
            let sent = await fill(stream)
            async let received = client.readToEnd()
            #expect(await stream.waitForRoom(.max, within: .seconds(60)))
            #expect(stream.unsent == 0)
            stream.finish()
            #expect(await received?.count { $0 == 0x7A } == sent)
        }
    }

    @Test func `a client that reads late gets everything of the last answer`() async throws {
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send("GET / HTTP/1.0\r\n\r\n")
            let stream = try #require(await box.begun())
            let sent = await fill(stream)
            #expect(stream.unsent > 0)
            stream.finish()
            // Longer than the client has for its goodbye.
            let isGone = await eventually(
                { server.statistics.openConnections == 0 }, within: .milliseconds(2500))
            #expect(!isGone)
            #expect(await client.readToEnd()?.count { $0 == 0x7A } == sent)
            #expect(await eventually { server.statistics.openConnections == 0 })
        }
    }

    @Test func `a client that never reads the last answer goes with the write timeout`() async throws {
        try await withServer(application, configure: { $0.writeTimeout = .milliseconds(300) }) { server in
            let client = try RawClient(server)
            client.send("GET / HTTP/1.0\r\n\r\n")
            let stream = try #require(await box.begun())
            let sent = await fill(stream)
            stream.finish()
            #expect(await eventually { server.statistics.openConnections == 0 })
            #expect(await (client.readToEnd() ?? []).count { $0 == 0x7A } < sent)
        }
    }

    @Test func `a stream is not given up while its client goes on reading, however slowly`() async throws {
        try await withServer(application) { server in
            let client = try RawClient(server, receiveBuffer: RawClient.smallBuffer)
            client.send("GET / HTTP/1.0\r\n\r\n")
            let stream = try #require(await box.begun())
            let sent = await fill(stream)
            // The socket takes nothing for longer than this, since much has to be read before it does.
            async let isTaken = stream.waitForRoom(.max, within: .seconds(6))
            let slowly = await client.readSlowly()
            async let rest = client.readToEnd()
            #expect(await isTaken)
            stream.finish()
            #expect(await slowly.count + (rest ?? []).count > sent)
        }
    }
}

extension RawClient {
    /// With so little the other end soon hears of what is read.
    fileprivate static let smallBuffer: CInt = 128 << 10

    /// Reads a little, again and again, for eight seconds: many times on a busy machine, too, in a time that
    /// servers give to one that reads nothing.
    fileprivate func readSlowly() async -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<16 {
            guard await !isClosed(within: 500), let more = await read(count: 256 << 10) else { break }
            bytes += more
        }
        return bytes
    }
}

/// Answers that a client is sent in one piece and reads slowly.
@Suite(.serialized) struct SlowAnswerTests {
    /// More than the sockets between two ends take.
    private static let body = Bytes([UInt8](repeating: 0x7A, count: 12 << 20))

    private var application: TestApplication {
        var application = TestApplication()
        application.answer = { _, responder in
            responder.send(ServerResponse(status: 200, body: Self.body))
        }
        return application
    }

    /// The write timeout and the idle timeout are shorter than what is read slowly takes.
    private static func configure(_ configuration: inout ServerConfiguration) {
        configuration.writeTimeout = .seconds(6)
        configuration.idleTimeout = .seconds(3)
    }

    private static let requests = [
        "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
    ]

    /// Asks, and has the begin of the answer.
    private func ask(_ server: Server, _ request: String) async throws -> (RawClient, begin: [UInt8]) {
        let client = try RawClient(server, receiveBuffer: RawClient.smallBuffer)
        client.send(request)
        return (client, try #require(await client.read(count: 1 << 10)))
    }

    /// How much of the body there is in an answer that arrived in parts.
    private func bodyCount(_ begin: [UInt8], _ rest: [UInt8]...) throws -> Int {
        try begin.count - #require(begin.firstIndex(of: 0x7A)) + rest.reduce(0) { $0 + $1.count }
    }

    @Test(arguments: requests)
    func `a client that reads on gets the whole answer, however slowly`(_ request: String) async throws {
        try await withServer(application, configure: Self.configure) { server in
            let (client, begin) = try await ask(server, request)
            let slowly = await client.readSlowly()
            let rest = await client.readToEnd() ?? []
            #expect(try bodyCount(begin, slowly, rest) == Self.body.count)
            #expect(await eventually { server.statistics.openConnections == 0 })
        }
    }

    @Test(arguments: requests)
    func `a client that reads nothing is let go`(_ request: String) async throws {
        try await withServer(application, configure: { $0.writeTimeout = .seconds(1) }) { server in
            let (client, begin) = try await ask(server, request)
            #expect(await eventually { server.statistics.openConnections == 0 })
            #expect(try bodyCount(begin, await client.readToEnd() ?? []) < Self.body.count)
        }
    }

    @Test(arguments: requests)
    func `a server that stops lets a client read the answer that it has begun`(
        _ request: String
    ) async throws {
        try await withServer(application) { server in
            let (client, begin) = try await ask(server, request)
            async let isDown: Void = server.shutdown(grace: .seconds(30))
            #expect(await !client.isClosed(within: 200))
            #expect(try bodyCount(begin, await client.readToEnd() ?? []) == Self.body.count)
            await isDown
        }
    }

    @Test(arguments: requests)
    func `a client that has said all it wants reads its answer to the end`(_ request: String) async throws {
        try await withServer(application) { server in
            let (client, begin) = try await ask(server, request)
            client.finishSending()
            #expect(await !client.isClosed(within: 200))
            #expect(try bodyCount(begin, await client.readToEnd() ?? []) == Self.body.count)
            #expect(await eventually { server.statistics.openConnections == 0 })
        }
    }
}
