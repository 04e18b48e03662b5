import Compression
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

/// What clients hear when their spans are not taken, and what is counted.
@Suite struct ZipkinRefusalTests {
    private let span = Bytes(
        utf8: #"[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","id":"00f067aa0ba902b7"}]"#)

    @Test(arguments: [
        ("POST", "/api/v2/span", "application/json", 404), ("GET", "/api/v2/spans", "application/json", 405),
        ("POST", "/", "application/json", 404),
        ("POST", "/api/v2/spans", "application/x-thrift", 415),
        ("POST", "/api/v1/spans", "application/x-protobuf", 415),
    ])
    func `what is not served says so`(method: String, path: String, type: String, status: Int) async throws {
        try await withZipkinReceiver { receiver in
            let response = try await receiver.send(span, to: path, method: method, ["content-type": type])
            #expect(response.status == status)
            #expect(response.fields["allow"] == (status == 405 ? "POST" : nil))
            if type.contains("thrift") { #expect(response.body.string.contains("/api/v1/spans")) }
            #expect(receiver.sink.batches.isEmpty)
        }
    }

    @Test(arguments: [
        ("/api/v2/spans", "application/json", "http_v2_json", "[{}]", "span 0: traceId is missing"),
        ("/api/v1/spans", "application/json", "http_v1_json", "{}", "expected an array of spans"),
        ("/api/v2/spans", "application/x-protobuf", "http_v2_proto", "x", "ListOfSpans is not protobuf"),
        ("/api/v2/spans", "application/json", "http_v2_json", "", "expected an array of spans at byte 0"),
        ("/api/v1/spans", "application/x-thrift", "http_v1_thrift", "\u{C}", "list of spans: value ends"),
    ])
    func `a body that is wrong is refused with what is wrong, and counted`(
        path: String, type: String, transport: String, body: String, reason: String
    ) async throws {
        try await withZipkinReceiver { receiver in
            let response = try await receiver.send(Bytes(utf8: body), to: path, ["content-type": type])
            #expect(response.status == 400)
            #expect(response.body.string.hasPrefix(reason), "\(response.body.string)")
            let count = receiver.harness.metric("apus_receiver_invalid_requests", ["transport": transport])
            #expect(count == 1)
            #expect(receiver.sink.batches.isEmpty)
        }
    }

    @Test(arguments: [nil, CompressionAlgorithm.gzip, .zstd])
    func `too large bodies get 413 as they are and when they are inflated`(
        algorithm: CompressionAlgorithm?
    ) async throws {
        try await withZipkinReceiver("endpoint: '127.0.0.1:0', max_request_body_size: 4000") { receiver in
            var body = Bytes(utf8: String(repeating: " ", count: 100_000))
            var fields: HTTPFields = ["content-type": "application/json"]
            if let algorithm {
                body = try Compressor(algorithm).compress([body])
                #expect(body.count < 4000)
                fields.add("content-encoding", algorithm.rawValue)
            }
            let response = try await receiver.send(body, fields)
            #expect(response.status == 413)
            #expect(response.body.string.contains("4000"))
        }
    }

    @Test func `a body that does not inflate is a bad request, an encoding that is not read 415`()
        async throws
    {
        let keys = "endpoint: '127.0.0.1:0', compression_algorithms: [gzip]"
        try await withZipkinReceiver(keys) { receiver async throws in
            var fields: HTTPFields = ["content-type": "application/json", "content-encoding": "gzip"]
            #expect(try await receiver.send(Bytes(utf8: "no gzip"), fields).status == 400)
            fields["content-encoding"] = "zstd"
            let response = try await receiver.send(span, fields)
            #expect(response.status == 415)
            #expect(response.body.string == "content-encoding must be one of: gzip")
        }
    }

    @Test func `a pipeline that is full for now makes the client wait`() async throws {
        try await withZipkinReceiver { receiver in
            receiver.sink.refuse(with: .later(reason: "full", after: .milliseconds(2500)))
            let response = try await receiver.send(span)
            #expect(response.status == 503)
            #expect(response.fields["retry-after"] == "3")
            #expect(response.body.string == "full")
        }
    }

    @Test func `what a pipeline refuses for good must not be sent again`() async throws {
        try await withZipkinReceiver { receiver in
            receiver.sink.refuse(with: .never(reason: "no"))
            let response = try await receiver.send(span)
            #expect(response.status == 400)
            #expect(response.body.string == "no")
        }
    }

    @Test(arguments: [false, true])
    func `spans of which a backend refuses some are accepted, which is logged`(
        isLater: Bool
    ) async throws {
        try await withZipkinReceiver { receiver async throws in
            let refusal = Rejection.never(reason: "too old", items: 1)
            if isLater {
                receiver.sink.hold()
                async let response = receiver.send(span)
                await receiver.sink.waitForItems(1)
                receiver.sink.answer(refusal)
                #expect(try await response.status == 202)
            } else {
                receiver.sink.refuse(with: refusal)
                #expect(try await receiver.send(span).status == 202)
            }
            let line = receiver.harness.log.lines.first { $0.message.contains("refused spans for good") }
            #expect(line?.metadata["reason"] == "too old")
            #expect(line?.metadata["spans"] == "1")
        }
    }

    @Test(arguments: [nil, Rejection.later(reason: "lost", after: .seconds(7))])
    func `an answer that comes later is the response`(answer: Rejection?) async throws {
        try await withZipkinReceiver { receiver async throws in
            receiver.sink.hold()
            async let response = receiver.send(span)
            await receiver.sink.waitForItems(1)
            receiver.sink.answer(answer)
            #expect(try await response.status == (answer == nil ? 202 : 503))
            #expect(try await response.fields["retry-after"] == (answer == nil ? nil : "7"))
        }
    }

    @Test func `without memory requests are refused before they are read, and counted`() async throws {
        try await withZipkinReceiver { receiver in
            let limiter = try receiver.limitMemory(to: 1 << 20)
            let response = try await receiver.send(span)
            #expect(response.status == 503)
            #expect(response.fields["retry-after"] == "1")
            let labels: KeyValuePairs = ["transport": "http", "reason": "memory"]
            #expect(receiver.harness.metric("apus_receiver_refused_requests", labels) == 1)
            withExtendedLifetime(limiter) {}
        }
    }

    /// Lets `Token right` in and nobody else.
    private final class Doorkeeper: ServerAuthenticator {
        static let name = "doorkeeper"
        static let summary = "Checks one token."

        init() {}
        init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}
        func run(_ session: ExtensionSession) async throws(ComponentError) {}

        func authenticate(_ request: AuthenticationRequest) -> AuthenticationVerdict {
            request.fields["authorization"] == "Token right"
                ? .granted(Principal(attributes: ["username": "alice"]))
                : .refused(.unauthenticated(reason: "wrong token", challenge: "Token"))
        }
    }

    @Test func `who is not known may not send`() async throws {
        let keys = "endpoint: '127.0.0.1:0', auth: {authenticator: doorkeeper}"
        try await withZipkinReceiver(keys, extensions: ["doorkeeper": Doorkeeper()]) { receiver in
            let refused = try await receiver.send(span)
            #expect(refused.status == 401)
            #expect(refused.fields["www-authenticate"] == "Token")
            #expect(refused.body.string == "wrong token")
            let fields: HTTPFields = ["content-type": "application/json", "authorization": "Token right"]
            #expect(try await receiver.send(span, fields).status == 202)
            #expect(receiver.sink.batches.first?.origin?.attributes == ["username": "alice"])
        }
    }

    @Test func `a port that is taken is named`() async throws {
        try await withZipkinReceiver { first in
            let line = first.harness.log.lines.first { $0.message == "listening" }
            let address = try #require(line?.metadata["address"])
            let error = await #expect(throws: ComponentError.self) {
                _ = try await RunningZipkinReceiver("protocols: {http: {endpoint: '\(address)'}}")
            }
            #expect(error?.key == "protocols.http.endpoint")
            let other = await #expect(throws: ComponentError.self) {
                _ = try await RunningZipkinReceiver("endpoint: '\(address)'")
            }
            #expect(other?.key == "endpoint")
        }
    }
}
