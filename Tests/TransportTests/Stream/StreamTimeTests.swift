import NIOCore
import Testing
import Wire

@testable import Transport

/// Clients that are slow, silent, or deaf.
@Suite struct StreamTimeTests {
    private let application = LineServer()

    @Test func `a client that does not say who it is has to go`() async throws {
        let application = LineServer(establishes: false)
        try await withStreamServer(application) { configuration in
            configuration.readHeaderTimeout = .milliseconds(20)
        } _: { server, _ in
            let client = try RawClient(server)
            #expect(await client.textToEnd() == "")
        }
    }

    @Test(.enabled(if: TestCertificates.canBeMade))
    func `over TLS nobody is known before the handshake, whatever the application says`() async throws {
        let files = try TestCertificates()
        try files.makeAuthority("ca")
        try files.make("server", by: "ca", alternative: "IP:127.0.0.1")
        let tls = try ServerTLS(ServerTLS.Options(identity: files.identity("server")), logger: .silent)
        try await withStreamServer(application) { configuration in
            configuration.tls = tls
            configuration.readHeaderTimeout = .milliseconds(500)
        } _: { server, loop in
            var options = ClientTLS.Options()
            options.authorities = .file(files.path("ca.crt"))
            var configuration = StreamClient.Configuration(target: server.address)
            configuration.tls = try ClientTLS(options, logger: .silent)
            let known = try await StreamClient.connect(configuration, on: loop)
            let silent = try RawClient(server)
            #expect(await silent.textToEnd() == "")
            // The other one is older, and still there.
            try await known.send([Bytes(utf8: "one\n")])
            let answer = try await known.receive(limit: 100) { bytes in bytes.count < 4 ? 0 : 4 }
            #expect(answer.string == "one\n")
            known.close()
        }
    }

    @Test func `a message has to end, but a client may be silent between two`() async throws {
        try await withStreamServer(application) { configuration in
            configuration.readTimeout = .milliseconds(20)
        } _: { server, _ in
            let patient = try RawClient(server)
            patient.send("one\n")
            #expect(await patient.read(until: "\n") == "one\n")
            let client = try RawClient(server)
            client.send("hal")
            #expect(await client.textToEnd() == "")
            patient.send("two\n")
            #expect(await patient.read(until: "\n") == "two\n")
        }
    }

    @Test func `so has one that began while the handler was busy`() async throws {
        try await withStreamServer(application) { configuration in
            configuration.readTimeout = .milliseconds(20)
        } _: { server, _ in
            let client = try RawClient(server)
            client.send("w1\nhalf")
            #expect(await eventually { application.waiting == 1 })
            application.goOn()
            #expect(await client.textToEnd() == "w1\ndone\n")
        }
    }

    @Test func `a client that does not take the last words has to go, however few they are`() async throws {
        try await withStreamServer(application) { configuration in
            configuration.writeTimeout = .milliseconds(50)
        } _: { server, _ in
            let client = try RawClient(server, receiveBuffer: 4096)
            // As long as less waits than keeps the server from reading, nothing else ends the connection.
            let line = String(repeating: "x", count: 100 << 10) + "\n"
            var sent = 0
            repeat {
                client.send(line)
                sent += 1
                #expect(await eventually { application.lines.count == sent || application.closed == 1 })
            } while await application.unsent() == 0 && sent < 200
            client.send("!")
            #expect(await eventually { application.closed == 1 })
        }
    }

    @Test func `a client may go on sending for a moment after the last words, or they could be lost`()
        async throws
    {
        try await withStreamServer(application) { server, _ in
            // A busy machine may take longer than the moment to look: one of some tries has to see it.
            for attempt in 1...10 {
                let client = try RawClient(server)
                client.send("quit\n")
                #expect(await client.textToEnd() == "quit\n")
                // What a closed socket is sent it answers with a reset, after which nothing can be sent.
                let isOpen =
                    client.send("more\n") && client.send("and more\n") && application.closed == attempt - 1
                client.finishSending()
                #expect(await eventually { application.closed == attempt })
                #expect(application.lines == Array(repeating: "quit", count: attempt))
                if isOpen { return }
            }
            Issue.record("no connection was open for a moment after its last words")
        }
    }

    @Test func `what had arrived and was not looked at is told at the end`() async throws {
        try await withStreamServer(application) { server, _ in
            let client = try RawClient(server)
            client.send("w1\nhalf")
            #expect(await eventually { application.waiting == 1 })
            await server.shutdown(grace: .zero)
            #expect(application.unread == "half")
            withExtendedLifetime(client) {}
        }
    }

    @Test func `a message that has begun at the end of the server may become whole`() async throws {
        try await withStreamServer(application) { server, _ in
            let (client, other) = (try RawClient(server), try RawClient(server))
            client.send("one\nhalf")
            #expect(await client.read(until: "\n") == "one\n")
            async let stopped: Void = server.shutdown(grace: .seconds(30))
            #expect(await other.textToEnd() == "")
            client.send(" and half\nmore")
            #expect(await client.textToEnd() == "half and half\n")
            await stopped
        }
    }
}
