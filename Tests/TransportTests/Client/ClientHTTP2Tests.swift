import NIOCore
import NIOPosix
import Testing
import Wire

@testable import Transport

@Suite struct ClientHTTP2Tests {
    private func http2(_ configuration: inout ClientConfiguration) { configuration.versions = .http2 }

    @Test func `many requests share one connection`() async throws {
        try await withServer { server in
            try await withClient(server.address, configure: http2) { client in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for index in 0..<300 { group.addTask { try await client.post("\(index)") } }
                    var answers: Set<String> = []
                    for try await answer in group { answers.insert(answer) }
                    #expect(answers.count == 300)
                }
                // The server allows 100 streams, so 300 requests may take more than one.
                #expect((1...4).contains(server.statistics.acceptedConnections))
            }
        }
    }

    @Test func `the streams that a server allows are not exceeded`() async throws {
        try await withServer(configure: { $0.maxConcurrentStreams = 3 }) { server in
            try await withClient(server.address) { configuration in
                configuration.versions = .http2
                configuration.connectionsPerLane = 2
            } _: { client in
                try await withThrowingTaskGroup(of: String.self) { group in
                    for index in 0..<100 { group.addTask { try await client.post("\(index)") } }
                    var count = 0
                    for try await _ in group { count += 1 }
                    #expect(count == 100)
                }
                #expect(server.statistics.acceptedConnections <= 2)
                #expect(server.statistics.refusedRequests == 0)
            }
        }
    }

    @Test func `large bodies go both ways`() async throws {
        var application = TestApplication()
        application.admission = { _ in .accept(maxBodySize: 8 << 20) }
        application.answer = { request, responder in
            responder.send(ServerResponse(status: 200, body: request.body))
        }
        try await withServer(application) { server in
            try await withClient(server.address, configure: http2) { client in
                let part = Bytes((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
                let request = ClientRequest(path: "/", body: [part, .empty, part, part])
                let response = try await client.send(request, timeout: .seconds(20))
                #expect(response.body.array == part.array + part.array + part.array)
            }
        }
    }

    @Test func `a response over the limit fails and leaves the connection usable`() async throws {
        var application = TestApplication()
        application.answer = { request, responder in
            let size = request.path == "/big" ? 1001 : 1000
            responder.send(ServerResponse(status: 200, body: Bytes([UInt8](repeating: 1, count: size))))
        }
        try await withServer(application) { server in
            try await withClient(server.address) { configuration in
                configuration.versions = .http2
                configuration.maxResponseBytes = 1000
            } _: { client in
                let error = await failure { try await client.post("x", path: "/big") }
                #expect(error?.kind == .tooLarge)
                let answer = try await client.post("x")
                #expect(answer.utf8.count == 1000)
                #expect(server.statistics.acceptedConnections == 1)
            }
        }
    }

    @Test func `a response that there is no memory for fails, and does not wait`() async throws {
        var application = TestApplication()
        application.answer = { _, responder in
            responder.send(ServerResponse(status: 200, body: Bytes([UInt8](repeating: 1, count: 100_000))))
        }
        try await withServer(application) { server in
            for (room, fits) in [(1 << 20, true), (50_000, false)] {
                try await withClient(server.address) { configuration in
                    configuration.versions = .http2
                    configuration.room = { room }
                } _: { client in
                    let error = await failure { try await client.post("x") }
                    #expect(error?.kind == (fits ? nil : .overloaded))
                }
            }
        }
    }

    @Test func `every lane has its own connection and loop`() async throws {
        var application = TestApplication()
        application.answer = { request, responder in responder.send(.text(200, request.peer)) }
        try await withServer(application) { server in
            try await withClient(server.address, loops: 2, configure: http2) { client in
                let first = try await client.post("x", lane: 0)
                let second = try await client.post("x", lane: 1)
                let again = try await client.post("x", lane: 2)
                #expect(first != second)
                #expect(first == again)
            }
        }
    }

    @Test func `a task on the loop executor stays on the loop`() async throws {
        try await withServer { server in
            let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let loop = group.next()
            var configuration = ClientConfiguration(target: server.address)
            configuration.versions = .http2
            configuration.proxy = .direct
            let client = try Client(configuration, loops: [loop], logger: .silent)
            let task = Task(executorPreference: LoopExecutor(loop)) {
                var stays = loop.inEventLoop
                for _ in 0..<5 {
                    _ = try await client.send(ClientRequest(path: "/"), timeout: .seconds(20))
                    stays = stays && loop.inEventLoop
                }
                return stays
            }
            let stays = try await task.value
            #expect(stays)
            await client.close()
            try await group.shutdownGracefully()
        }
    }

    @Test func `a server that restarts is found again`() async throws {
        let first = try await withServer { server in server.address }
        try await withClient(first, configure: http2) { client in
            for _ in 0..<3 {
                try await withServer(address: first) { _ in
                    let answer = try await client.post("x")
                    #expect(answer == "POST /p x")
                }
            }
        }
    }

    @Test func `a shutting down server finishes what it has and gets nothing new`() async throws {
        let gate = Gate()
        var application = TestApplication()
        application.answer = { request, responder in
            if request.path == "/slow" { gate.hold(responder) } else { responder.send(.text(200, "quick")) }
        }
        try await withServer(application) { server in
            try await withClient(server.address, configure: http2) { client in
                async let slow = client.post("x", path: "/slow")
                #expect(await eventually { gate.isHolding })
                async let ended: Void = server.shutdown(grace: .seconds(20))
                // Until the server stops listening it takes requests; then nobody does.
                var refused: TransportError?
                for _ in 0..<10_000 where refused == nil {
                    refused = await failure { try await client.post("x", timeout: .milliseconds(300)) }
                }
                #expect(refused?.kind == .connectFailed)
                gate.release()
                let answer = try await slow
                #expect(answer == "late")
                await ended
            }
        }
    }

    @Test func `a target that does not speak HTTP2 is named`() async throws {
        let http1 = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        try await withRawServer { _, _ in
            .sayAndClose(Array(http1.utf8))
        } _: { _, address in
            try await withClient(address) { configuration in
                configuration.versions = .http2
                configuration.waitsForConnection = false
            } _: { client in
                let error = await failure { try await client.post("x") }
                #expect(error?.message.contains("no HTTP/2 connection to \(address)") == true)
            }
        }
    }
}
