import NIOCore
import NIOPosix
import Testing
import Wire

@testable import Transport

@Suite struct WebSocketClientTests {
    private let near = RecordingHandler()
    private let far = RecordingHandler.echo()

    /// How opening a socket fails.
    private func failure(
        _ url: String, configure: (inout WebSocketClient.Request) -> Void = { _ in }
    ) async throws -> WebSocketClient.Failure? {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var request = WebSocketClient.Request(url: url)
        request.proxy = .direct
        configure(&request)
        var failure: WebSocketClient.Failure?
        do throws(WebSocketClient.Failure) {
            _ = try await WebSocketClient.connect(request, handler: near, on: group.next())
        } catch { failure = error }
        try await group.shutdownGracefully()
        return failure
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536, 300_000])
    func `messages of all sizes go there and back`(size: Int) async throws {
        try await withServer(far.application) { server in
            try await withWebSocket(to: server.address, handler: near) { socket in
                let text = String(repeating: "z", count: size)
                #expect(
                    socket.send([Bytes(utf8: String(text.prefix(3))), Bytes(utf8: String(text.dropFirst(3)))])
                )
                #expect(await eventually { !near.seen.messages.isEmpty })
                #expect(near.seen.messages == ["binary " + text])
                socket.close(code: 4000, reason: "enough")
                #expect(await eventually { far.seen.closings == ["4000 enough"] })
                #expect(await eventually { near.seen.closings == ["4000 "] })
            }
        }
    }

    @Test func `the request carries path, query and fields, and the answer's early message arrives`()
        async throws
    {
        let greeter = RecordingHandler()
        var application = TestApplication()
        application.admission = { head in
            guard head.path == "/a/b", head.query == "c=d", head.fields["authorization"] == "Bearer x",
                head.fields.all("host").count == 1
            else { return .refuse(.text(400, "wrong")) }
            return .upgrade(.init(handler: greeter, fields: ["x-more": "y"]))
        }
        try await withServer(application) { server in
            try await withWebSocket(
                to: server.address, handler: near,
                configure: {
                    $0.url = "http://\(server.address)/a/b?c=d"
                    $0.fields = ["authorization": "Bearer x", "host": "elsewhere"]
                }
            ) { socket in
                #expect(await eventually { greeter.socket?.send([Bytes(utf8: "hi")]) == true })
                #expect(await eventually { near.seen.messages == ["binary hi"] })
                socket.ping()
                #expect(await eventually { near.seen.pongs == 1 })
            }
        }
    }

    @Test(.enabled(if: TestCertificates.canBeMade)) func `TLS is spoken, through a proxy too`() async throws {
        let certificates = try TestCertificates()
        try certificates.makeAuthority("authority")
        try certificates.make("server", by: "authority", alternative: "DNS:target.example")
        let tls = try ServerTLS(.init(identity: certificates.identity("server")), logger: .silent)
        var options = ClientTLS.Options()
        options.authorities = .file(certificates.path("authority.crt"))
        let clientTLS = try ClientTLS(options, logger: .silent)
        try await withServer(far.application, configure: { $0.tls = tls }) { server in
            let proxy = TunnelProxy(to: server.address)
            let address = try await proxy.start()
            try await withWebSocket(
                to: server.address, handler: near,
                configure: {
                    $0.url = "wss://target.example/x"
                    $0.proxy = .url(address.description)
                    $0.tls = clientTLS
                }
            ) { socket in
                #expect(socket.send([Bytes(utf8: "secret")]))
                #expect(await eventually { near.seen.messages == ["binary secret"] })
                #expect(far.socket?.peer.isTLS == true)
            }
            #expect(proxy.targets == ["target.example:443"])
            try await proxy.stop()
        }
    }

    @Test func `plain text goes through a tunnel, too`() async throws {
        try await withServer(far.application) { server in
            let proxy = TunnelProxy(to: server.address)
            let address = try await proxy.start()
            try await withWebSocket(
                to: server.address, handler: near,
                configure: {
                    $0.url = "ws://target.example:4320/x"
                    $0.proxy = .url(address.description)
                }
            ) { socket in
                #expect(socket.send([Bytes(utf8: "plain")]))
                #expect(await eventually { near.seen.messages == ["binary plain"] })
            }
            #expect(proxy.targets == ["target.example:4320"])
            try await proxy.stop()
        }
    }

    @Test func `a refusal tells what the server said`() async throws {
        var application = TestApplication()
        application.admission = { _ in
            var response = ServerResponse.text(503, "come back later")
            response.fields.add("retry-after", "37")
            response.fields.add("location", "http://elsewhere")
            return .refuse(response)
        }
        try await withServer(application) { server in
            guard case .refused(let refusal) = try await failure("ws://\(server.address)/x") else {
                Issue.record("not refused")
                return
            }
            #expect(refusal.status == 503)
            #expect(refusal.retryAfter == .seconds(37))
            #expect(refusal.location == "http://elsewhere")
            #expect(refusal.body.string == "come back later")
            #expect(near.seen == .init())
        }
    }

    @Test(arguments: [
        (
            "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: no\r\n\r\n",
            "fit"
        ),
        ("HTTP/1.1 101 X\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n", "another protocol"),
        ("what?\r\n\r\n", "invalid"),
    ])
    func `an answer that is none is a broken protocol`(answer: String, reason: String) async throws {
        try await withRawServer { _, received in
            String(decoding: received, as: UTF8.self).contains("\r\n\r\n")
                ? .sayAndClose(Array(answer.utf8)) : .wait
        } _: { _, address in
            guard case .failed(let error) = try await failure("ws://\(address)/x") else {
                Issue.record("not failed")
                return
            }
            #expect(error.kind == .protocolError)
            #expect(error.message.contains(reason))
        }
    }

    @Test(arguments: [
        "localhost:1/x", "ftp://h/", "ws://", "ws://h:0/", "ws://user:word@h/", "ws://h/#f", "ws://h/a b",
        "wss://h/",
    ])
    func `an address that cannot be used is named`(url: String) async throws {
        guard case .failed(let error) = try await failure(url) else {
            Issue.record("not failed")
            return
        }
        #expect(error.kind == .invalidAddress)
        #expect(!error.message.contains("word"))
    }

    @Test func `nobody there is told as it is`() async throws {
        guard case .failed(let error) = try await failure("ws://\(closedPort())/x") else {
            Issue.record("not failed")
            return
        }
        #expect(error.kind == .connectFailed)
    }

    @Test func `a server that says nothing is given up, by time or by the caller`() async throws {
        try await withRawServer { _, _ in
            .wait
        } _: { server, address in
            let late = try await failure("ws://\(address)/x") { $0.connectTimeout = .milliseconds(50) }
            guard case .failed(let error) = late else {
                Issue.record("not failed")
                return
            }
            #expect(error.kind == .timeout)
            let before = server.connections
            let task = Task { try await failure("ws://\(address)/x") }
            #expect(await eventually { server.connections > before })
            task.cancel()
            guard case .failed(let error) = try await task.value else {
                Issue.record("not cancelled")
                return
            }
            #expect(error.kind == .cancelled)
        }
    }

    @Test func `a message over the limit closes the socket`() async throws {
        try await withServer(far.application) { server in
            try await withWebSocket(
                to: server.address, handler: near, configure: { $0.limits.maxMessageBytes = 10 }
            ) { socket in
                #expect(socket.send([Bytes(utf8: "0123456789A")]))
                #expect(await eventually { far.seen.closings.first?.hasPrefix("1009 ") == true })
                #expect(near.seen.messages.isEmpty)
            }
        }
    }
}
