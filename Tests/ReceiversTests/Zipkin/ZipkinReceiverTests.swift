import Compression
import Logging
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite struct ZipkinReceiverTests {
    private let span = Bytes(
        utf8: #"[{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","id":"00f067aa0ba902b7","#
            + #""name":"n","tags":{"k":"7"}}]"#)
    /// The same span in protobuf: a list of one message with trace_id, id and name.
    private let protobuf: Bytes = {
        var writer = Writer()
        let mark = writer.begin(1)
        writer.write(bytes: Array(1...16), 1)
        writer.write(bytes: Array(1...8), 3)
        writer.write(string: "n", 5)
        writer.end(mark)
        return writer.finish()
    }()

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(ZipkinReceiver.self, yaml: "{endpoint: '127.0.0.1:0'}")
    }

    @Test func `its defaults are those of otelcol`() throws {
        let configuration = try ZipkinReceiver.Configuration.decode(yaml: "{}")
        #expect(configuration.server.endpoint == "localhost:9411")
        #expect(!configuration.parseStringTags)
        let protocols = try ZipkinReceiver.Configuration.decode(yaml: "protocols: {http: }").protocols
        #expect(protocols?.http.value?.endpoint == "localhost:9411")
    }

    @Test(arguments: [
        ("protocols: {}", "name the protocol"), ("protocols: {grpc: }", "grpc"),
        ("endpoint: localhost", "port"), ("protocols: {http: {endpoint: 'localhost:x'}}", "port"),
        ("parse_string_tags: 7", "parse_string_tags"), ("middlewares: []", "not part of this version"),
    ])
    func `mistakes are found before anything starts`(yaml: String, message: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try ZipkinReceiver.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        ("endpoint: '127.0.0.1:0'", false), ("protocols: {http: {endpoint: '127.0.0.1:0'}}", false),
        ("endpoint: 'localhost:1', protocols: {http: {endpoint: '127.0.0.1:0'}}", true),
    ])
    func `the server is the one of the protocol, or the one beside it`(
        keys: String, isWarned: Bool
    ) async throws {
        try await withZipkinReceiver(keys) { receiver async throws in
            #expect(try await receiver.send(span).status == 202)
            #expect(receiver.harness.log.lines.contains { $0.level == .warning } == isWarned)
        }
    }

    @Test(
        arguments: [
            ("/api/v2/spans", "application/json"), ("/api/v1/spans", "application/json"),
            ("/api/v2/spans", "application/json; charset=utf-8"), ("/zipkin/api/v2/spans", "text/plain"),
            ("/api/v2/spans", nil), ("/api/v2/spans", "application/x-protobuf"),
            ("/api/v2/spans", "Application/X-Protobuf; a=b"),
        ] as [(String, String?)])
    func `spans are taken and answered with 202 and nothing`(path: String, type: String?) async throws {
        try await withZipkinReceiver { receiver in
            var fields: HTTPFields = [:]
            fields["content-type"] = type
            let isProtobuf = type?.lowercased().contains("protobuf") == true
            let response = try await receiver.send(isProtobuf ? protobuf : span, to: path, fields)
            #expect(response.status == 202)
            #expect(response.body.isEmpty)
            #expect(receiver.sink.itemCount == 1)
            let found = receiver.sink.batches.first?.resourceSpans.first?.scopes.first?.records.first
            #expect(found?.name == "n")
            #expect(
                receiver.outletTransports
                    == ["http_v1_json", "http_v1_thrift", "http_v2_json", "http_v2_proto"])
        }
    }

    @Test func `spans in thrift are taken`() async throws {
        // A list of one struct: trace_id and id are 1, the name is n.
        let one: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1]
        var body: [UInt8] = [12, 0, 0, 0, 1, 10, 0, 1]
        body += one
        body += [11, 0, 3, 0, 0, 0, 1, 0x6E, 10, 0, 4]
        body += one
        body.append(0)
        try await withZipkinReceiver { receiver in
            let fields: HTTPFields = ["content-type": "application/x-thrift"]
            let response = try await receiver.send(Bytes(body), to: "/api/v1/spans", fields)
            #expect(response.status == 202, "\(response.body.string)")
            let found = receiver.sink.batches.first?.resourceSpans.first?.scopes.first?.records.first
            #expect(found?.name == "n")
        }
    }

    @Test(arguments: CompressionAlgorithm.allCases)
    func `bodies may be compressed`(algorithm: CompressionAlgorithm) async throws {
        try await withZipkinReceiver { receiver in
            let body = try Compressor(algorithm).compress([span])
            let fields: HTTPFields = [
                "content-type": "application/json", "content-encoding": algorithm.rawValue,
            ]
            #expect(try await receiver.send(body, fields).status == 202)
            #expect(receiver.sink.itemCount == 1)
        }
    }

    @Test func `an empty list is a success that nobody hears of`() async throws {
        try await withZipkinReceiver { receiver async throws in
            #expect(try await receiver.send(Bytes(utf8: "[]")).status == 202)
            #expect(receiver.sink.batches.isEmpty)
        }
    }

    @Test(arguments: [(false, "s"), (true, "i")])
    func `texts become numbers when that is wanted`(isWanted: Bool, kind: String) async throws {
        try await withZipkinReceiver("endpoint: '127.0.0.1:0', parse_string_tags: \(isWanted)") { receiver in
            _ = try await receiver.send(span)
            let found = receiver.sink.batches.first?.resourceSpans.first?.scopes.first?.records.first
            let value = try #require(found?.attributes["k"])
            if case .int(7) = value.content { #expect(isWanted) } else { #expect(value.string == "7") }
        }
    }

    @Test func `metadata goes along when it is asked for`() async throws {
        try await withZipkinReceiver("endpoint: '127.0.0.1:0', include_metadata: true") { receiver in
            _ = try await receiver.send(span, ["content-type": "application/json", "X-Tenant": "a"])
            let origin = try #require(receiver.sink.batches.first?.origin)
            #expect(origin.metadata["x-tenant"] == ["a"])
        }
    }

    @Test func `web pages of allowed origins may send`() async throws {
        let cors = "cors: {allowed_origins: ['https://*.example.com']}"
        try await withZipkinReceiver("endpoint: '127.0.0.1:0', \(cors)") { receiver in
            let origin = "https://app.example.com"
            let asked = try await receiver.send(
                .empty, method: "OPTIONS",
                [
                    "origin": origin, "access-control-request-method": "POST",
                    "access-control-request-headers": "content-type",
                ])
            #expect(asked.status == 204)
            #expect(asked.fields["access-control-allow-origin"] == origin)
            let sent = try await receiver.send(span, ["origin": origin, "content-type": "application/json"])
            #expect(sent.status == 202)
            #expect(sent.fields["access-control-allow-origin"] == origin)
        }
    }

    @Test func `configured headers are on every response`() async throws {
        try await withZipkinReceiver("endpoint: '127.0.0.1:0', response_headers: {X-Cell: eu-1}") {
            receiver async throws in
            #expect(try await receiver.send(span).fields["x-cell"] == "eu-1")
            #expect(try await receiver.send(.empty, to: "/nowhere").fields["x-cell"] == "eu-1")
        }
    }
}
