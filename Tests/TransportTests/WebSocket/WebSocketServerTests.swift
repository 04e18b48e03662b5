import Synchronization
import Testing
import Wire

@testable import Transport

@Suite struct WebSocketServerTests {
    private let handler = RecordingHandler.echo()

    @Test func `a connection becomes a WebSocket and says goodbye as it should`() async throws {
        try await withServer(handler.application) { server in
            let client = try RawClient(server)
            let answer = await client.openWebSocket()
            #expect(answer?.hasPrefix("HTTP/1.1 101 ") == true)
            #expect(answer?.contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == true)
            client.send(RawFrame.make(RawFrame.binary, "hello"))
            #expect(await client.read(until: "hello") == "\u{FFFD}\u{05}hello")
            client.send(RawFrame.make(RawFrame.close, RawFrame.goodbye(1000) + Array("bye".utf8)))
            #expect(await client.readToEnd() == [0x88, 0x02, 0x03, 0xE8])
            #expect(await eventually { server.statistics.openConnections == 0 })
            #expect(
                handler.seen
                    == .init(sockets: 1, messages: ["binary hello"], pongs: 0, closings: ["1000 bye"]))
            #expect(server.statistics.openRequests == 0)
            #expect(server.statistics.resetRequests == 0)
        }
    }

    @Test func `what follows the request at once is not lost`() async throws {
        try await withServer(handler.application) { server in
            let client = try RawClient(server)
            client.send(Array(RawClient.upgrade.utf8) + RawFrame.make(RawFrame.binary, "early"))
            #expect(await client.read(until: "early") != nil)
            #expect(handler.seen.messages == ["binary early"])
        }
    }

    @Test func `the request may come in pieces, after others, and the buffers may go at once`() async throws {
        var application = handler.application
        let handler = handler
        application.admission = { head in
            head.asksForWebSocket ? .upgrade(.init(handler: handler)) : .accept(maxBodySize: 100)
        }
        try await withServer(application, configure: { $0.keepsReadBuffers = false }) { server in
            let client = try RawClient(server)
            client.send("GET /before HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await client.read(until: "GET /before ") != nil)
            for byte in RawClient.upgrade.utf8 { client.send([byte]) }
            #expect(await client.read(until: "\r\n\r\n")?.hasPrefix("HTTP/1.1 101 ") == true)
            let long = String(repeating: "x", count: 100_000) + "end"
            client.send(RawFrame.make(RawFrame.binary, long))
            client.finishSending()
            let answer = await client.readToEnd()
            #expect(answer?.count == 4 + 6 + long.utf8.count)
            #expect(answer?.suffix(3) == Array("end".utf8)[...])
        }
    }

    @Test(arguments: [
        ("Upgrade: WebSocket\r\n", "", "426", "sec-websocket-version: 13"),
        ("keep-alive, Upgrade", "keep-alive", "426", "upgrade: websocket"),
        ("Version: 13", "Version: 8", "426", "sec-websocket-version: 13"),
        ("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZ", "400", "sec-websocket-key"),
        ("dGhlIHNhbXBsZSBub25jZQ==", "dGhl/HNhbXBsZSBub25jZQ!!", "400", "sec-websocket-key"),
        ("GET", "POST", "400", "GET"),
        ("host: x\r\n", "host: x\r\ncontent-length: 1\r\n", "400", "body"),
        ("Sec-WebSocket-Key", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nx", "101", ""),
    ])
    func `a request that is not right is refused`(
        part: String, other: String, status: String, hint: String
    ) async throws {
        try await withServer(handler.application) { server in
            let client = try RawClient(server)
            client.send(RawClient.upgrade.replacing(part, with: other))
            let answer = await client.read(until: "\r\n\r\n")
            #expect(answer?.hasPrefix("HTTP/1.1 \(status) ") == true)
            #expect(answer?.contains(hint) == true || hint.isEmpty)
            // The answer is on its way before the handler has its socket.
            let sockets = status == "101" ? 1 : 0
            #expect(await eventually { handler.seen.sockets == sockets })
        }
    }

    @Test func `an application may answer otherwise, and the connection ends with that`() async throws {
        var application = TestApplication()
        application.admission = { _ in .refuse(.text(401, "who are you?")) }
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send(RawClient.upgrade)
            #expect(await client.textToEnd()?.hasPrefix("HTTP/1.1 401 ") == true)
        }
    }

    @Test(
        arguments: [
            ([0x82, 0x01, 0x41], 1002), (RawFrame.make(RawFrame.text, [0xFF]), 1007),
            ([0x82, 0xFF, 0, 0, 0, 0, 0, 0x40, 0, 1, 1, 2, 3, 4], 1009),
        ] as [([UInt8], UInt16)])
    func `who breaks the rules is told the code and is not listened to`(
        bytes: [UInt8], code: UInt16
    ) async throws {
        try await withServer(handler.application) { server in
            let client = try RawClient(server)
            _ = await client.openWebSocket()
            client.send(bytes + RawFrame.make(RawFrame.binary, "more"))
            client.finishSending()
            let answer = await client.readToEnd()
            #expect(answer?.first == 0x88)
            #expect(answer?.dropFirst(2).prefix(2) == RawFrame.goodbye(code)[...])
            #expect(await eventually { !handler.seen.closings.isEmpty })
            #expect(handler.seen.closings.first?.hasPrefix("\(code) ") == true)
            #expect(handler.seen.messages.isEmpty)
        }
    }

    @Test func `pings are answered and pongs are told`() async throws {
        try await withServer(handler.application) { server in
            let client = try RawClient(server)
            _ = await client.openWebSocket()
            client.send(RawFrame.make(RawFrame.ping, "now"))
            #expect(await client.read(until: "now") == "\u{FFFD}\u{03}now")
            handler.socket?.ping()
            client.send(RawFrame.make(RawFrame.pong, ""))
            #expect(await eventually { handler.seen.pongs == 1 })
        }
    }

    @Test func `who does not read is bounded, and gets what waits when it reads on`() async throws {
        let taken = Atomic<Int>(0)
        let unsent = Atomic<Int>(0)
        let chunk = Bytes([UInt8](repeating: 1, count: 64 << 10))
        let handler = RecordingHandler { _, socket in
            while socket.send([chunk]) { taken.add(chunk.count, ordering: .relaxed) }
            unsent.store(socket.unsent, ordering: .relaxed)
            socket.close(code: 1013, reason: "slow")
            #expect(!socket.send([chunk]))
        }
        try await withServer(handler.application) { server in
            let client = try RawClient(server)
            _ = await client.openWebSocket()
            client.send(RawFrame.make(RawFrame.binary, "go"))
            client.finishSending()
            #expect(await eventually { handler.socket?.isOpen == false })
            let everything = await client.readToEnd()
            #expect(everything.map { $0.count > taken.load(ordering: .relaxed) } == true)
            #expect(everything?.suffix(4) == Array("slow".utf8)[...])
            #expect((1...256 << 10).contains(unsent.load(ordering: .relaxed)))
            #expect(await eventually { handler.seen.closings == ["1013 slow"] })
            #expect(handler.socket?.unsent == 0)
        }
    }

    @Test func `one message may be larger than the bound`() async throws {
        try await withServer(handler.application) { server in
            let client = try RawClient(server)
            _ = await client.openWebSocket()
            let socket = try #require(handler.socket)
            let half = Bytes([UInt8](repeating: 65, count: 400 << 10))
            #expect(socket.send([half, Bytes(utf8: "the end")]))
            #expect(await client.read(until: "the end")?.utf8.count ?? 0 > 400 << 10)
        }
    }

    @Test func `a client that goes away is told as gone`() async throws {
        try await withServer(handler.application) { server in
            var client: RawClient? = try RawClient(server)
            _ = await client?.openWebSocket()
            client = nil
            #expect(await eventually { handler.seen.closings == ["gone"] })
            #expect(handler.socket?.send([Bytes(utf8: "x")]) == false)
            #expect(await eventually { server.statistics.openConnections == 0 })
        }
    }

    @Test func `silent clients are pinged, and closed when they stay silent`() async throws {
        try await withServer(
            handler.application,
            configure: {
                $0.webSockets.pingAfter = .milliseconds(1)
                $0.webSockets.pongTimeout = .milliseconds(1)
            }
        ) { server in
            let client = try RawClient(server)
            client.send(RawClient.upgrade)
            #expect(await client.readToEnd()?.suffix(6) == [0x0D, 0x0A, 0x0D, 0x0A, 0x89, 0x00])
            #expect(handler.seen.closings == ["1001 it does not answer"])
        }
    }

    @Test func `everybody is told to go, and who does not go is closed`() async throws {
        try await withServer(handler.application, loops: 2) { server in
            var clients: [RawClient] = []
            for _ in 0..<20 {
                let client = try RawClient(server)
                _ = await client.openWebSocket()
                clients.append(client)
            }
            await server.closeWebSockets(code: 1012, reason: "restart", over: .milliseconds(100))
            for client in clients {
                #expect(await client.read(until: "restart") == "\u{FFFD}\u{09}\u{03}\u{FFFD}restart")
            }
            await server.shutdown(grace: .zero)
            for client in clients { #expect(await client.readToEnd() == []) }
            #expect(handler.seen.closings == [String](repeating: "1012 restart", count: 20))
        }
    }

    @Test func `a server that stops says so`() async throws {
        try await withServer(handler.application) { server in
            let client = try RawClient(server)
            _ = await client.openWebSocket()
            await server.shutdown(grace: .zero)
            let answer = await client.readToEnd()
            #expect(answer?.dropFirst(2).prefix(2) == RawFrame.goodbye(1001)[...])
        }
    }
}
