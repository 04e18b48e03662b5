import Logging
import Pipeline
import Settings
import Testing
import Transport

@Suite struct ClientSettingsTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test(arguments: [
        ("{endpoint: 'x:1'}", true), ("{endpoint: 'x:1', tls: {insecure: true}}", false),
        ("{endpoint: 'http://x:1'}", false), ("{endpoint: 'https://x:1', tls: {insecure: true}}", true),
        ("{endpoint: 'dns:///x:1'}", true), ("{endpoint: 'unix:///x', tls: {insecure: true}}", false),
    ])
    func `grpc is encrypted unless it says otherwise`(yaml: String, isEncrypted: Bool) throws {
        let client = try GRPCClientSettings.decode(yaml: yaml).client(logger)
        #expect((client.tls != nil) == isEncrypted)
    }

    @Test func `a grpc client is as configured`() throws {
        let settings = try GRPCClientSettings.decode(
            yaml: """
                endpoint: http://backend:1
                authority: site.example
                wait_for_ready: true
                keepalive: {time: 1s, timeout: 2s, permit_without_stream: true}
                """)
        let client = try settings.client(logger)
        #expect(client.target == .tcp(host: "backend", port: 1))
        #expect(client.authority == "site.example")
        #expect(client.waitsForConnection)
        #expect(client.keepalive?.time == .seconds(1))
        #expect(client.keepalive?.timeout == .seconds(2))
        #expect(client.keepalive?.permitWithoutStream == true)
        #expect(settings.compression == .gzip)
    }

    @Test func `a grpc client has otelcol's defaults`() throws {
        let client = try GRPCClientSettings.decode(yaml: "{endpoint: 'http://x:1'}").client(logger)
        #expect(client.keepalive == nil)
        #expect(!client.waitsForConnection)
        #expect(client.authority == nil)
    }

    @Test func `an http client is as configured`() throws {
        let settings = try HTTPClientSettings.decode(
            yaml: "{idle_conn_timeout: 5s, max_conns_per_host: 3, headers: {Host: site.example}}")
        let url = try Endpoint(parsing: "http://backend/x", defaultPort: 1)
        let client = try settings.client(for: url, connections: 8, logger)
        #expect(client.target == .tcp(host: "backend", port: 80))
        #expect(client.idleTimeout == .seconds(5))
        #expect(client.connectionsPerLane == 3)
        #expect(client.authority == "site.example")
        #expect(client.tls == nil)
        #expect(try HTTPClientSettings().client(for: url, connections: 8, logger).connectionsPerLane == 8)
    }

    @Test func `https is encrypted`() throws {
        let url = try Endpoint(parsing: "https://backend/x", defaultPort: 1)
        #expect(try HTTPClientSettings().client(for: url, connections: 1, logger).tls != nil)
    }

    @Test func `secrets do not show`() throws {
        let settings = try HTTPClientSettings.decode(yaml: "{headers: {authorization: Bearer abc}}")
        #expect(!"\(settings)".contains("abc"))
    }

    @Test(arguments: ClientCompression.allCases)
    func `every compression but none is an algorithm`(compression: ClientCompression) {
        #expect((compression.algorithm == nil) == (compression == .none || compression == .unset))
    }

    @Test(arguments: [
        "tls: {ca_file: a, ca_pem: b}", "tls: {min_version: '1.4'}", "tls: {reload_interval: -1s}",
        "tls: {cert_file: a}", "tls: {tpm: {enabled: true}}", "idle_conn_timeout: -1s",
        "max_conns_per_host: -1",
        "headers: {'': a}", "auth: {}", "middlewares: []", "disable_keep_alives: true",
    ])
    func `mistakes are errors`(yaml: String) {
        #expect(throws: InvalidSettings.self) { try HTTPClientSettings.decode(yaml: yaml) }
    }
}
