import NIOCore
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite struct HTTP2ClientConnectionTests {
    private func request(_ path: String, _ body: [Bytes] = []) -> HTTP2Request {
        HTTP2Request(method: "POST", scheme: "http", authority: "a", path: path, fields: [:], body: body)
    }

    @Test func `many requests at a time each get their own answer`() async throws {
        try await withServer { server in
            let client = try await TestClient.connect(to: server)
            let answers = await withTaskGroup(of: (String, String?).self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let result = await client.send(request("/\(number)", [Bytes(utf8: "x\(number)")]))
                        return ("POST /\(number) x\(number)", try? result.get().body.string)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count == 50)
            #expect(answers.allSatisfy { $0.0 == $0.1 })
            await client.close()
        }
    }

    @Test func `large bodies of several parts go both ways`() async throws {
        var application = TestApplication()
        application.admission = { _ in .accept(maxBodySize: 16 << 20) }
        application.answer = { $1.send(ServerResponse(status: 200, body: $0.body)) }
        try await withServer(application) { server in
            var limits = HTTP2Limits()
            limits.maxResponseBytes = 16 << 20
            let client = try await TestClient.connect(to: server, limits: limits)
            let part = Bytes((0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 % 251) })
            let response = try await client.send(request("/", [part, .empty, part, part])).get()
            #expect(response.body.array == part.array + part.array + part.array)
            await client.close()
        }
    }

    @Test func `a response over the limit is an error and the connection lives on`() async throws {
        var application = TestApplication()
        application.answer = { request, responder in
            let size = request.path == "/big" ? 100_000 : 10
            responder.send(ServerResponse(status: 200, body: Bytes([UInt8](repeating: 0, count: size))))
        }
        try await withServer(application) { server in
            var limits = HTTP2Limits()
            limits.maxResponseBytes = 1000
            let client = try await TestClient.connect(to: server, limits: limits)
            let large = await client.send(request("/big"))
            #expect(throws: TransportError.self) { try large.get() }
            #expect(try await client.send(request("/small")).get().body.count == 10)
            await client.close()
        }
    }

    @Test func `requests that are open when the connection goes away fail`() async throws {
        let held = Mutex<[Responder]>([])
        var application = TestApplication()
        application.answer = { _, responder in held.withLock { $0.append(responder) } }
        let result = try await withServer(application) { server in
            let client = try await TestClient.connect(to: server)
            async let result = client.send(request("/"))
            #expect(await eventually { held.withLock { !$0.isEmpty } })
            await server.shutdown(grace: .zero)
            return await result
        }
        let error = #expect(throws: TransportError.self) { try result.get() }
        #expect(error?.kind == .closedBeforeResponse)
    }

    @Test func `after GOAWAY nothing more is sent`() async throws {
        try await withServer(configure: { $0.maxConnectionIdle = .milliseconds(20) }) { server in
            let client = try await TestClient.connect(to: server)
            #expect(await eventually { server.statistics.acceptedConnections == 1 })
            #expect(await eventually { server.statistics.openConnections == 0 })
            let result = await client.send(request("/"))
            let error = #expect(throws: TransportError.self) { try result.get() }
            #expect(error?.kind == .overloaded)
        }
    }
}
