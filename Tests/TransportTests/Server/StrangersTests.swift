import Testing

@testable import Transport

@Suite struct StrangersTests {
    @Test func `each address has its own count, and a ticket is given back once`() throws {
        let strangers = Strangers(limit: 2)
        let first = try #require(strangers.enter("10.0.0.1:1000"))
        let second = try #require(strangers.enter("10.0.0.1:1001"))
        #expect(strangers.enter("10.0.0.1:1002") == nil)
        let other = try #require(strangers.enter("[2001:db8::1]:1000"))
        #expect(strangers.addresses == 2)
        first.giveBack()
        first.giveBack()
        let third = try #require(strangers.enter("10.0.0.1:1003"))
        #expect(strangers.enter("10.0.0.1:1004") == nil)
        for ticket in [second, third, other] { ticket.giveBack() }
        #expect(strangers.addresses == 0)
    }

    @Test func `who has said nothing, or nothing that was let in, counts until the connection ends`()
        async throws
    {
        var application = TestApplication()
        application.admission = { head in
            head.path == "/in" ? .accept(maxBodySize: 1024) : .refuse(.text(401, "no"))
        }
        try await withServer(application, configure: { $0.maxStrangersPerAddress = 2 }) { server in
            let silent = try RawClient(server)
            let refused = try RawClient(server)
            refused.send("GET /out HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await refused.read(until: "no") != nil)
            #expect(try await RawClient(server).readToEnd() == [])
            #expect(server.statistics.crowdedConnections == 1)
            #expect(server.statistics.refusedConnections == 0)
            // Over the same connection it says the right thing, and makes room.
            refused.send("GET /in HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await refused.read(until: "GET /in") != nil)
            let next = try RawClient(server)
            next.send("GET /in HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await next.read(until: "GET /in") != nil)
            let last = try RawClient(server)
            #expect(try await RawClient(server).readToEnd() == [])
            #expect(server.statistics.crowdedConnections == 2)
            // One that goes makes room, too.
            silent.finishSending()
            #expect(await silent.readToEnd() == [])
            last.send("GET /in HTTP/1.1\r\nhost: x\r\n\r\n")
            #expect(await last.read(until: "GET /in") != nil)
        }
    }

    @Test func `without a limit nobody is counted`() async throws {
        try await withServer { server in
            let clients = try (0..<10).map { _ in try RawClient(server) }
            for client in clients {
                client.send("GET / HTTP/1.0\r\n\r\n")
                #expect(await client.textToEnd()?.hasPrefix("HTTP/1.0 200") == true)
            }
            #expect(server.statistics.crowdedConnections == 0)
        }
    }
}
