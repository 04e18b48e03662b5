import Fleet
import PipelineTesting
import Testing
import Transport
import Wire

@testable import FleetEndpoint

@Suite struct WebSocketEndpointTests {
    private let reception = FakeReception()
    private let agent = FakeAgent()

    @Test(arguments: [[0], [0x80, 0x80, 0], []] as [[UInt8]])
    func `a message is taken out of its header, and the answer gets one`(header: [UInt8]) async throws {
        try await withEndpoint(reception) { bench in
            let socket = try await bench.connect(agent)
            #expect(socket.send([Bytes(header), Bytes(utf8: "hello")]))
            #expect(await eventually { agent.seen.messages == [[0] + Array("re: hello".utf8)] })
            #expect(reception.seen.messages == ["hello"])
            let figures = bench.endpoint.figures
            #expect(figures.openWebSockets == 1)
            #expect((figures.messagesReceived, figures.bytesReceived) == (1, 5))
            #expect((figures.messagesSent, figures.bytesSent) == (1, 9))
        }
    }

    @Test func `an address has so many connections that have not shown who they are`() async throws {
        try await withEndpoint(reception, configure: { $0.maxStrangersPerAddress = 2 }) { bench in
            // Agents that are let in do not count.
            let sockets = [try await bench.connect(FakeAgent()), try await bench.connect(FakeAgent())]
            var silent: [DeafAgent] = [DeafAgent(bench.endpoint.address), DeafAgent(bench.endpoint.address)]
            #expect(await eventually { bench.endpoint.transport.openConnections == 4 })
            await #expect(throws: WebSocketClient.Failure.self) { try await bench.connect(FakeAgent()) }
            #expect(bench.endpoint.figures.refusals[.crowded] == 1)
            silent.removeLast()
            #expect(await eventually { bench.endpoint.transport.openConnections == 3 })
            let late = try await bench.connect(FakeAgent())
            #expect(bench.endpoint.figures.openWebSockets == 3)
            for socket in sockets + [late] { socket.close() }
        }
    }

    @Test func `the reception may speak first, ask for a sign of life, and close`() async throws {
        try await withEndpoint(reception) { bench in
            let socket = try await bench.connect(agent)
            #expect(socket.send([Bytes([0])]))
            #expect(await eventually { reception.connection != nil })
            let connection = try #require(reception.connection)
            #expect(connection.isWebSocket)
            #expect(connection.send([Bytes(utf8: "offer")]))
            #expect(await eventually { agent.seen.messages.last == [0] + Array("offer".utf8) })
            connection.ping()
            #expect(await eventually { reception.seen.heard == 1 })
            connection.close(code: WebSocketCloseCode.policyViolation, reason: "revoked")
            #expect(await eventually { agent.seen.closings == [1008] && reception.seen.closed == 1 })
            #expect(!connection.send([Bytes(utf8: "late")]))
            #expect(await eventually { bench.endpoint.figures.openWebSockets == 0 })
        }
    }

    @Test(
        arguments: [
            (GatewayAnswer.close(code: 1008, reason: "no"), 1008),
            (.close(code: 1013, reason: "later"), 1013),
        ] as [(GatewayAnswer, UInt16)])
    func `the reception may end a connection instead of answering`(
        answer: GatewayAnswer, code: UInt16
    ) async throws {
        let reception = FakeReception { _, _ in answer }
        try await withEndpoint(reception) { bench in
            let socket = try await bench.connect(agent)
            #expect(socket.send([Bytes([0])]))
            #expect(await eventually { agent.seen.closings == [code] })
            #expect(await eventually { reception.seen.closed == 1 })
            #expect(await eventually { bench.endpoint.figures.broken == 1 })
        }
    }

    @Test func `a header that is none breaks the connection, and others do not notice`() async throws {
        try await withEndpoint(reception) { bench in
            let other = FakeAgent()
            let good = try await bench.connect(other)
            let socket = try await bench.connect(agent)
            #expect(socket.send([Bytes([UInt8](repeating: 0x80, count: 11))]))
            #expect(await eventually { agent.seen.closings == [1002] })
            #expect(reception.seen.messages.isEmpty)
            #expect(good.send([Bytes(utf8: "fine")]))
            #expect(await eventually { other.seen.messages.count == 1 })
        }
    }

