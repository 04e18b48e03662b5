import Compression
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite struct JaegerReceiverTests {
    private typealias Samples = JaegerSamples

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(JaegerReceiver.self, yaml: RunningJaegerReceiver.all)
    }

    @Test func `spans come over all protocols`() async throws {
        try await withJaegerReceiver { receiver in
            #expect(try await receiver.call(Samples.protobuf("grpc")).isEmpty)
            let response = try await receiver.send(Samples.binary("http"))
            #expect(response.status == 202 && response.body.isEmpty)
            try receiver.datagrams([Samples.compactCall("compact")], to: "thrift_compact")
            await receiver.sink.waitForItems(3)
            try receiver.datagrams([Samples.binaryCall("binary")], to: "thrift_binary")
            await receiver.sink.waitForItems(4)
            #expect(receiver.names == ["grpc", "http", "compact", "binary"])
            await receiver.wait(for: "otelcol_jaeger_receiver_thrift_pkt_processed", 2)
        }
    }

    @Test func `only protocols that are named are spoken`() async throws {
        let yaml = "protocols: {thrift_http: {endpoint: '127.0.0.1:0'}}"
        try await withJaegerReceiver(yaml) { receiver in
            let protocols = receiver.harness.log.lines.compactMap { $0.metadata["protocol"] }
            #expect(protocols == ["Jaeger/HTTP"])
        }
    }

    // MARK: - gRPC

    @Test func `refusals over gRPC say whether to send again`() async throws {
        try await withJaegerReceiver { receiver in
            receiver.sink.refuse(with: .later(reason: "full", after: .seconds(3)))
            #expect(try await receiver.failure(Samples.protobuf("a")).code == .unavailable)
            receiver.sink.refuse(with: .never(reason: "not here"))
            let never = try await receiver.failure(Samples.protobuf("a"))
            #expect(never.code == .internal && never.message == "not here")
            let invalid = try await receiver.failure(Bytes([0x0A, 4, 0x0A, 2, 0x12, 9]))
            #expect(invalid.code == .invalidArgument)
            #expect(invalid.message == "value ends after its message at byte 5")
            #expect(receiver.harness.metric("apus_receiver_invalid_requests", ["transport": "grpc"]) == 1)
            #expect(try await receiver.failure(.empty, "/jaeger.api_v2.Other/X").code == .unimplemented)
            let sampling = "/jaeger.api_v2.SamplingManager/GetSamplingStrategy"
            #expect(try await receiver.failure(.empty, sampling).code == .unimplemented)
            #expect(receiver.names.isEmpty)
        }
    }

    @Test func `without memory requests are refused and datagrams counted`() async throws {
        try await withJaegerReceiver { receiver in
            let watch = try receiver.exhaustMemory()
            #expect(try await receiver.failure(Samples.protobuf("a")).code == .unavailable)
            let response = try await receiver.send(Samples.binary("a"))
            #expect(response.status == 503 && response.fields["retry-after"] == "1")
            try receiver.datagrams([Samples.compactCall("a")], to: "thrift_compact")
            let labels: KeyValuePairs = ["transport": "udp_thrift_compact", "reason": "memory"]
            while receiver.harness.metric("apus_receiver_refused_requests", labels) ?? 0 < 1 {
                await Task.yield()
            }
            #expect(receiver.names.isEmpty)
            _ = watch
        }
    }

    // MARK: - HTTP

    @Test func `requests over HTTP are answered with what is wrong`() async throws {
        try await withJaegerReceiver { receiver in
            let body = Samples.binary("a")
            func status(
                _ body: [UInt8], path: String = "/api/traces", method: String = "POST", type: String? = nil,
                encoding: String? = nil
            ) async throws -> Int {
                var fields: HTTPFields = ["content-type": type ?? "application/vnd.apache.thrift.binary"]
                if let encoding { fields["content-encoding"] = encoding }
                return try await receiver.send(body, to: path, method: method, fields).status
            }
            #expect(try await status(body, path: "/api/traces?format=jaeger.thrift") == 202)
            #expect(try await status(body, type: "Application/X-Thrift; charset=x") == 202)
            #expect(try await status(body, path: "/api/v2/spans") == 404)
            #expect(try await status(body, method: "PUT") == 405)
            #expect(try await status(body, type: "application/json") == 400)
            #expect(try await status(body, encoding: "br") == 415)
            #expect(try await status(Array(body.dropLast(9))) == 400)
            #expect(try await status([]) == 400)
            #expect(try await status(body, encoding: "gzip") == 400)
            let zipped = try Compressor(.gzip).compress([Bytes(body)]).array
            #expect(try await status(zipped, encoding: "gzip") == 202)
            #expect(receiver.names == ["a", "a", "a"])
            let labels: KeyValuePairs = ["transport": "collector_http"]
            #expect(receiver.harness.metric("apus_receiver_invalid_requests", labels) == 3)
        }
    }

    @Test func `refusals over HTTP say whether to send again`() async throws {
        try await withJaegerReceiver { receiver in
            receiver.sink.refuse(with: .later(reason: "full", after: .milliseconds(2500)))
            let later = try await receiver.send(Samples.binary("a"))
            #expect(later.status == 503 && later.fields["retry-after"] == "3")
            receiver.sink.refuse(with: .never(reason: "not here"))
            #expect(try await receiver.send(Samples.binary("a")).status == 500)
            receiver.sink.hold()
            async let held = receiver.send(Samples.binary("a"))
            await receiver.sink.waitForItems(1)
            receiver.sink.answer(.never(reason: "one of two", items: 1))
            #expect(try await held.status == 202)
        }
    }

    @Test func `bodies are bounded, before and after decompression`() async throws {
        let yaml = "protocols: {thrift_http: {endpoint: '127.0.0.1:0', max_request_body_size: 1000}}"
        try await withJaegerReceiver(yaml) { receiver in
            #expect(try await receiver.send(Array(repeating: 0, count: 2000)).status == 413)
            let bomb = try Compressor(.gzip).compress([Bytes(Array(repeating: 0, count: 100_000))]).array
            let fields: HTTPFields = ["content-type": "application/x-thrift", "content-encoding": "gzip"]
            #expect(try await receiver.send(bomb, fields).status == 413)
        }
    }

    @Test func `headers, pages of others and metadata are as configured`() async throws {
        let yaml = """
            protocols:
              thrift_http:
                endpoint: '127.0.0.1:0'
                include_metadata: true
                response_headers: {x-server: apus}
                cors: {allowed_origins: ['https://app.example']}
            """
        try await withJaegerReceiver(yaml) { receiver in
            var fields: HTTPFields = ["content-type": "application/x-thrift"]
            fields["origin"] = "https://app.example"
            fields["x-tenant"] = "blue"
            let response = try await receiver.send(Samples.binary("a"), fields)
            #expect(response.fields["x-server"] == "apus")
            #expect(response.fields["access-control-allow-origin"] == "https://app.example")
            #expect(receiver.sink.batches.first?.origin?.metadata["x-tenant"] == ["blue"])
            fields["access-control-request-method"] = "POST"
            #expect(try await receiver.send([], method: "OPTIONS", fields).status == 204)
        }
    }

    // MARK: - The configuration

    @Test(arguments: [
        ("protocols: {}", "name at least one protocol"), ("{}", "protocols"),
        ("protocols: {thrift_compact: {endpoint: 'unix:///x'}}", "no address of UDP"),
        ("protocols: {thrift_compact: {endpoint: 'localhost'}}", "port is missing"),
        ("protocols: {thrift_binary: {workers: 0}}", "from 1 to 10000"),
        ("protocols: {thrift_binary: {max_packet_size: 0}}", "from 1 to 1048576"),
        ("protocols: {thrift_binary: {queue_size: -1}}", "from 0 to 1000000"),
        ("protocols: {thrift_htttp: {}}", "thrift_htttp"),
        ("{protocols: {grpc: }, remote_sampling: {}}", "strategy_file"),
        ("{protocols: {grpc: }, remote_sampling: {strategy_file: x, endpoint: y}}", "not supported"),
        ("{protocols: {grpc: }, remote_sampling: {strategy_file: x, host_endpoint: y}}", "port is missing"),
    ])
    func `mistakes are named`(yaml: String, reason: String) {
        let error = #expect(throws: (any Error).self) {
            try JaegerReceiver.Configuration.decode(yaml: yaml)
        }
        #expect(error.map { "\($0)".contains(reason) } == true, "\(String(describing: error))")
    }

    @Test func `keys have the defaults of otelcol`() throws {
        let yaml = "protocols: {grpc: , thrift_http: , thrift_compact: , thrift_binary: }"
        let protocols = try JaegerReceiver.Configuration.decode(yaml: yaml).protocols
        #expect(protocols.grpc.value?.endpoint == "localhost:14250")
        #expect(protocols.thriftHTTP.value?.endpoint == "localhost:14268")
        #expect(protocols.thriftBinary.value?.endpoint == "localhost:6832")
        let compact = try #require(protocols.thriftCompact.value)
        #expect(compact.endpoint == "localhost:6831" && compact.socketBufferSize == 0)
        #expect(compact.queueSize == 1000 && compact.maxPacketSize == 65_000 && compact.workers == 10)
    }

    @Test func `an address that is taken is named with its key`() async throws {
        try await withJaegerReceiver { receiver in
            for (name, key) in [
                ("thrift_compact", "thrift_compact"), ("HTTP", "thrift_http"), ("gRPC", "grpc"),
            ] {
                let address = try receiver.address(name)
                let error = await #expect(throws: ComponentError.self) {
                    _ = try await RunningJaegerReceiver("protocols: {\(key): {endpoint: '\(address)'}}")
                }
                #expect(error?.key == "protocols.\(key).endpoint")
                #expect(error?.description.contains("\(address)") == true)
            }
        }
    }
}
