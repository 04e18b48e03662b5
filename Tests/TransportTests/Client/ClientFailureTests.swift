import NIOCore
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite struct ClientFailureTests {
    @Test(arguments: [ClientConfiguration.Versions.http1, .http2])
    func `refused connections are named with their address`(versions: ClientConfiguration.Versions)
        async throws
    {
        let address = closedPort()
        try await withClient(address) { configuration in
            configuration.versions = versions
            configuration.waitsForConnection = false
        } _: { client in
            let error = await failure { try await client.post("x") }
            #expect(error?.kind == .connectFailed)
            #expect(error?.message.contains("cannot connect to \(address)") == true)
            #expect(error?.message.contains("Connection refused") == true)
            // Until the next attempt is due the answer comes at once.
            let again = await failure { try await client.post("x") }
            #expect(again?.kind == .connectFailed)
        }
    }

    @Test func `a request that waits for a server says why it gave up`() async throws {
        let address = closedPort()
        try await withClient(address) { client in
            let error = await failure { try await client.post("x", timeout: .milliseconds(250)) }
            #expect(error?.kind == .connectFailed)
            #expect(error?.message.contains("Connection refused") == true)
            #expect(error?.message.contains("gave up after 0.25 seconds") == true)
        }
    }

    @Test func `a request without a timeout does not wait for a server`() async throws {
        let address = closedPort()
        try await withClient(address) { client in
            let error = await failure { try await client.send(ClientRequest(path: "/")) }
            #expect(error?.kind == .connectFailed)
        }
    }

    @Test func `a request waits for a server that is just starting`() async throws {
        // A socket's path is this test's own; a closed port may become that of a server of another test.
        let address = ListenAddress.unix(path: "/tmp/apus-late-\(UInt32.random(in: 0 ... .max)).sock")
        try await withClient(address) { client in
            let answer = Task { try await client.post("x") }
            let early = await failure { try await client.send(ClientRequest(path: "/")) }
            #expect(early?.kind == .connectFailed)
            try await withServer(address: address) { _ in
                let text = try await answer.value
                #expect(text == "POST /p x")
            }
        }
    }

    @Test func `a request that is cancelled before it begins ends as cancelled`() async throws {
        try await withServer { server in
            try await withClient(server.address) { client in
                for _ in 0..<500 {
                    let request = Task { try await client.post("x") }
                    request.cancel()
                    // Whether it was too late to cancel depends on the threads; a crash or no end would not.
                    _ = await request.result
                }
            }
        }
    }

    @Test func `a name that cannot be looked up is named`() async throws {
        // A name with an empty label is refused before a name server is asked: one that cannot be reached
        // answers by silence, and the request would run out of time first.
        try await withClient(.tcp(host: "no..host", port: 4317)) { configuration in
            configuration.waitsForConnection = false
        } _: { client in
            let error = await failure { try await client.post("x") }
            #expect(error?.kind == .connectFailed)
            #expect(error?.message.contains("no..host:4317: the name cannot be looked up") == true)
        }
    }

    @Test(arguments: [ClientConfiguration.Versions.http1, .http2])
    func `no answer in time is a timeout and other requests go on`(
        versions: ClientConfiguration.Versions
    ) async throws {
        let gate = Gate()
        var application = TestApplication()
        application.answer = { request, responder in
            if request.path == "/slow" { gate.hold(responder) } else { responder.send(.text(200, "quick")) }
        }
        try await withServer(application) { server in
            try await withClient(server.address) {
                $0.versions = versions
            } _: { client in
                let error = await failure {
                    try await client.post("x", path: "/slow", timeout: .milliseconds(50))
                }
                #expect(error?.kind == .timeout)
                #expect(error?.message.contains("\(server.address) did not answer in 0.05 seconds") == true)
                let answer = try await client.post("x")
                #expect(answer == "quick")
            }
            gate.release()
        }
    }

    @Test(arguments: [ClientConfiguration.Versions.http1, .http2])
    func `a cancelled task stops waiting`(versions: ClientConfiguration.Versions) async throws {
        let gate = Gate()
        var application = TestApplication()
        application.answer = { _, responder in gate.hold(responder) }
        try await withServer(application) { server in
            try await withClient(server.address) {
                $0.versions = versions
            } _: { client in
                let task = Task { await failure { try await client.post("x") } }
                #expect(await eventually { gate.isHolding })
                task.cancel()
                let error = await task.value
                #expect(error?.kind == .cancelled)
                let late = Task { await failure { try await client.post("x") } }
                late.cancel()
                let second = await late.value
                #expect(second?.kind == .cancelled)
            }
            gate.release()
        }
    }

    @Test func `a server that accepts and says nothing is given up`() async throws {
        try await withRawServer { _, _ in
            .wait
        } _: { _, address in
            try await withClient(address) { configuration in
                configuration.versions = .http2
                configuration.connectTimeout = .milliseconds(100)
                configuration.waitsForConnection = false
            } _: { client in
                let error = await failure { try await client.post("x") }
                #expect(error?.kind == .timeout)
                #expect(error?.message.contains("accepted a connection but did not answer in 0.1 s") == true)
            }
        }
    }

    @Test func `requests beyond the bound on waiting ones are refused`() async throws {
        let address = closedPort()
        try await withClient(address) {
            $0.maxWaitingRequests = 5
        } _: { client in
            let kinds = await withTaskGroup(of: TransportError.Kind?.self) { group in
                for _ in 0..<8 {
                    group.addTask { await failure { try await client.post("x", timeout: .seconds(1)) }?.kind }
                }
                var kinds: [TransportError.Kind?] = []
                for await kind in group { kinds.append(kind) }
                return kinds
            }
            #expect(kinds.count { $0 == .overloaded } == 3)
            #expect(kinds.count { $0 == .connectFailed } == 5)
        }
    }

    @Test func `closing waits for requests under way and refuses new ones`() async throws {
        let gate = Gate()
        var application = TestApplication()
        application.answer = { _, responder in gate.hold(responder) }
        try await withServer(application) { server in
            try await withClient(server.address) { client in
                async let answer = client.post("x")
                #expect(await eventually { gate.isHolding })
                async let closed: Void = client.close(grace: .seconds(20))
                var refused: TransportError?
                for _ in 0..<10_000 where refused == nil {
                    refused = await failure { try await client.post("x", timeout: .milliseconds(1)) }
                    if refused?.kind == .timeout { refused = nil }
                }
                #expect(refused?.kind == .cancelled)
                gate.release()
                let text = try await answer
                #expect(text == "late")
                await closed
                #expect(await eventually { server.statistics.openConnections == 0 })
            }
        }
    }

    @Test func `closing gives up what outlasts the grace`() async throws {
        let gate = Gate()
        var application = TestApplication()
        application.answer = { _, responder in gate.hold(responder) }
        try await withServer(application) { server in
            try await withClient(server.address) {
                $0.versions = .http2
            } _: { client in
                async let error = failure { try await client.post("x") }
                #expect(await eventually { gate.isHolding })
                await client.close(grace: .milliseconds(10))
                #expect(await error?.kind == .cancelled)
            }
            gate.release()
        }
    }

    @Test(arguments: [ClientConfiguration.Versions.http1, .http2])
    func `idle connections are closed`(versions: ClientConfiguration.Versions) async throws {
        try await withServer { server in
            try await withClient(server.address) { configuration in
                configuration.versions = versions
                configuration.idleTimeout = .milliseconds(30)
            } _: { client in
                _ = try await client.post("x")
                #expect(await eventually { server.statistics.openConnections == 0 })
                let answer = try await client.post("y")
                #expect(answer == "POST /p y")
            }
        }
    }
}
