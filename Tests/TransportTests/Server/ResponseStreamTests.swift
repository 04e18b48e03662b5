import Glibc
import NIOCore
import Synchronization
import Testing
import Wire

@testable import Transport

/// The streams that an application has begun, for a test to go on with.
final class StreamBox: Sendable {
    private let streams = Mutex<[ResponseStream]>([])

    var first: ResponseStream? { streams.withLock { $0.first } }

    func add(_ stream: ResponseStream?) { if let stream { streams.withLock { $0.append(stream) } } }

    func forget() { streams.withLock { $0 = [] } }

    /// The stream, once the application has begun it.
    func begun() async -> ResponseStream? {
        _ = await eventually { first != nil }
        return first
    }

    var application: TestApplication {
        var application = TestApplication()
        application.answer = { request, responder in
            var fields: HTTPFields = ["content-type": "text/plain"]
            switch request.path {
            case "/stream": break
            case "/file": fields["content-length"] = "6"
            default:
                responder.send(.text(200, "no stream"))
                return
            }
            self.add(responder.beginStream(status: 200, fields: fields, bound: 64 << 10))
        }
        return application
    }
}

@Suite struct ResponseStreamTests {
    private let box = StreamBox()
    private static let request = HTTP2Request(
        method: "GET", scheme: "http", authority: "x", path: "/stream", fields: [:], body: [])

