import NIOCore
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite struct HTTP1ServerTests {
    /// What a server says to a client that sends this and then waits for the end.
    private func say(
        _ text: String, to application: TestApplication = TestApplication(),
        configure: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> String {
        try await withServer(application, configure: configure) { server in
            let client = try RawClient(server)
            client.send(text)
            return try #require(await client.textToEnd())
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        let requests = (0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
        let last = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        let text = try await say(requests + last)
        let paths = text.split(separator: "GET ").dropFirst().map { $0.split(separator: " ")[0] }
        #expect(paths == (0..<20).map { "/\($0)" } + ["/last"])
        #expect(text.contains("connection: close"))
    }

    @Test func `pipelined requests that are answered later and from elsewhere keep their order`() async throws
    {
        var application = TestApplication()
        application.answer = { request, responder in
            Task { responder.send(ServerResponse(status: 200, body: Bytes(utf8: "<\(request.path)>"))) }
        }
        let requests = (0..<20).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
        let text = try await say(
            requests + "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", to: application)
        let paths = text.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
        #expect(paths == (0..<20).map { "/\($0)" } + ["/last"])
    }

    @Test func `chunked bodies are put together`() async throws {
        let text = try await say(
            "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
        #expect(text.hasSuffix("POST /x abcdefg"))
    }

    @Test func `a client that asks is told to go on`() async throws {
        try await withServer { server in
            let client = try RawClient(server)
            client.send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(await client.read(until: "\r\n\r\n")?.hasPrefix("HTTP/1.1 100 Continue\r\n") == true)
            client.send("abc")
            #expect(await client.read(until: "abc")?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
        }
    }

    @Test func `a client that asks is told no without its body`() async throws {
        var application = TestApplication()
        application.admission = { _ in .refuse(.text(401, "who are you?")) }
        let text = try await say(
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\nExpect: 100-continue\r\n\r\n",
            to: application)
        #expect(text.hasPrefix("HTTP/1.1 401 Unauthorized\r\n"))
        #expect(text.hasSuffix("who are you?"))
    }

    @Test func `a refused request with a small body leaves the connection usable`() async throws {
        var application = TestApplication()
        application.admission = { $0.path == "/no" ? .refuse(.text(403, "no")) : .accept(maxBodySize: 9) }
        let text = try await say(
            "POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                + "POST /yes HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\ndef",
            to: application)
        #expect(text.hasPrefix("HTTP/1.1 403 Forbidden\r\n"))
        #expect(text.hasSuffix("POST /yes def"))
    }

    @Test(arguments: [
        "Content-Length: 2000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n1E8480\r\n",
    ])
    func `bodies over the limit are 413 while they arrive`(rest: String) async throws {
        let body = String(repeating: "x", count: 2_000_000)
        let text = try await say("POST /x HTTP/1.1\r\nHost: a\r\n\(rest)\(body)")
        #expect(text.hasPrefix("HTTP/1.1 413 "))
    }

    @Test(arguments: [
        "NONSENSE\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ])
    func `what is not HTTP is 400 and the end`(text: String) async throws {
        #expect(try await say(text).hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "v", count: 70_000) + "\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "v", count: 1_000_000),
        "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 300) + "\r\n",
        "GET /" + String(repeating: "v", count: 1_000_000),
    ])
    func `heads over the limit are refused before they end`(text: String) async throws {
        let answer = try await say(text)
        #expect(answer.hasPrefix("HTTP/1.1 431 ") || answer.hasPrefix("HTTP/1.1 400 "))
    }

    @Test func `HEAD is answered with the length and without the body`() async throws {
        let text = try await say("HEAD /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(text.contains("content-length: 8\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func `HTTP/1.0 clients get their answer and the end`() async throws {
        let text = try await say("GET /x HTTP/1.0\r\n\r\n")
        #expect(text.hasPrefix("HTTP/1.0 200 OK\r\n"))
        #expect(text.hasSuffix("GET /x "))
    }

    @Test func `a client that has closed its side still gets its answer`() async throws {
        try await withServer { server in
            let client = try RawClient(server)
            client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            client.finishSending()
            #expect(await client.textToEnd()?.hasSuffix("GET /x ") == true)
        }
    }

    @Test func `pipelined requests are all answered after the client has closed its side`() async throws {
        var application = TestApplication()
        application.answer = { request, responder in
            Task { responder.send(ServerResponse(status: 200, body: Bytes(utf8: "<\(request.path)>"))) }
        }
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send((0..<5).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            client.finishSending()
            let text = try #require(await client.textToEnd())
            let paths = text.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            #expect(paths == ["/0", "/1", "/2", "/3", "/4"])
        }
    }

    @Test func `trailers follow a chunked body`() async throws {
        var application = TestApplication()
        application.answer = { _, responder in
            responder.send(
                ServerResponse(status: 200, body: Bytes(utf8: "abc"), trailers: ["t": "v"]))
        }
        let text = try await say("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", to: application)
        #expect(text.contains("transfer-encoding: chunked\r\n"))
        #expect(text.hasSuffix("3\r\nabc\r\n0\r\nt: v\r\n\r\n"))
    }

    @Test(arguments: ["", "GET / HTTP/1.1\r\nHo"])
    func `headers that do not come in time end the connection`(text: String) async throws {
        let answer = try await say(text) { $0.readHeaderTimeout = .milliseconds(50) }
        #expect(answer.isEmpty)
    }

    @Test func `a body that does not come in time ends the connection`() async throws {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na"
        #expect(try await say(text) { $0.readTimeout = .milliseconds(50) }.isEmpty)
    }

    @Test func `an idle connection is closed`() async throws {
        let text = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
        let answer = try await say(text) { $0.idleTimeout = .milliseconds(50) }
        #expect(answer.hasSuffix("GET /x "))
    }

    @Test func `a forgotten request is answered with an error`() async throws {
        var application = TestApplication()
        application.answer = { _, _ in }
        let text = try await say("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", to: application)
        #expect(text.hasPrefix("HTTP/1.1 500 "))
    }
}
