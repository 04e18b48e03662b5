import Compression
import Pipeline
import PipelineTesting
import Receivers
import Telemetry
import Testing
import Transport
import Wire

@Suite struct OTLPHTTPTests {
    private let protobuf: HTTPFields = ["content-type": "application/x-protobuf"]
    private let json: HTTPFields = ["content-type": "application/json"]

    @Test(arguments: Signal.allCases)
    func `protobuf is taken and answered with a message without fields`(signal: Signal) async throws {
        try await withOTLPReceiver { receiver in
            let sample = Samples.completeBytes(signal)
            let response = try await receiver.send(sample, to: signal.exportPath)
            #expect(response.status == 200)
            #expect(response.fields["content-type"] == "application/x-protobuf")
            #expect(response.body.isEmpty)
            let batches = receiver.sink(signal).batches
            #expect(batches.map { $0.contiguous().array } == [sample.array])
            #expect(batches.first?.itemCount == Samples.completeItemCount(signal))
        }
    }

    @Test(arguments: Signal.allCases)
    func `json is taken and answered with an empty object`(signal: Signal) async throws {
        try await withOTLPReceiver { receiver in
            let text = OTLPJSON.write(try Samples.complete(signal))
            let fields: HTTPFields = ["content-type": "Application/JSON; charset=utf-8"]
            let response = try await receiver.send(text, to: signal.exportPath, fields)
            #expect(response.status == 200)
            #expect(response.fields["content-type"] == "application/json")
            #expect(response.body.string == "{}")
            #expect(receiver.sink(signal).itemCount == Samples.completeItemCount(signal))
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `bodies may be compressed`(algorithm: CompressionAlgorithm) async throws {
        try await withOTLPReceiver { receiver in
            let body = try Compressor(algorithm).compress([Samples.bytes(.traces, items: 50)])
            var fields = protobuf
            fields.add("content-encoding", algorithm.rawValue)
            #expect(try await receiver.send(body, fields).status == 200)
            #expect(receiver.sink(.traces).itemCount == 50)
        }
    }

    @Test(arguments: ["application/x-protobuf", "application/json"])
    func `an empty request is a success`(type: String) async throws {
        try await withOTLPReceiver { receiver in
            let response = try await receiver.send(.empty, ["content-type": type])
            #expect(response.status == 200)
            #expect(response.fields["content-type"] == type)
            #expect(receiver.sink(.traces).batches.isEmpty)
        }
    }

    @Test func `bad protobuf gets a status that names the byte`() async throws {
        try await withOTLPReceiver { receiver in
            let response = try await receiver.send(Bytes([0x0A, 0x05, 0x61]))
            #expect(response.status == 400)
            #expect(response.fields["content-type"] == "application/x-protobuf")
            let status = try #require(RPCStatus(decoding: response.body))
            #expect(status.code == GRPCStatus.Code.invalidArgument.rawValue)
            #expect(status.message.contains("at byte"))
            #expect(
                status.details == [
                    .badRequest([RPCStatus.FieldViolation(field: "", description: status.message)])
                ])
            #expect(receiver.harness.metric("apus_receiver_invalid_requests", ["transport": "http"]) == 1)
        }
    }

    @Test func `bad json gets a status in json`() async throws {
        try await withOTLPReceiver { receiver in
            let response = try await receiver.send(Bytes(utf8: #"{"resourceSpans":"\"x"}"#), json)
            #expect(response.status == 400)
            #expect(response.fields["content-type"] == "application/json")
            let text = response.body.string
            #expect(text.hasPrefix(#"{"code":3,"message":""#))
            #expect(text.contains(#""@type":"type.googleapis.com/google.rpc.BadRequest""#))
            #expect(text.contains(#""fieldViolations":[{"field":"","description":""#))
        }
    }

    @Test(arguments: [nil, CompressionAlgorithm.gzip, .zstd])
    func `too large bodies get 413 as they are and when they are inflated`(
        algorithm: CompressionAlgorithm?
    ) async throws {
        try await withOTLPReceiver(RunningOTLPReceiver.http("max_request_body_size: 4000")) { receiver in
            var body = Samples.bytes(.traces, items: 500)
            var fields = protobuf
            if let algorithm {
                body = try Compressor(algorithm).compress([Bytes(Array(repeating: 0, count: 100_000))])
                #expect(body.count < 4000)
                fields.add("content-encoding", algorithm.rawValue)
            }
            let response = try await receiver.send(body, fields)
            #expect(response.status == 413)
            let status = try #require(RPCStatus(decoding: response.body))
            #expect(status.code == GRPCStatus.Code.resourceExhausted.rawValue)
            #expect(status.message.contains("4000"))
        }
    }

    @Test func `a body that does not inflate is a bad request`() async throws {
        try await withOTLPReceiver { receiver async throws in
            var fields = protobuf
            fields.add("content-encoding", "gzip")
            #expect(try await receiver.send(Bytes(utf8: "no gzip"), fields).status == 400)
        }
    }

    @Test(
        arguments: [
            ("POST", "/v1/traces", nil, nil, 415), ("POST", "/v1/traces", "text/plain", nil, 415),
            ("POST", "/v1/traces", "application/json", "br", 415),
            ("POST", "/v1/traces", "application/json", "gzip, gzip", 415),
            ("GET", "/v1/traces", nil, nil, 405), ("PUT", "/v1/traces", "application/json", nil, 405),
            ("OPTIONS", "/v1/traces", nil, nil, 405), ("POST", "/v1/profiles", "application/json", nil, 404),
            ("POST", "/", "application/x-protobuf", nil, 404),
        ] as [(String, String, String?, String?, Int)])
    func `what is no otlp request is refused before its body`(
        method: String, path: String, type: String?, encoding: String?, status: Int
    ) async throws {
        try await withOTLPReceiver { receiver in
            var fields = HTTPFields()
            if let type { fields.add("content-type", type) }
            if let encoding { fields.add("content-encoding", encoding) }
            let response = try await receiver.send(Bytes(utf8: "{}"), to: path, method: method, fields)
            #expect(response.status == status)
            #expect(response.fields["allow"] == (status == 405 ? "POST" : nil))
            let isText = type == nil || type == "text/plain"
            #expect(response.fields["content-type"] == (isText ? "text/plain; charset=utf-8" : type))
            #expect(!response.body.isEmpty)
        }
    }

    @Test func `identity and a list of encodings that is configured are respected`() async throws {
        try await withOTLPReceiver(RunningOTLPReceiver.http("compression_algorithms: [zstd]")) { receiver in
            var fields = protobuf
            fields.add("content-encoding", "identity")
            #expect(try await receiver.send(Samples.bytes(.traces), fields).status == 200)
            fields["content-encoding"] = "gzip"
            let body = try Compressor(.gzip).compress([Samples.bytes(.traces)])
            let response = try await receiver.send(body, fields)
            #expect(response.status == 415)
            #expect(RPCStatus(decoding: response.body)?.message.contains("zstd") == true)
        }
    }

    @Test func `a pipeline that is full for now makes the client wait`() async throws {
        try await withOTLPReceiver { receiver in
            receiver.sink(.traces).refuse(with: .later(reason: "full", after: .milliseconds(2500)))
            let response = try await receiver.send(Samples.bytes(.traces))
            #expect(response.status == 503)
            #expect(response.fields["retry-after"] == "3")
            let status = try #require(RPCStatus(decoding: response.body))
            #expect(status.message == "full")
            #expect(status.retryDelay == .milliseconds(2500))

            receiver.sink(.traces).refuse(with: .later(reason: "full"))
            let text = OTLPJSON.write(try Samples.batch(.traces))
            let second = try await receiver.send(text, json)
            #expect(second.fields["retry-after"] == "1")
            #expect(second.body.string.contains(#""retryDelay":"1s""#))
        }
    }

    @Test func `a pipeline that refuses for good is a server error nobody retries`() async throws {
        try await withOTLPReceiver { receiver in
            receiver.sink(.traces).refuse(with: .never(reason: "no"))
            let response = try await receiver.send(Samples.bytes(.traces))
            #expect(response.status == 500)
            #expect(RPCStatus(decoding: response.body)?.message == "no")
        }
    }

    @Test(arguments: [nil, Rejection.later(reason: "lost", after: .seconds(7))])
    func `an answer that comes later is the response`(answer: Rejection?) async throws {
        try await withOTLPReceiver { receiver async throws in
            let sink = receiver.sink(.logs)
            sink.hold()
            async let response = receiver.send(Samples.bytes(.logs), to: "/v1/logs")
            await sink.waitForItems(3)
            sink.answer(answer)
            #expect(try await response.status == (answer == nil ? 200 : 503))
            #expect(try await response.fields["retry-after"] == (answer == nil ? nil : "7"))
        }
    }

    @Test func `a signal without a pipeline is not found`() async throws {
        try await withOTLPReceiver(signals: [.logs]) { receiver in
            let response = try await receiver.send(Samples.bytes(.traces))
            #expect(response.status == 404)
            #expect(RPCStatus(decoding: response.body)?.code == GRPCStatus.Code.unimplemented.rawValue)
            #expect(try await receiver.send(Samples.bytes(.logs), to: "/v1/logs").status == 200)
        }
    }

    @Test func `paths can be chosen`() async throws {
        let yaml = RunningOTLPReceiver.http("traces_url_path: t, logs_url_path: /a/logs")
        try await withOTLPReceiver(yaml) { receiver async throws in
            #expect(try await receiver.send(Samples.bytes(.traces), to: "/t").status == 200)
            #expect(try await receiver.send(Samples.bytes(.logs), to: "/a/logs?x=1").status == 200)
            #expect(try await receiver.send(Samples.bytes(.traces), to: "/v1/traces").status == 404)
            #expect(receiver.sink(.traces).itemCount == 3)
        }
    }

    @Test func `metadata goes along when it is asked for`() async throws {
        try await withOTLPReceiver(RunningOTLPReceiver.http("include_metadata: true")) { receiver in
            var fields = protobuf
            fields.add("X-Tenant", "a")
            fields.add("x-tenant", "b")
            _ = try await receiver.send(Samples.bytes(.traces), fields)
            let origin = try #require(receiver.sink(.traces).batches.first?.origin)
            #expect(origin.metadata["x-tenant"] == ["a", "b"])
            #expect(origin.peer.hasPrefix("127.0.0.1:"))
        }
        try await withOTLPReceiver { receiver in
            _ = try await receiver.send(Samples.bytes(.traces))
            #expect(receiver.sink(.traces).batches.first?.origin?.metadata.isEmpty ?? true)
        }
    }

    @Test func `configured headers are on every response`() async throws {
        try await withOTLPReceiver(RunningOTLPReceiver.http("response_headers: {X-Cell: eu-1}")) {
            receiver async throws in
            #expect(try await receiver.send(Samples.bytes(.traces)).fields["x-cell"] == "eu-1")
            #expect(try await receiver.send(to: "/nowhere").fields["x-cell"] == "eu-1")
        }
    }
}