    @Test func `pieces arrive in order as chunks, and the connection stays`() async throws {
        try await withServer(box.application) { server in
            let client = try RawClient(server)
            client.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
            let stream = try #require(await box.begun())
            #expect(await client.read(until: "\r\n\r\n")?.contains("transfer-encoding: chunked") == true)
            #expect(stream.send(Bytes(utf8: "one")))
            #expect(await client.read(until: "one")?.hasPrefix("3\r\none") == true)
            #expect(stream.send(Bytes(utf8: "two")))
            stream.finish()
            #expect(await client.read(until: "0\r\n\r\n")?.contains("3\r\ntwo\r\n") == true)
            #expect(!stream.send(Bytes(utf8: "three")))
            client.send("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            #expect(await client.textToEnd()?.hasSuffix("no stream") == true)
            #expect(server.statistics.openRequests == 0)
        }
    }

    @Test(arguments: ["onetwo", "one"])
    func `a stream of a known length is no chunks, and ends with its connection`(_ text: String) async throws
    {
        try await withServer(box.application) { server in
            let client = try RawClient(server)
            client.send("GET /file HTTP/1.1\r\nhost: x\r\n\r\n")
            let stream = try #require(await box.begun())
            #expect(stream.send(Bytes(utf8: "one")))
            if text.hasSuffix("two") { #expect(stream.send(Bytes(utf8: "two"))) }
            stream.finish()
            let answer = await client.textToEnd() ?? ""
            #expect(answer.contains("content-length: 6\r\n"))
            #expect(answer.contains("connection: close\r\n"))
            #expect(!answer.contains("chunked"))
            #expect(answer.hasSuffix("\r\n\r\n\(text)"))
        }
    }

    @Test func `a client of HTTP1 0 gets everything up to the end of the connection`() async throws {
        try await withServer(box.application) { server in
            let client = try RawClient(server)
            client.send("GET /stream HTTP/1.0\r\n\r\n")
            let stream = try #require(await box.begun())
            #expect(stream.send(Bytes(utf8: "one")))
            stream.finish()
            let text = await client.textToEnd()
            #expect(text?.hasSuffix("\r\n\r\none") == true)
            #expect(text?.contains("chunked") == false)
        }
    }

    @Test func `who waits for room goes on when the client reads`() async throws {
        try await withServer(box.application) { server in
            let client = try RawClient(server)
            client.send("GET /stream HTTP/1.0\r\n\r\n")
            let stream = try #require(await box.begun())
            // More than the sockets take.
            let piece = Bytes([UInt8](repeating: 120, count: 32 << 10))
            let sending = Task {
                var sent = 0
                while sent < 400, await stream.waitForRoom(piece.count, within: .seconds(60)) {
                    sent += stream.send(piece) ? 1 : 0
                }
                stream.finish()
                return sent
            }
            let received = await client.readToEnd() ?? []
            #expect(await sending.value == 400)
            #expect(received.count { $0 == 120 } >= 400 * piece.count)
        }
    }

    @Test func `a client that goes away ends its stream`() async throws {
        try await withServer(box.application) { server in
            var client: RawClient? = try RawClient(server)
            client?.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
            let stream = try #require(await box.begun())
            #expect(stream.isOpen)
            _ = await client?.read(until: "\r\n\r\n")
            client = nil
            await stream.ended()
            #expect(!stream.isOpen)
            #expect(await eventually { server.statistics.openRequests == 0 })
            #expect(server.statistics.resetRequests == 1)
        }
    }

    @Test func `what waits to be sent is bounded, and room comes back when the client reads`() async throws {
        try await withServer(box.application) { server in
            let client = try RawClient(server)
            client.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
            let stream = try #require(await box.begun())
            let piece = Bytes([UInt8](repeating: 0x7A, count: 32 << 10))
            var sent = 0
            // The buffers of the operating system take some megabytes before anything waits for long.
            while sent < 10_000 {
                if stream.send(piece) {
                    sent += 1
                } else if await !eventually({ stream.unsent == 0 }, within: .milliseconds(500)) {
                    break
                }
            }
            #expect(sent < 10_000)
            #expect(stream.unsent <= 64 << 10)
            async let text = client.read(until: "0\r\n\r\n")
            #expect(await eventually { stream.unsent == 0 })
            #expect(stream.send(piece))
            stream.finish()
            #expect(await text?.count { $0 == "z" } == (sent + 1) * piece.count)
        }
    }

    @Test func `a drained connection ends its streams`() async throws {
        try await withServer(box.application) { server in
            let client = try RawClient(server)
            client.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
            let stream = try #require(await box.begun())
            #expect(stream.send(Bytes(utf8: "last")))
            async let text = client.textToEnd()
            await server.shutdown(grace: .seconds(30))
            #expect(await text?.hasSuffix("4\r\nlast\r\n0\r\n\r\n") == true)
            #expect(!stream.isOpen)
        }
    }

    @Test func `a stream that is forgotten ends, and HEAD gets the head alone`() async throws {
        try await withServer(box.application) { server in
            let client = try RawClient(server)
            client.send("GET /stream HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await box.begun() != nil)
            box.forget()
            #expect(await client.read(until: "0\r\n\r\n") != nil)
            client.send("HEAD /stream HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            #expect(await client.textToEnd()?.hasSuffix("\r\n\r\n") == true)
            #expect(await box.begun()?.isOpen == false)
        }
    }

    @Test func `streams work over HTTP2`() async throws {
        try await withServer(box.application) { server in
            let client = try await TestClient.connect(to: server)
            async let response = client.send(Self.request)
            let stream = try #require(await box.begun())
            #expect(stream.send(Bytes(utf8: "one")))
            #expect(await eventually { stream.unsent == 0 })
            #expect(stream.send(Bytes(utf8: "two")))
            stream.finish()
            #expect(try await response.get().body.string == "onetwo")
            #expect(await eventually { server.statistics.openRequests == 0 })
            await client.close()
        }
    }

    @Test func `a client of HTTP2 that goes away, and a drain, end streams`() async throws {
        try await withServer(box.application) { server in
            let client = try await TestClient.connect(to: server)
            async let response = client.send(Self.request)
            let stream = try #require(await box.begun())
            await client.close()
            await stream.ended()
            #expect(await (try? response.get()) == nil)
            box.forget()
            let second = try await TestClient.connect(to: server)
            async let answer = second.send(Self.request)
            #expect(await box.begun()?.send(Bytes(utf8: "last")) == true)
            await server.shutdown(grace: .seconds(30))
            #expect(try await answer.get().body.string == "last")
        }
    }

    @Test func `the user at the other end of a unix socket is known`() async throws {
        let path = "/tmp/apus-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
        var application = TestApplication()
        application.answer = { request, responder in
            responder.send(.text(200, "user \(request.head.connection.userID.map { "\($0)" } ?? "none")"))
        }
        try await withServer(application, address: .unix(path: path)) { server in
            let client = try RawClient(server)
            client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(await client.textToEnd()?.hasSuffix("user \(getuid())") == true)
        }
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(await client.textToEnd()?.hasSuffix("user none") == true)
        }
    }
}
