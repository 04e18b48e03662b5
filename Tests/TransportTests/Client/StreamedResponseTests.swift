import Testing
import Wire

@testable import Transport

@Suite struct StreamedResponseTests {
    private let box = StreamBox()
    private static let request = ClientRequest(method: "GET", path: "/stream")

    private func http1(_ configuration: inout ClientConfiguration) { configuration.versions = .http1 }

    /// The next pieces, until they are `count` bytes.
    private static func read(_ body: StreamedBody, _ count: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count, let piece = try await body.next() { bytes += piece.array }
        return bytes
    }

    @Test func `pieces are there before the end, and the connection is used again`() async throws {
        try await withServer(box.application) { server in
            try await withClient(server.address, configure: http1) { client in
                let response = try await client.open(Self.request)
                #expect(response.status == 200)
                #expect(response.fields["content-type"] == "text/plain")
                let stream = try #require(await box.begun())
                #expect(stream.send(Bytes(utf8: "one")))
                #expect(try await Self.read(response.body, 3) == Array("one".utf8))
                #expect(stream.send(Bytes(utf8: "two")))
                #expect(try await Self.read(response.body, 3) == Array("two".utf8))
                stream.finish()
                #expect(try await response.body.next() == nil)
                #expect(try await client.post("x") == "no stream")
                #expect(server.statistics.acceptedConnections == 1)
            }
        }
    }

    @Test func `nothing is lost of more than the reader wants at once, and little waits`() async throws {
        let piece = Bytes([UInt8](repeating: 7, count: 16 << 10))
        try await withServer(box.application) { server in
            try await withClient(server.address, configure: http1) { client in
                let response = try await client.open(Self.request, bound: 64 << 10)
                let stream = try #require(await box.begun())
                let total = 2048
                let sending = Task {
                    var sent = 0
                    while sent < total, stream.isOpen {
                        if stream.send(piece) { sent += 1 } else { await Task.yield() }
                    }
                }
                #expect(await eventually { response.body.waiting >= 64 << 10 })
                var (received, most) = (0, 0)
                while received < total * piece.count, let next = try await response.body.next() {
                    received += next.count
                    // The sender gets its turn, so that more would pile up if it could.
                    for _ in 0..<20 { await Task.yield() }
                    most = max(most, response.body.waiting)
                }
                await sending.value
                #expect(received == total * piece.count)
                #expect(most <= (64 << 10) + (256 << 10))
                stream.finish()
                #expect(try await response.body.next() == nil)
            }
        }
    }

    @Test func `a reader that gives up closes the connection`() async throws {
        try await withServer(box.application) { server in
            try await withClient(server.address, configure: http1) { client in
                let response = try await client.open(Self.request)
                let stream = try #require(await box.begun())
                response.body.cancel()
                #expect(await failure { try await response.body.next() }?.kind == .cancelled)
                await stream.ended()
            }
        }
    }

    @Test func `a connection that breaks is told after what came before`() async throws {
        try await withRawServer { _, _ in
            .sayAndClose(Array("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello".utf8))
        } _: { _, address in
            try await withClient(address, configure: http1) { client in
                let response = try await client.open(Self.request)
                #expect(try await Self.read(response.body, 5) == Array("hello".utf8))
                #expect(await failure { try await response.body.next() }?.kind == .closedBeforeResponse)
            }
        }
    }

    @Test func `a server that is not there, and a client for HTTP2, are told at once`() async throws {
        try await withClient(.unix(path: "/nowhere/at.all"), configure: http1) { client in
            #expect(await failure { try await client.open(Self.request) }?.kind == .connectFailed)
        }
        try await withClient(.tcp(host: "127.0.0.1", port: 1)) { client in
            #expect(await failure { try await client.open(Self.request) }?.kind == .invalidAddress)
        }
    }
}
