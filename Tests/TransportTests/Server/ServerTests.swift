import Glibc
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite struct ServerTests {
    @Test func `an address that is in use says so and what to do`() async throws {
        try await withServer { server in
            let error = await #expect(throws: TransportError.self) {
                try await withServer(address: server.address) { _ in }
            }
            #expect(error?.kind == .addressInUse)
            #expect(error?.message.contains("in use") == true)
        }
    }

    @Test(arguments: ["localhost", "", "::1", "127.0.0.1"])
    func `hosts of every kind are listened on`(host: String) async throws {
        try await withServer(address: .tcp(host: host, port: 0)) { server in
            #expect((server.address.port ?? 0) > 0)
            guard host != "::1" else { return }
            let client = try RawClient(server)
            client.send("GET / HTTP/1.0\r\n\r\n")
            #expect(await client.textToEnd()?.hasPrefix("HTTP/1.0 200") == true)
        }
    }

    @Test func `a socket file is made, a stale one replaced, and removed at the end`() async throws {
        let path = "/tmp/apus-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
        let stale = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(stale)
        try await withServer(address: .unix(path: path)) { server in
            let client = try RawClient(server)
            client.send("GET /x HTTP/1.0\r\n\r\n")
            #expect(await client.textToEnd()?.hasSuffix("GET /x ") == true)
            let error = await #expect(throws: TransportError.self) {
                try await withServer(address: .unix(path: path)) { _ in }
            }
            #expect(error?.kind == .addressInUse)
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test func `a file that is not a socket is left alone`() async throws {
        let path = "/tmp/apus-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).txt"
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        close(file)
        defer { unlink(path) }
        await #expect(throws: TransportError.self) {
            try await withServer(address: .unix(path: path)) { _ in }
        }
        #expect(access(path, F_OK) == 0)
    }

    @Test func `connections over the limit are refused and counted`() async throws {
        try await withServer(configure: { $0.maxConnections = 2 }) { server in
            let first = try RawClient(server)
            let second = try RawClient(server)
            #expect(await eventually { server.statistics.openConnections == 2 })
            let third = try RawClient(server)
            #expect(await third.readToEnd() == [])
            #expect(server.statistics.refusedConnections == 1)
            first.send("GET / HTTP/1.0\r\n\r\n")
            second.send("GET / HTTP/1.0\r\n\r\n")
            #expect(await first.readToEnd()?.isEmpty == false)
            #expect(await second.readToEnd()?.isEmpty == false)
        }
    }

    @Test func `connections are spread over all lanes`() async throws {
        let lanes = Mutex<[Int]>([])
        var application = TestApplication()
        application.answer = { request, responder in
            lanes.withLock { $0.append(request.lane) }
            responder.send(ServerResponse(status: 200))
        }
        try await withServer(application, loops: 2) { server in
            var clients: [RawClient] = []
            for _ in 0..<4 {
                let client = try RawClient(server)
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(await client.read(until: "\r\n\r\n") != nil)
                clients.append(client)
            }
            #expect(lanes.withLock { $0.sorted() } == [0, 0, 1, 1])
            #expect(clients.count == 4)
        }
    }

    @Test func `a thousand connections that come and go leave nothing behind`() async throws {
        try await withServer(loops: 2) { server in
            let starts = [[], RawHTTP2.opening + RawHTTP2.post(stream: 1), Array("GET / HTT".utf8)]
            for round in 0..<10 {
                var clients: [RawClient] = []
                for number in 0..<100 {
                    let client = try RawClient(server)
                    client.send(starts[(round + number) % starts.count])
                    clients.append(client)
                }
                clients.removeAll()
            }
            #expect(await eventually { server.statistics.acceptedConnections == 1000 })
            #expect(await eventually { server.statistics.openConnections == 0 })
            #expect(server.statistics.openRequests == 0)
        }
    }

    @Test func `after shutdown the address is free`() async throws {
        let address = try await withServer { $0.address }
        try await withServer(address: address) { server in
            #expect(server.address == address)
        }
    }

    @Test func `shutdown does not wait for clients longer than its grace`() async throws {
        var application = TestApplication()
        let held = Mutex<Responder?>(nil)
        application.answer = { _, responder in held.withLock { $0 = responder } }
        try await withServer(application) { server in
            let client = try RawClient(server)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await eventually { held.withLock { $0 != nil } })
            await server.shutdown(grace: .milliseconds(20))
            #expect(await client.readToEnd() == [])
            #expect(server.statistics.openConnections == 0)
        }
    }
}
