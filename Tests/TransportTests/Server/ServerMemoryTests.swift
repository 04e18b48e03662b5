import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import Wire

@testable import Transport

/// What servers do while the process has no memory.
@Suite struct ServerMemoryTests {
    private let memory = FakeServerMemory()

    private static let head = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n"

    @Test func `without memory a request over HTTP/1_1 is refused before its body`() async throws {
        memory.isOpen = false
        try await withServer(configure: { $0.memory = memory }) { server in
            let client = try RawClient(server)
            client.send(Self.head)
            let answer = try #require(await client.read(until: "memory"))
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
            #expect(answer.contains("retry-after: 1\r\n"))
            #expect(memory.refusals == 1)
            // The body is thrown away, and the connection is good for a request when there is memory again.
            memory.isOpen = true
            client.send("abcdef" + Self.head + "ghijkl")
            #expect(await client.read(until: "POST /x ghijkl") != nil)
        }
    }

    @Test func `without memory a request over HTTP/2 is refused before its body`() async throws {
        memory.isOpen = false
        try await withServer(configure: { $0.memory = memory }) { server in
            let client = try RawClient(server)
            client.send(RawHTTP2.opening + RawHTTP2.post(stream: 1))
            #expect(await client.read(until: "the server has no memory") != nil)
            #expect(memory.refusals == 1)
            memory.isOpen = true
            client.send(RawHTTP2.frame(0, flags: 1, stream: 1, Array("abc".utf8)))
            client.send(RawHTTP2.post(stream: 3) + RawHTTP2.frame(0, flags: 1, stream: 3, Array("def".utf8)))
            #expect(await client.read(until: "POST / def") != nil)
        }
    }

    @Test func `what the application refuses is not for want of memory`() async throws {
        memory.isOpen = false
        var application = TestApplication()
        application.admission = { _ in .refuse(.text(404, "nothing here")) }
        try await withServer(application, configure: { $0.memory = memory }) { server in
            let client = try RawClient(server)
            client.send(Self.head)
            #expect(await client.read(until: "nothing here")?.hasPrefix("HTTP/1.1 404 ") == true)
            #expect(memory.refusals == 0)
        }
    }

    @Test(arguments: [
        Array((Self.head + "abcdef").utf8), RawHTTP2.opening + RawHTTP2.post(stream: 1, end: true),
    ])
    func `sockets are not read until there is memory`(request: [UInt8]) async throws {
        try await withServer(configure: { $0.memory = memory }) { server in
            let client = try RawClient(server)
            // A first look lets the connection be accepted before reading ends.
            #expect(await eventually { server.statistics.acceptedConnections == 1 })
            memory.isReadable = false
            client.send("\(Self.head)abcdef")
            let before = memory.questions
            #expect(await eventually { memory.questions > before + 3 })
            let seen = server.statistics.requests
            let other = try RawClient(server)
            other.send(request)
            #expect(await eventually { memory.questions > before + 10 })
            #expect(server.statistics.requests == seen)
            #expect(server.statistics.acceptedConnections == 1)
            memory.isReadable = true
            #expect(await other.read(until: "POST /") != nil)
            #expect(await client.read(until: "POST /x abcdef") != nil)
        }
    }

    @Test(arguments: [
        (Array((Self.head + "abc").utf8), "HTTP/1.1 503 "),
        (
            RawHTTP2.opening + RawHTTP2.post(stream: 1) + RawHTTP2.frame(0, stream: 1, [1, 2, 3]),
            "the server has no memory"
        ),
    ])
    func `bodies that cannot become complete give their memory back after a while`(
        request: [UInt8], answer: String
    ) throws {
        let channel = EmbeddedChannel()
        let loop = channel.embeddedEventLoop
        try makeLane(loop).setUp(channel, peer: "test")
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/test"), promise: nil)
        try channel.writeInbound(ByteBuffer(bytes: request))
        memory.isReadable = false
        channel.read()
        loop.advanceTime(by: ReadGates.patience - .milliseconds(100))
        #expect(try !output(of: channel).contains(answer))
        loop.advanceTime(by: .milliseconds(200))
        #expect(try output(of: channel).contains(answer))
        #expect(memory.refusals == 1)
        _ = try channel.finish(acceptAlreadyClosed: true)
    }

    @Test func `a body for which there is no room is refused, and one that grows gets what there is`() {
        let budget = BodyBudget(limit: 1 << 20, memory: memory)
        memory.room = 1000
        #expect(budget.reserve(1000))
        #expect(!budget.reserve(1001))
        #expect(budget.reserveArrived(1000))
        #expect(!budget.reserveArrived(1001))
        #expect(budget.used == 2000)
    }

    private func makeLane(_ loop: any EventLoop) -> ServerLane {
        var configuration = ServerConfiguration(address: .tcp(host: "localhost", port: 0))
        configuration.memory = memory
        let context = ServerContext(
            configuration: configuration, application: TestApplication(), logger: Logger(label: "test"),
            statistics: ServerStatistics())
        return ServerLane(index: 0, loop: loop, context: context)
    }

    private func output(of channel: EmbeddedChannel) throws -> String {
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }
}
