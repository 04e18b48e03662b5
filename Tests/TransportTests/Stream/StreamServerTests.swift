import Foundation
import Logging
import NIOCore
import NIOEmbedded
import Testing
import Wire

@testable import Transport

@Suite struct StreamServerTests {
    private let application = LineServer()

    @Test func `messages are handed over whole and answered`() async throws {
        try await withStreamServer(application) { server, _ in
            let client = try RawClient(server)
            client.send("on")
            client.send("e\ntwo\nthr")
            #expect(await client.read(until: "two\n") == "one\ntwo\n")
            client.send("ee\n")
            #expect(await client.read(until: "\n") == "three\n")
            #expect(application.lines == ["one", "two", "three"])
        }
    }

    @Test func `the server may speak first`() async throws {
        let application = LineServer(greeting: "hello\n")
        try await withStreamServer(application) { server, _ in
            let client = try RawClient(server)
            #expect(await client.read(until: "\n") == "hello\n")
        }
    }

    @Test func `nothing is handed over while the handler is busy`() async throws {
        try await withStreamServer(application) { server, _ in
            let client = try RawClient(server)
            client.send("w1\n")
            #expect(await client.read(until: "\n") == "w1\n")
            client.send("two\n")
            #expect(await eventually { application.waiting == 1 })
            #expect(application.lines == ["w1"])
            application.goOn()
            #expect(await client.read(until: "two\n") == "done\ntwo\n")
        }
    }

    @Test func `a client that is faster than the handler has to wait`() async throws {
        try await withStreamServer(application) { server, _ in
            let client = try RawClient(server)
            client.send("w\n")
            #expect(await client.read(until: "\n") == "w\n")
            let line = String(repeating: "s", count: 1 << 20) + "\n"
            // What the operating system keeps on both sides is far below this.
            async let sent = elsewhere { (0..<32).prefix { _ in client.send(line) }.count }
            #expect(await eventually { application.waiting == 1 })
            #expect(application.lines.count == 1)
            application.goOn()
            let count = await sent
            #expect(count == 32)
            #expect(await eventually { application.lines.count == 33 })
        }
    }

    @Test func `what was sent before the end of a connection is handed over, and answered`() async throws {
        try await withStreamServer(application) { server, _ in
            let client = try RawClient(server)
            client.send("w1\ntwo\nhalf")
            client.finishSending()
            #expect(await eventually { application.waiting == 1 })
            application.goOn()
            #expect(await client.textToEnd() == "w1\ntwo\ndone\n")
            #expect(await eventually { application.closed == 1 })
        }
    }

    @Test func `a handler that is done says everything before the end`() async throws {
        try await withStreamServer(application) { server, _ in
            let client = try RawClient(server)
            client.send("one\nquit\n")
            #expect(await client.textToEnd() == "one\nquit\n")
        }
    }

    @Test func `a handler that finds a fault gets nothing more`() async throws {
        try await withStreamServer(application) { server, _ in
            let client = try RawClient(server)
            client.send("!one\n")
            #expect(await client.textToEnd() == "")
            #expect(application.lines.isEmpty)
            #expect(await eventually { application.closed == 1 })
        }
    }

    @Test func `so does one that finds it behind the end of what the client sends`() throws {
        let channel = EmbeddedChannel()
        let configuration = ServerConfiguration(address: .tcp(host: "localhost", port: 0))
        let context = ServerContext(
            configuration: configuration, application: TestApplication(), streams: application,
            logger: Logger(label: "test"), statistics: ServerStatistics())
        let lane = ServerLane(index: 0, loop: channel.embeddedEventLoop, context: context)
        try lane.setUp(channel, peer: "test")
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/test"), promise: nil)
        try channel.writeInbound(ByteBuffer(string: "w1\n"))
        try channel.writeInbound(ByteBuffer(string: "!two\n"))
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        application.goOn()
        channel.embeddedEventLoop.run()
        #expect(application.closed == 1)
        #expect(application.lines == ["w1"])
        #expect(context.budget.used == 0)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `at the end of the server busy handlers finish`() async throws {
        try await withStreamServer(application) { server, _ in
            let (idle, busy) = (try RawClient(server), try RawClient(server))
            busy.send("w1\n")
            #expect(await busy.read(until: "\n") == "w1\n")
            #expect(await eventually { application.waiting == 1 })
            async let stopped: Void = server.shutdown(grace: .seconds(30))
            #expect(await idle.textToEnd() == "")
            application.goOn()
            #expect(await busy.textToEnd() == "done\n")
            await stopped
        }
    }

    @Test func `messages that do not fit into the budget wait, and are given up in the end`() async throws {
        let memory = FakeServerMemory()
        try await withStreamServer(application) { configuration in
            configuration.maxBufferedBytes = 1 << 20
            configuration.memory = memory
        } _: { server, _ in
            let clients = try (0..<3).map { _ in try RawClient(server) }
            let part = String(repeating: "x", count: 600 << 10)
            for client in clients { _ = await elsewhere { client.send(part) } }
            for client in clients { _ = await elsewhere { client.send(part) } }
            // Not all of them can have been read: together they are 3.5 MiB.
            #expect(await eventually({ application.closed > 0 }, within: .seconds(30)))
            #expect(application.closed < 3)
            #expect(memory.refusals == application.closed)
        }
    }

    /// Runs what may block on a thread of its own.
    private func elsewhere<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }
}
