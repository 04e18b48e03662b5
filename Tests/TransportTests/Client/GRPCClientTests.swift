import Compression
import Testing
import Wire

@testable import Transport

@Suite struct GRPCClientTests {
    /// Answers with what it got, or with the status that the path names.
    private struct Echo: GRPCService {
        func admit(path: String, fields: HTTPFields, peer: String) -> GRPCStatus? {
            path == "/unknown" ? GRPCStatus(.unimplemented, "no method \(path)") : nil
        }

        func call(_ request: GRPCRequest, reply: GRPCReply) {
            switch request.path {
            case "/echo": reply.succeed(request.message)
            case "/empty": reply.succeed(.empty)
            case "/fields":
                let names = ["te", "content-type", "user-agent", "grpc-encoding", "x-mine"]
                let values = names.map { request.fields[$0] ?? "-" }
                let hasTimeout = request.timeout.map { $0 > .zero && $0 <= .seconds(20) } ?? false
                reply.succeed(Bytes(utf8: "\(values.joined(separator: "|"))|\(hasTimeout)"))
            default:
                reply.fail(
                    GRPCStatus(.resourceExhausted, "später: 100 %", details: [.retryInfo(delay: .seconds(3))])
                )
            }
        }
    }

    private func withGRPC<Result>(
        _ compression: CompressionAlgorithm? = nil, maxResponseBytes: Int = 4 << 20,
        _ body: (GRPCClient) async throws -> Result
    ) async throws -> Result {
        try await withServer(GRPCApplication(service: Echo(), maxMessageSize: 4 << 20)) { server in
            try await withClient(server.address) {
                $0.versions = .http2
            } _: { client in
                try await body(
                    try GRPCClient(
                        client: client, compression: compression, userAgent: "test/1",
                        maxResponseBytes: maxResponseBytes))
            }
        }
    }

    private func status<Result>(_ operation: () async throws -> Result) async -> GRPCStatus? {
        do {
            _ = try await operation()
            return nil
        } catch {
            return error as? GRPCStatus ?? GRPCStatus(.unknown, "not a GRPCStatus: \(error)")
        }
    }

    @Test(arguments: [nil, .gzip, .deflate, .zstd, .snappy] as [CompressionAlgorithm?])
    func `a message in parts arrives whole`(compression: CompressionAlgorithm?) async throws {
        try await withGRPC(compression) { client in
            for size in [0, 1, 5000, 400_000] {
                let parts = [Bytes([UInt8](repeating: 7, count: size)), .empty, Bytes(utf8: "end")]
                let answer = try await client.call(path: "/echo", message: parts, timeout: .seconds(20))
                #expect(answer.array == parts.flatMap(\.array))
            }
            let nothing = try await client.call(path: "/empty", message: [], timeout: .seconds(20))
            #expect(nothing.isEmpty)
        }
    }

    @Test func `the fields of the protocol are sent`() async throws {
        try await withGRPC(.gzip) { client in
            let answer = try await client.call(
                path: "/fields", message: [], metadata: ["x-mine": "1"], timeout: .seconds(20))
            #expect(answer.string == "trailers|application/grpc|test/1|gzip|1|true")
        }
    }

    @Test func `a status comes with its message and details`() async throws {
        try await withGRPC { client in
            let failed = await status { try await client.call(path: "/fail", message: []) }
            #expect(failed?.code == .resourceExhausted)
            #expect(failed?.message == "später: 100 %")
            let expected = RPCStatus(
                code: 8, message: "später: 100 %", details: [.retryInfo(delay: .seconds(3))])
            #expect(failed?.details?.array == expected.encoded().array)
            let unknown = await status { try await client.call(path: "/unknown", message: []) }
            #expect(unknown == GRPCStatus(.unimplemented, "no method /unknown"))
        }
    }

    @Test func `a response over the limit is not retryable`() async throws {
        try await withGRPC(maxResponseBytes: 10) { client in
            let message = Bytes([UInt8](repeating: 1, count: 11))
            let failed = await status { try await client.call(path: "/echo", message: [message]) }
            #expect(failed?.code == .resourceExhausted)
        }
    }

    @Test func `what keeps a call from the server is unavailable`() async throws {
        let address = closedPort()
        try await withClient(address) {
            $0.versions = .http2
        } _: { client in
            let client = try GRPCClient(client: client, userAgent: "test")
            let failed = await status { try await client.call(path: "/echo", message: []) }
            #expect(failed?.code == .unavailable)
            #expect(failed?.message.contains(address.description) == true)
        }
    }

    @Test(arguments: [
        (400, GRPCStatus.Code.internal), (401, .unauthenticated), (403, .permissionDenied),
        (404, .unimplemented),
        (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable), (500, .unknown),
        (200, .unknown),
    ])
    func `answers of HTTP servers are mapped`(http: Int, code: GRPCStatus.Code) async throws {
        var application = TestApplication()
        application.answer = { _, responder in responder.send(.text(http, "hello")) }
        try await withServer(application) { server in
            try await withClient(server.address) {
                $0.versions = .http2
            } _: { client in
                let client = try GRPCClient(client: client, userAgent: "test")
                let failed = await status {
                    try await client.call(path: "/echo", message: [], timeout: .seconds(20))
                }
                #expect(failed?.code == code)
                #expect(failed?.message.contains("HTTP status \(http)") == true)
            }
        }
    }

    @Test func `a call that is not answered in time is over its deadline`() async throws {
        let gate = Gate()
        var application = TestApplication()
        application.answer = { _, responder in gate.hold(responder) }
        try await withServer(application) { server in
            try await withClient(server.address) {
                $0.versions = .http2
            } _: { client in
                let client = try GRPCClient(client: client, userAgent: "test")
                let failed = await status {
                    try await client.call(path: "/echo", message: [], timeout: .milliseconds(100))
                }
                #expect(failed?.code == .deadlineExceeded)
            }
            gate.release()
        }
    }
}
