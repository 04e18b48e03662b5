import Compression
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite struct GRPCServerTests {
    /// Answers `/echo` with the message, `/fail` with a status, `/later` from elsewhere.
    struct Service: GRPCService {
        func admit(path: String, fields: HTTPFields, peer: String) -> GRPCStatus? {
            ["/echo", "/fail", "/later", "/forget"].contains(path)
                ? nil : GRPCStatus(.unimplemented, "no method \(path)")
        }

        func call(_ request: GRPCRequest, reply: GRPCReply) {
            switch request.path {
            case "/fail":
                reply.fail(
                    GRPCStatus(.unavailable, "50 % voll", details: [.retryInfo(delay: .seconds(2))]))
            case "/later": Task { reply.succeed(request.message) }
            case "/forget": break
            default: reply.succeed(request.message)
            }
        }
    }

    private static let callFields: HTTPFields = ["content-type": "application/grpc", "te": "trailers"]

    /// Sends requests over one connection and collects their outcomes in order.
    private func call(
        _ requests: [(path: String, fields: HTTPFields, body: [UInt8])], maxMessageSize: Int = 1000
    ) async throws -> [Result<HTTP2Response, TransportError>] {
        let application = GRPCApplication(service: Service(), maxMessageSize: maxMessageSize)
        return try await withServer(application) { server in
            let client = try await TestClient.connect(to: server)
            var results: [Result<HTTP2Response, TransportError>] = []
            for request in requests {
                results.append(
                    await client.send(
                        HTTP2Request(
                            method: "POST", scheme: "http", authority: "test", path: request.path,
                            fields: request.fields, body: [Bytes(request.body)])))
            }
            await client.close()
            return results
        }
    }

    private func status(of response: HTTP2Response) -> (code: String?, message: String?) {
        let fields = response.trailers ?? response.fields
        return (fields["grpc-status"], fields["grpc-message"].map(GRPCText.percentDecoded))
    }

    private func outcome(
        _ path: String, fields: HTTPFields = GRPCServerTests.callFields, _ body: [UInt8],
        maxMessageSize: Int = 1000
    ) async throws -> HTTP2Response {
        try #require(try await call([(path, fields, body)], maxMessageSize: maxMessageSize).first).get()
    }

    @Test(arguments: ["/echo", "/later"])
    func `a call is answered with a message and trailers`(path: String) async throws {
        let response = try await outcome(path, GRPCFraming.frame(Bytes([1, 2, 3])).array)
        #expect(response.status == 200)
        #expect(response.body.array == [0, 0, 0, 0, 3, 1, 2, 3])
        #expect(response.trailers?["grpc-status"] == "0")
        #expect(response.fields["content-type"] == "application/grpc")
    }

    @Test func `a failure has its message and details in the fields`() async throws {
        let response = try await outcome("/fail", GRPCFraming.frame(Bytes([1])).array)
        #expect(status(of: response) == ("14", "50 % voll"))
        let details = try #require(response.fields["grpc-status-details-bin"])
        let decoded = RPCStatus(decoding: Bytes(try #require(GRPCText.base64Decoded(details))))
        #expect(decoded?.retryDelay == .seconds(2))
        #expect(response.body.isEmpty)
    }

    @Test func `a forgotten call is an internal error`() async throws {
        #expect(status(of: try await outcome("/forget", [0, 0, 0, 0, 0])).code == "13")
    }

    @Test func `an unknown method is unimplemented and says what is accepted`() async throws {
        let response = try await outcome("/nothing", [0, 0, 0, 0, 0])
        #expect(status(of: response) == ("12", "no method /nothing"))
        #expect(response.fields["grpc-accept-encoding"]?.contains("gzip") == true)
    }

    @Test func `a message over the limit is resource exhausted without retry`() async throws {
        let large = GRPCFraming.frame(Bytes([UInt8](repeating: 1, count: 200_000))).array
        let response = try await outcome("/echo", large)
        #expect(status(of: response).code == "8")
        #expect(response.fields["grpc-status-details-bin"] == nil)
    }

    @Test func `the connection lives on after a message over the limit`() async throws {
        let large = GRPCFraming.frame(Bytes([UInt8](repeating: 1, count: 3_000_000))).array
        let results = try await call([
            ("/echo", Self.callFields, large), ("/echo", Self.callFields, [0, 0, 0, 0, 0]),
        ])
        #expect(try results.map { status(of: try $0.get()).code } == ["8", "0"])
    }

    @Test func `compressed messages are decompressed`() async throws {
        let content = Bytes([UInt8](repeating: 66, count: 900))
        var body = GRPCFraming.frame(try Compressor(.gzip).compress([content])).array
        body[0] = 1
        var fields = Self.callFields
        fields.add("grpc-encoding", "gzip")
        #expect(
            try await outcome("/echo", fields: fields, body).body.array.dropFirst(5).elementsEqual(
                content.array))
        let small = try await outcome("/echo", fields: fields, body, maxMessageSize: 899)
        #expect(status(of: small).code == "8")
    }

    @Test(arguments: [
        ("application/grpc", 200), ("application/grpc+proto", 200), ("application/grpc;charset=utf-8", 200),
        ("application/grpc+json", 415), ("application/grpcx", 415), ("application/json", 415), ("", 415),
    ])
    func `only protobuf is taken`(type: String, expected: Int) async throws {
        let response = try await outcome("/echo", fields: ["content-type": type], [0, 0, 0, 0, 0])
        #expect(response.status == expected)
    }

    @Test func `a timeout that is none is refused`() async throws {
        var fields = Self.callFields
        fields.add("grpc-timeout", "soon")
        #expect(status(of: try await outcome("/echo", fields: fields, [0, 0, 0, 0, 0])).code == "13")
    }

    @Test func `gRPC over HTTP/1.1 is told what it needs`() async throws {
        try await withServer(GRPCApplication(service: Service(), maxMessageSize: 10)) { server in
            let client = try RawClient(server)
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            #expect(await client.textToEnd()?.hasPrefix("HTTP/1.1 505 ") == true)
        }
    }
}
