import Testing
import Wire

@testable import Transport

/// What happens to requests when a server sends them away, or breaks off.
@Suite struct ClientGoAwayTests {
    /// The streams whose headers have come in on a connection.
    private static func streams(in received: [UInt8]) -> [UInt32] {
        var rest = received.dropFirst(RawHTTP2.preface.count)
        var streams: [UInt32] = []
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            if head[3] == 1 { streams.append(head[5..<9].reduce(0) { $0 << 8 | UInt32($1) }) }
            rest = rest.dropFirst(9 + length)
        }
        return streams
    }

    private static func goAway(last: UInt32) -> [UInt8] {
        RawHTTP2.frame(7, withUnsafeBytes(of: last.bigEndian) { Array($0) } + [0, 0, 0, 0])
    }

    /// `:status: 200` and the end of the stream.
    private static func ok(stream: UInt32) -> [UInt8] { RawHTTP2.frame(1, flags: 5, stream: stream, [0x88]) }

    /// Sends a request to a server that answers the first headers of each connection with `answer`.
    private func exchange(
        timeout: Duration = .seconds(20), _ answer: @escaping @Sendable (Int, UInt32) -> RawServer.Reply,
        _ check: (Result<ClientResponse, TransportError>, RawServer) -> Void
    ) async throws {
        try await withRawServer { connection, received in
            guard let stream = Self.streams(in: received).first else { return .say(RawHTTP2.frame(4)) }
            return answer(connection, stream)
        } _: { server, address in
            try await withClient(address) {
                $0.versions = .http2
            } _: { client in
                let request = ClientRequest(path: "/", body: [Bytes(utf8: "x")])
                do throws(TransportError) {
                    check(.success(try await client.send(request, timeout: timeout)), server)
                } catch {
                    check(.failure(error), server)
                }
            }
        }
    }

    @Test func `a request that a server did not process is sent once more`() async throws {
        try await exchange { connection, stream in
            .say(connection == 0 ? Self.goAway(last: 0) : Self.ok(stream: stream))
        } _: { result, server in
            #expect((try? result.get().status) == 200)
            #expect(server.connections == 2)
        }
    }

    @Test func `a request that nobody processes is reported as that`() async throws {
        try await exchange { _, _ in
            .say(Self.goAway(last: 0))
        } _: { result, server in
            guard case .failure(let error) = result else {
                Issue.record("a response came from nowhere")
                return
            }
            #expect(error.kind == .notProcessed)
            #expect(server.connections == 2)
        }
    }

    @Test func `a request that was accepted before the server goes is answered`() async throws {
        try await exchange { _, stream in
            .say(Self.goAway(last: stream) + Self.ok(stream: stream))
        } _: { result, server in
            #expect((try? result.get().status) == 200)
            #expect(server.connections == 1)
        }
    }

    @Test func `a connection that breaks off after the request may have been processed`() async throws {
        try await exchange { _, _ in
            .sayAndClose([])
        } _: { result, server in
            guard case .failure(let error) = result else {
                Issue.record("a response came from nowhere")
                return
            }
            #expect(error.kind == .closedBeforeResponse)
            #expect(server.connections == 1)
        }
    }

    @Test func `a reset stream says with which code`() async throws {
        try await exchange { _, stream in
            .say(RawHTTP2.frame(3, stream: stream, [0, 0, 0, 2]))
        } _: { result, _ in
            guard case .failure(let error) = result else {
                Issue.record("a response came from nowhere")
                return
            }
            #expect(error.kind == .reset)
            #expect(error.http2ErrorCode == 2)
            #expect(error.message.contains("INTERNAL_ERROR"))
        }
    }

    @Test func `garbage ends the connection and the request`() async throws {
        try await exchange { _, _ in
            .say([UInt8](repeating: 0xff, count: 100))
        } _: { result, _ in
            guard case .failure(let error) = result else {
                Issue.record("a response came from nowhere")
                return
            }
            #expect([.protocolError, .closedBeforeResponse].contains(error.kind))
        }
    }
}
