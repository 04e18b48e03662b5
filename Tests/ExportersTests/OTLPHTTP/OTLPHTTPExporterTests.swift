import Compression
import Exporters
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite struct OTLPHTTPExporterTests {
    private func yaml(_ backend: Backend, _ keys: String = "") -> String {
        "{endpoint: 'http://\(backend.address)', \(keys)}"
    }

    @Test func `it is a component like any other`() async throws {
        let backend = try await Backend.http()
        try await Conformance.check(OTLPHTTPExporter.self, yaml: yaml(backend))
        await backend.stop()
    }

    @Test(
        arguments: Signal.allCases, ["gzip", "zstd", "snappy", "x-snappy-framed", "deflate", "zlib", "none"])
    func `a batch arrives as it is`(signal: Signal, compression: String) async throws {
        let backend = try await Backend.http()
        try await withExporter(OTLPHTTPExporter.self, yaml(backend, "compression: \(compression)")) {
            exporter in
            let batch = try Samples.complete(signal)
            #expect(try await exporter.export(batch, on: 0) == .delivered)
            let arrival = try #require(backend.arrivals.first)
            #expect(arrival.path == signal.exportPath)
            #expect(arrival.fields["content-type"] == "application/x-protobuf")
            #expect(arrival.fields["content-encoding"] == (compression == "none" ? nil : compression))
            #expect(arrival.fields["user-agent"] == "Apus/test")
            var body = arrival.body
            if let algorithm = CompressionAlgorithm(rawValue: compression) {
                body = try Decompression.decompress(body, algorithm, limit: 1 << 20)
            }
            #expect(body.array == batch.contiguous().array)
        }
        await backend.stop()
    }

    @Test(arguments: Signal.allCases)
    func `json bodies are one object each`(signal: Signal) async throws {
        let backend = try await Backend.http()
        try await withExporter(OTLPHTTPExporter.self, yaml(backend, "encoding: json, compression: none")) {
            exporter in
            var batch = try Samples.batch(signal)
            batch.append(try Samples.batch(signal, items: 2))
            _ = try await exporter.export(batch, on: 0)
            #expect(backend.arrivals.allSatisfy { $0.fields["content-type"] == "application/json" })
            let items = try backend.arrivals.map { try OTLPJSON.read($0.body, as: signal).itemCount }
            #expect(items == (signal == .profiles ? [3, 2] : [5]))
        }
        await backend.stop()
    }

    @Test(arguments: [
        ("/", "/v1/traces"), ("/base", "/base/v1/traces"), ("/base/", "/base/v1/traces"),
    ])
    func `the path of the signal is added to the base`(base: String, path: String) async throws {
        let backend = try await Backend.http()
        let yaml = "{endpoint: 'http://\(backend.address)\(base)'}"
        try await withExporter(OTLPHTTPExporter.self, yaml) { exporter in
            _ = try await exporter.export(try Samples.batch(.traces), on: 0)
            #expect(backend.arrivals.map { $0.path } == [path])
        }
        await backend.stop()
    }

    @Test(arguments: [("", "/"), ("/", "/"), ("/own/", "/own/"), ("/own?key=1", "/own?key=1"), ("?a", "/?a")])
    func `the url of a signal is used as it is written`(written: String, path: String) async throws {
        let backend = try await Backend.http()
        let yaml = "{traces_endpoint: 'http://\(backend.address)\(written)'}"
        try await withExporter(OTLPHTTPExporter.self, yaml) { exporter in
            _ = try await exporter.export(try Samples.batch(.traces), on: 0)
            #expect(backend.arrivals.map { $0.path } == [path])
            let failure = try await failure(exporter, try Samples.batch(.logs))
            #expect(failure == .permanent(reason: "there is no endpoint for logs"))
        }
        await backend.stop()
    }

    @Test func `configured headers win`() async throws {
        let backend = try await Backend.http()
        let keys = "headers: {X-Key: secret, User-Agent: me/1, Host: site.example}"
        try await withExporter(OTLPHTTPExporter.self, yaml(backend, keys)) { exporter in
            _ = try await exporter.export(try Samples.batch(.logs), on: 0)
            let fields = try #require(backend.arrivals.first?.fields)
            #expect(fields["x-key"] == "secret")
            #expect(fields.all("user-agent") == ["me/1"])
            #expect(fields.all("host") == ["site.example"])
        }
        await backend.stop()
    }

    @Test(arguments: [
        300, 307, 400, 401, 402, 403, 404, 405, 408, 413, 414, 429, 431, 500, 501, 502, 503, 504, 505,
    ])
    func `which statuses are tried again is as the specification says`(status: Int) async throws {
        let backend = try await Backend.http { _ in .text(status, "because") }
        try await withExporter(OTLPHTTPExporter.self, yaml(backend)) { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            #expect(failure.isPermanent == ![429, 502, 503, 504].contains(status))
            #expect(
                failure.description == "\(backend.address)/v1/traces answered with status \(status): because")
        }
        await backend.stop()
    }

    @Test(arguments: [("7", Duration.seconds(7)), ("soon", nil), (nil, nil)] as [(String?, Duration?)])
    func `retry after is the least time to wait`(value: String?, delay: Duration?) async throws {
        let backend = try await Backend.http { _ in
            var response = ServerResponse(status: 503)
            response.fields["retry-after"] = value
            return response
        }
        try await withExporter(OTLPHTTPExporter.self, yaml(backend)) { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            let reason = "\(backend.address)/v1/traces answered with status 503"
            #expect(failure == .retryable(reason: reason, after: delay))
        }
        await backend.stop()
    }

    @Test(arguments: ["application/x-protobuf", "application/json; charset=utf-8"])
    func `the message of a status is shown`(type: String) async throws {
        let status = RPCStatus(code: 3, message: "too \"old\"")
        let json = Bytes(utf8: "{\n\t\"message\": \"too \\\"old\\\"\", \"code\": 3}")
        let backend = try await Backend.http { _ in
            let body = type.contains("json") ? json : status.encoded()
            return ServerResponse(status: 400, fields: ["content-type": type], body: body)
        }
        try await withExporter(OTLPHTTPExporter.self, yaml(backend)) { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            #expect(failure.description.hasSuffix("answered with status 400: too \"old\""))
        }
        await backend.stop()
    }

    @Test(arguments: ["proto", "json"])
    func `a partial success is an outcome`(encoding: String) async throws {
        let json = Bytes(utf8: #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"old"}}"#)
        let backend = try await Backend.http { arrival in
            let type = arrival.fields["content-type"] ?? ""
            let body = type == "application/json" ? json : partialSuccess(rejected: 2, message: "old")
            return ServerResponse(status: 200, fields: ["content-type": type], body: body)
        }
        try await withExporter(OTLPHTTPExporter.self, yaml(backend, "encoding: \(encoding)")) { exporter in
            let outcome = try await exporter.export(try Samples.batch(.traces), on: 0)
            #expect(outcome == ExportOutcome(rejectedItems: 2, message: "old"))
        }
        await backend.stop()
    }

    @Test(arguments: [
        ("application/x-protobuf", "\u{A}\u{5}a", 1), ("application/json", "{", 1),
        ("application/json", " ", 100_000), ("text/plain", "x", (4 << 20) + 1),
    ])
    func `a success that cannot be read is not tried again`(
        type: String, text: String, count: Int
    ) async throws {
        let body = Bytes(utf8: String(repeating: text, count: count))
        let backend = try await Backend.http { _ in
            ServerResponse(status: 200, fields: ["content-type": type], body: body)
        }
        try await withExporter(OTLPHTTPExporter.self, yaml(backend)) { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            #expect(failure.isPermanent, "\(failure)")
        }
        await backend.stop()
    }

    @Test(arguments: [("application/json", ""), ("text/html", "<p>"), (nil, "")] as [(String?, String)])
    func `a success that says nothing is one`(type: String?, text: String) async throws {
        let backend = try await Backend.http { _ in
            var response = ServerResponse(status: 202, body: Bytes(utf8: text))
            response.fields["content-type"] = type
            return response
        }
        try await withExporter(OTLPHTTPExporter.self, yaml(backend)) { exporter async throws in
            #expect(try await exporter.export(try Samples.batch(.traces), on: 0) == .delivered)
        }
        await backend.stop()
    }

    @Test(arguments: ["proto", "json"])
    func `a batch over the limit is not sent`(encoding: String) async throws {
        let backend = try await Backend.http()
        let keys = "max_request_size_mib: 1, encoding: \(encoding)"
        try await withExporter(OTLPHTTPExporter.self, yaml(backend, keys)) { exporter in
            let batch = try Samples.batch(.logs, items: 1, service: String(repeating: "x", count: 1 << 20))
            let failure = try await failure(exporter, batch)
            #expect(failure.isPermanent)
            #expect(backend.arrivals.isEmpty)
        }
        await backend.stop()
    }

    @Test func `a backend that is not there is tried again`() async throws {
        // The system never hands out port 1, so that no other test can have it.
        try await withExporter(OTLPHTTPExporter.self, "{endpoint: 'http://127.0.0.1:1'}") { exporter in
            let failure = try await failure(exporter, try Samples.batch(.traces))
            #expect(!failure.isPermanent)
        }
    }

    @Test(arguments: [
        ("{}", "set endpoint"), ("{endpoint: 'x:4318'}", "must be a URL"),
        ("{endpoint: 'grpc://x'}", "scheme"),
        ("{endpoint: 'http://x/?a=1'}", "cannot have a query"), ("{traces_endpoint: 'x'}", "must be a URL"),
        ("{endpoint: 'http://x', encoding: xml}", "one of proto, json"),
        ("{endpoint: 'http://x', headers: {content-length: '1'}}", "set by the protocol"),
        ("{endpoint: 'http://x', proxy_url: 'socks5://x'}", "http://"),
        ("{endpoint: 'http://x', cookies: {enabled: true}}", "not part of this version"),
    ])
    func `mistakes are found before anything starts`(yaml: String, message: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try OTLPHTTPExporter.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `a level that the compression does not have is named`() throws {
        let yaml = "{endpoint: 'http://x', compression_params: {level: 40}}"
        let configuration = try OTLPHTTPExporter.Configuration.decode(yaml: yaml)
        let error = #expect(throws: ComponentError.self) {
            _ = try OTLPHTTPExporter(configuration, in: Harness().context(.exporter, "otlp_http"))
        }
        #expect(error?.key == "compression_params.level")
    }

    @Test func `delivery has otelcol's defaults`() throws {
        let configuration = try OTLPHTTPExporter.Configuration.decode(yaml: "{endpoint: 'http://x'}")
        #expect(configuration.delivery == DeliverySettings(timeout: .seconds(30)))
    }
}
