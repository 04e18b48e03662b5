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
}