    @Test func `a message over the limit ends the connection with 1009`() async throws {
        try await withEndpoint(reception, configure: { $0.maxMessageBytes = 1000 }) { bench in
            let socket = try await bench.connect(agent)
            #expect(socket.send([Bytes([UInt8](repeating: 0, count: 1001))]))
            #expect(await eventually { agent.seen.closings == [1009] })
            #expect(reception.seen == .init())
        }
    }

    @Test func `too many messages in ten seconds end the connection`() async throws {
        try await withEndpoint(reception, configure: { $0.maxMessagesInTenSeconds = 3 }) { bench in
            let socket = try await bench.connect(agent)
            for _ in 0..<3 { #expect(socket.send([Bytes(utf8: "x")])) }
            #expect(await eventually { agent.seen.messages.count == 3 })
            bench.clock.advance(by: .seconds(10))
            for _ in 0..<4 { _ = socket.send([Bytes(utf8: "x")]) }
            #expect(await eventually { agent.seen.closings == [1008] })
            #expect(reception.seen.messages.count == 6)
        }
    }

    @Test func `who does not read the answers is sent away`() async throws {
        let answer = Bytes([UInt8](repeating: 7, count: 200 << 10))
        let reception = FakeReception { _, _ in .send([answer]) }
        try await withEndpoint(reception) { bench in
            let deaf = DeafAgent(bench.endpoint.address)
            deaf.openWebSocket()
            var sent = 0
            // A frame with one byte: 0, through a mask of zeros.
            while bench.endpoint.figures.messagesDropped == 0, sent < 1000 {
                deaf.send([0x82, 0x81, 0, 0, 0, 0, 0])
                sent += 1
                _ = await eventually {
                    reception.seen.messages.count == sent || bench.endpoint.figures.messagesDropped > 0
                }
            }
            #expect(bench.endpoint.figures.messagesDropped == 1)
            let socket = try await bench.connect(agent)
            #expect(socket.send([Bytes([0])]))
            #expect(await eventually { agent.seen.messages.count == 1 })
        }
    }

    @Test func `a credential is needed, and what is said about it is proper`() async throws {
        try await withEndpoint(reception) { bench in
            let unknown = await bench.refusal(fields: [:])
            #expect(unknown?.status == 401)
            #expect(unknown?.fields["www-authenticate"] == "Bearer realm=\"apus fleet\"")
            let guessing = await bench.refusal(fields: ["authorization": "Bearer again"])
            #expect(guessing?.status == 429)
            #expect(guessing?.retryAfter == .seconds(3))
            let page = await bench.refusal(
                fields: ["authorization": "Bearer right", "origin": "http://127.0.0.1:4320"])
            #expect(page?.status == 403)
            #expect(
                bench.endpoint.figures.refusals == [.unauthenticated: 1, .throttled: 1, .improper: 1])
        }
    }

    @Test func `who comes too early is told when it is their turn`() async throws {
        try await withEndpoint(reception, configure: { $0.acceptsPerSecond = 1 }) { bench in
            _ = try await bench.connect(agent)
            let second = await bench.refusal()
            #expect(second?.status == 503)
            #expect(second?.retryAfter == .seconds(1))
            #expect(await bench.refusal()?.retryAfter == .seconds(2))
            bench.clock.advance(by: .seconds(1))
            _ = try await bench.connect(agent)
            #expect(bench.endpoint.figures.refusals == [.paced: 2])
        }
    }

    @Test func `no more agents are taken than are allowed`() async throws {
        try await withEndpoint(reception, configure: { $0.maxConnections = 1 }) { bench in
            let socket = try await bench.connect(agent)
            #expect(await eventually { bench.endpoint.figures.openWebSockets == 1 })
            let second = await bench.refusal()
            #expect(second?.status == 503)
            #expect(second?.retryAfter == .seconds(60))
            socket.close()
            #expect(await eventually { bench.endpoint.figures.openWebSockets == 0 })
            _ = try await bench.connect(agent)
        }
    }

    @Test func `agents are told to come back when the manager stops`() async throws {
        try await withEndpoint(reception) { bench in
            _ = try await bench.connect(agent)
            await bench.endpoint.shutdown()
            #expect(await eventually { agent.seen.closings == [1012] })
        }
    }
}
