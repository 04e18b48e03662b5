import NIOCore
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite struct HTTP2ServerTests {
    /// What a server says to a client that sends these bytes and then waits for the end.
    private func say(
        _ bytes: [UInt8], configure: (inout ServerConfiguration) -> Void = { _ in }
    ) async throws -> [UInt8]? {
        try await withServer(configure: configure) { server in
            let client = try RawClient(server)
            client.send(bytes)
            return await client.readToEnd()
        }
    }

    @Test(arguments: [
        RawHTTP2.opening + RawHTTP2.frame(0, stream: 0, [1]),
        RawHTTP2.opening + RawHTTP2.frame(0, stream: 1, [1]),
        RawHTTP2.opening + RawHTTP2.frame(4, [1]),
        RawHTTP2.opening + RawHTTP2.frame(6, [1]),
        RawHTTP2.opening + RawHTTP2.frame(8, [0, 0, 0, 0]),
        RawHTTP2.opening + RawHTTP2.frame(1, flags: 4, stream: 2, [0x83]),
        RawHTTP2.opening + RawHTTP2.frame(1, flags: 4, stream: 1, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
        RawHTTP2.opening + RawHTTP2.frame(9, flags: 4, stream: 1, [0x83]),
        RawHTTP2.opening + RawHTTP2.frame(5, stream: 1, [0, 0, 0, 2]),
    ])
    func `broken frames end the connection with a reason`(bytes: [UInt8]) async throws {
        let answer = try #require(try await say(bytes))
        let code = try #require(RawHTTP2.goAwayCode(in: answer))
        #expect(code != HTTP2ErrorCode.noError)
    }

    @Test func `a frame in place of the settings is the end`() async throws {
        let answer = try await say(RawHTTP2.preface + RawHTTP2.post(stream: 1, end: true))
        #expect(answer != nil)
    }

    @Test(arguments: [1, 10, 23])
    func `a preface that stops half way is closed in time`(length: Int) async throws {
        let answer = try await say(Array(RawHTTP2.preface.prefix(length))) {
            $0.readHeaderTimeout = .milliseconds(50)
        }
        #expect(answer == [])
    }

    @Test func `a preface in single bytes is understood`() async throws {
        try await withServer { server in
            let client = try RawClient(server)
            for byte in RawHTTP2.opening { client.send([byte]) }
            client.send(RawHTTP2.post(stream: 1, end: true))
            #expect(await client.read(until: "POST /") != nil)
        }
    }

    @Test func `too many pings are told so`() async throws {
        var bytes = RawHTTP2.opening
        for _ in 0..<10 { bytes += RawHTTP2.frame(6, [0, 0, 0, 0, 0, 0, 0, 0]) }
        let answer = try #require(try await say(bytes))
        #expect(RawHTTP2.goAwayCode(in: answer) == HTTP2ErrorCode.enhanceYourCalm)
        #expect(String(decoding: answer, as: UTF8.self).contains("too_many_pings"))
    }

    @Test func `a flood of resets ends the connection and leaves no request open`() async throws {
        try await withServer { server in
            let client = try RawClient(server)
            client.send(RawHTTP2.opening)
            for stream in stride(from: UInt32(1), to: 4001, by: 2) {
                let reset = RawHTTP2.frame(3, stream: stream, [0, 0, 0, 8])
                guard client.send(RawHTTP2.post(stream: stream) + reset) else { break }
            }
            let answer = await client.readToEnd()
            #expect(answer != nil)
            #expect(await eventually { server.statistics.openRequests == 0 })
            #expect(server.statistics.brokenConnections == 1)
            #expect(server.statistics.requests < 2000)
        }
    }

    @Test func `a flood of settings ends the connection`() async throws {
        try await withServer { server in
            let client = try RawClient(server)
            client.send(RawHTTP2.opening)
            for _ in 0..<10_000 where client.send(RawHTTP2.frame(4)) {}
            #expect(await client.readToEnd() != nil)
            #expect(await eventually { server.statistics.openConnections == 0 })
        }
    }

    @Test func `a request whose body is not what content-length says is reset`() async throws {
        try await withServer { server in
            let client = try RawClient(server)
            let head = RawHTTP2.frame(
                1, flags: 4, stream: 1, [0x83, 0x84, 0x86, 0x41, 1, 0x61, 0x0F, 0x0D, 1, 0x33])
            client.send(RawHTTP2.opening + head + RawHTTP2.frame(0, flags: 1, stream: 1, [1, 2, 3, 4, 5]))
            #expect(await eventually { server.statistics.resetRequests == 1 })
            client.send(RawHTTP2.post(stream: 3, end: true))
            #expect(await client.read(until: "POST /") != nil)
        }
    }

    @Test func `requests of a lost connection are forgotten and their answers go nowhere`() async throws {
        let held = Mutex<[Responder]>([])
        var application = TestApplication()
        application.answer = { _, responder in held.withLock { $0.append(responder) } }
        try await withServer(application) { server in
            do {
                let client = try RawClient(server)
                client.send(RawHTTP2.opening)
                for stream in stride(from: UInt32(1), to: 40, by: 2) {
                    client.send(RawHTTP2.post(stream: stream, end: true))
                }
                client.send(RawHTTP2.post(stream: 41) + RawHTTP2.frame(0, stream: 41, [1, 2, 3]))
                #expect(await eventually { server.statistics.openRequests == 21 })
            }
            #expect(await eventually { server.statistics.openRequests == 0 })
            for responder in held.withLock({ $0 }) { responder.send(ServerResponse(status: 200)) }
            held.withLock { $0 = [] }
            #expect(server.statistics.resetRequests == 21)
        }
    }

    @Test func `shutdown lets a request finish and tells the client`() async throws {
        let held = Mutex<Responder?>(nil)
        var application = TestApplication()
        application.answer = { _, responder in held.withLock { $0 = responder } }
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send(RawHTTP2.opening + RawHTTP2.frame(4, flags: 1) + RawHTTP2.post(stream: 1, end: true))
            #expect(await eventually { held.withLock { $0 != nil } })
            async let stopped: Void = server.shutdown(grace: .seconds(20))
            held.withLock { $0 }?.send(.text(200, "finished"))
            held.withLock { $0 = nil }
            let answer = try #require(await client.readToEnd())
            await stopped
            #expect(String(decoding: answer, as: UTF8.self).contains("finished"))
            #expect(RawHTTP2.goAwayCode(in: answer) == HTTP2ErrorCode.noError)
            #expect(server.statistics.openConnections == 0)
        }
    }

    @Test func `a request that does not arrive in time is reset and others go on`() async throws {
        try await withServer(configure: { $0.readTimeout = .milliseconds(50) }) { server in
            let client = try RawClient(server)
            client.send(RawHTTP2.opening + RawHTTP2.post(stream: 1))
            #expect(await eventually { server.statistics.resetRequests == 1 })
            client.send(RawHTTP2.post(stream: 3, end: true))
            #expect(await client.read(until: "POST /") != nil)
        }
    }

    @Test func `a client that closes its side ends the connection`() async throws {
        try await withServer { server in
            let client = try RawClient(server)
            client.send(RawHTTP2.opening + RawHTTP2.post(stream: 1, end: true))
            #expect(await client.read(until: "POST /") != nil)
            client.finishSending()
            #expect(await client.readToEnd() != nil)
            #expect(await eventually { server.statistics.openConnections == 0 })
        }
    }

    @Test func `nothing of an earlier request shows in a later one`() async throws {
        let seen = Mutex<[String]>([])
        var application = TestApplication()
        application.answer = { request, responder in
            seen.withLock { $0.append("\(request.method) \(request.path) \(request.authority)") }
            responder.send(ServerResponse(status: 200))
        }
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send(RawHTTP2.opening + RawHTTP2.post(stream: 1, end: true))
            #expect(await eventually { seen.withLock { $0.count == 1 } })
            // GET / with a host field in place of :authority.
            let fields: [UInt8] = [0x82, 0x84, 0x86, 0x00, 4, 0x68, 0x6F, 0x73, 0x74, 1, 0x62]
            client.send(RawHTTP2.frame(1, flags: 5, stream: 3, fields))
            #expect(await eventually { seen.withLock { $0.count == 2 } })
        }
        #expect(seen.withLock { $0 } == ["POST / a", "GET / b"])
    }

    @Test func `an idle connection is asked to go`() async throws {
        let answer = try await say(RawHTTP2.opening) { $0.maxConnectionIdle = .milliseconds(50) }
        #expect(RawHTTP2.goAwayCode(in: try #require(answer)) == HTTP2ErrorCode.noError)
    }

    @Test func `a client that does not answer pings is given up`() async throws {
        let answer = try await say(RawHTTP2.opening) {
            $0.keepaliveTime = .milliseconds(50)
            $0.keepaliveTimeout = .milliseconds(50)
        }
        #expect(answer != nil)
    }
}
