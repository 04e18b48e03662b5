import Compression
import Exporters
import Formats
import Pipeline
import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing
import Transport
import Wire

@Suite struct ZipkinExporterTests {
    private func yaml(_ backend: Backend, _ keys: String = "") -> String {
        "{endpoint: 'http://\(backend.address)/api/v2/spans', \(keys)}"
    }

    /// A batch of as many spans as are asked for with ids, and others without.
    private func batch(_ count: Int = 1, withoutIDs: Int = 0) -> Batch {
        var builder = TracesBuilder()
        for number in 0..<(count + withoutIDs) {
            builder.span { span in
                if number < count {
                    span.traceID(Bytes([UInt8](repeating: 1, count: 16)))
                    span.spanID(Bytes([UInt8](repeating: 2, count: 8)))
                }
                span.name("span \(number)")
            }
        }
        return builder.finish()
    }

    @Test func `it is a component like any other`() async throws {
        let backend = try await Backend.http()
        // One span of the sample has no ids.
        try await Conformance.check(ZipkinExporter.self, yaml: yaml(backend), rejecting: 1)
        await backend.stop()
    }

    @Test(arguments: [("json", "application/json"), ("proto", "application/x-protobuf")])
    func `a batch is one request to the url as it is written`(format: String, type: String) async throws {
        let backend = try await Backend.http { _ in ServerResponse(status: 202) }
        try await withExporter(ZipkinExporter.self, yaml(backend, "format: \(format)")) { exporter in
            #expect(try await exporter.export(batch(3), on: 0) == .delivered)
            #expect(backend.arrivals.count == 1)
            let arrival = try #require(backend.arrivals.first)
            #expect(arrival.path == "/api/v2/spans")
            #expect(arrival.fields["content-type"] == type)
            #expect(arrival.fields["content-encoding"] == nil)
            #expect(arrival.fields["user-agent"] == "Apus/test")
            let form = format == "json" ? ZipkinForm.json : .protobuf
            let back = try ZipkinDecoder().decode(arrival.body, as: form, limit: 1 << 24, now: 1)
            #expect(back.itemCount == 3)
            #expect(
                back.resourceSpans.first?.resource.attributes["service.name"]?.string
                    == "<missing service name>")
        }
        await backend.stop()
    }

    @Test func `services without a name get the one that is configured`() async throws {
        let backend = try await Backend.http()
        try await withExporter(ZipkinExporter.self, yaml(backend, "default_service_name: nobody")) {
            exporter in
            _ = try await exporter.export(batch(), on: 0)
            #expect(backend.arrivals.first?.body.string.contains(#""serviceName":"nobody""#) == true)
        }
        await backend.stop()
    }

    @Test(arguments: ["gzip", "zstd", "deflate", "zlib", "snappy"])
    func `bodies are compressed when that is wanted`(compression: String) async throws {
        let backend = try await Backend.http()
        try await withExporter(ZipkinExporter.self, yaml(backend, "compression: \(compression)")) {
            exporter in
            _ = try await exporter.export(batch(), on: 0)
            let arrival = try #require(backend.arrivals.first)
            #expect(arrival.fields["content-encoding"] == compression)
            let algorithm = try #require(CompressionAlgorithm(rawValue: compression))
            let body = try Decompression.decompress(arrival.body, algorithm, limit: 1 << 20)
            #expect(body.string.hasPrefix("[{\"traceId\""))
        }
        await backend.stop()
    }

    @Test func `spans without ids are counted as rejected, and alone not sent`() async throws {
        let backend = try await Backend.http()
        try await withExporter(ZipkinExporter.self, yaml(backend)) { exporter in
            let outcome = try await exporter.export(batch(2, withoutIDs: 3), on: 0)
            #expect(
                outcome == ExportOutcome(rejectedItems: 3, message: "spans without a trace id or a span id"))
            #expect(backend.arrivals.count == 1)
            #expect(try await exporter.export(batch(0, withoutIDs: 1), on: 0).rejectedItems == 1)
            #expect(backend.arrivals.count == 1)
        }
        await backend.stop()
    }

    @Test func `configured headers win and are shown to nobody`() async throws {
        let backend = try await Backend.http { arrival in .text(400, "not \(arrival.fields["x-key"] ?? "")") }
        let keys = "headers: {X-Key: secret-key, User-Agent: me/1, Host: site.example}"
        try await withExporter(ZipkinExporter.self, yaml(backend, keys)) { exporter in
            let failure = try await failure(exporter, batch())
            let fields = try #require(backend.arrivals.first?.fields)
            #expect(fields["x-key"] == "secret-key")
            #expect(fields.all("user-agent") == ["me/1"])
            #expect(fields.all("host") == ["site.example"])
            #expect(!failure.description.contains("secret-key"))
        }
        await backend.stop()
    }

    @Test(arguments: [300, 400, 401, 403, 404, 408, 413, 415, 429, 500, 502, 503, 504])
    func `statuses say whether to try again`(status: Int) async throws {
        let backend = try await Backend.http { _ in .text(status, "because") }
        try await withExporter(ZipkinExporter.self, yaml(backend)) { exporter in
            let failure = try await failure(exporter, batch())
            #expect(failure.isPermanent == (status < 500 && status != 408 && status != 429))
            #expect(
                failure.description
                    == "\(backend.address)/api/v2/spans answered with status \(status): because")
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
        try await withExporter(ZipkinExporter.self, yaml(backend)) { exporter async throws in
            let reason = "\(backend.address)/api/v2/spans answered with status 503"
            #expect(try await failure(exporter, batch()) == .retryable(reason: reason, after: delay))
        }
        await backend.stop()
    }

    @Test func `a backend that is not there is tried again`() async throws {
        // The system never hands out port 1, so that no other test can have it.
        try await withExporter(ZipkinExporter.self, "{endpoint: 'http://127.0.0.1:1'}") {
            exporter async throws in
            #expect(try await !failure(exporter, batch()).isPermanent)
        }
    }

    /// Sets a token.
    private final class Tokens: ClientAuthenticator {
        static let name = "tokens"
        static let summary = "Sets a token."

        init() {}
        init(_ configuration: NoSettings, in context: Context) throws(ComponentError) {}
        func run(_ session: ExtensionSession) async throws(ComponentError) {}

        func authorize(
            _ fields: HTTPFields, for origin: Origin?
        ) async throws(ExportFailure) -> HTTPFields {
            var fields = fields
            fields["authorization"] = "Token abcdefgh"
            return fields
        }

        func wasRefused(_ fields: HTTPFields) -> Bool { false }
    }

    @Test func `credentials are set, and taken out of what the server says`() async throws {
        let backend = try await Backend.http { arrival in
            .text(401, "not \(arrival.fields["authorization"] ?? "")")
        }
        let keys = "auth: {authenticator: tokens}"
        try await withExporter(ZipkinExporter.self, yaml(backend, keys), extensions: ["tokens": Tokens()]) {
            exporter in
            let failure = try await failure(exporter, batch())
            #expect(backend.arrivals.first?.fields["authorization"] == "Token abcdefgh")
            #expect(!failure.description.contains("abcdefgh"))
        }
        await backend.stop()
    }

    @Test(arguments: [
        ("{}", "endpoint"), ("{endpoint: ''}", "endpoint"), ("{endpoint: 'x:9411'}", "must be a URL"),
        ("{endpoint: 'unix:///x'}", "must be a URL"),
        ("{endpoint: 'http://x', format: xml}", "one of json, proto"),
        ("{endpoint: 'http://x', headers: {content-length: '1'}}", "set by the protocol"),
        ("{endpoint: 'http://x', cookies: {enabled: true}}", "not part of this version"),
    ])
    func `mistakes are found before anything starts`(yaml: String, message: String) {
        let error = #expect(throws: InvalidSettings.self) {
            try ZipkinExporter.Configuration.decode(yaml: yaml)
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `its defaults are those of otelcol`() throws {
        let configuration = try ZipkinExporter.Configuration.decode(yaml: "{endpoint: 'http://x'}")
        #expect(configuration.delivery == DeliverySettings(timeout: .seconds(5)))
        #expect(configuration.format == .json)
        #expect(configuration.client.compression == .unset)
    }
}
