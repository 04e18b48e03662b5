import Logging
import Pipeline
import Settings
import Testing
import Transport

@Suite struct ServerSettingsTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `an http server is as configured`() throws {
        let settings = try HTTPServerSettings.decode(
            yaml: """
                endpoint: 0.0.0.0:80
                read_timeout: 1s
                read_header_timeout: 2s
                write_timeout: 3s
                idle_timeout: 4s
                keep_alives_enabled: false
                max_request_body_size: 1000
                """)
        let server = try settings.server(logger)
        #expect(server.address == .tcp(host: "0.0.0.0", port: 80))
        #expect(server.readTimeout == .seconds(1))
        #expect(server.readHeaderTimeout == .seconds(2))
        #expect(server.writeTimeout == .seconds(3))
        #expect(server.idleTimeout == .seconds(4))
        #expect(!server.keepAlive)
        #expect(settings.maxBodyBytes == 1000)
    }

    @Test func `zero is no limit for times and the default for sizes`() throws {
        let settings = try HTTPServerSettings.decode(
            yaml: "{read_header_timeout: 0, write_timeout: 0s, idle_timeout: 0s, max_request_body_size: 0}")
        let server = try settings.server(logger)
        #expect((server.readHeaderTimeout, server.writeTimeout) == (nil, nil))
        #expect(server.idleTimeout == nil)
        #expect(settings.maxBodyBytes == 64 << 20)
        #expect(try GRPCServerSettings.decode(yaml: "{max_recv_msg_size_mib: 0}").maxMessageBytes == 64 << 20)
    }

    @Test func `a grpc server is as configured`() throws {
        let settings = try GRPCServerSettings.decode(
            yaml: """
                endpoint: /run/apus.sock
                transport: unix
                max_recv_msg_size_mib: 4
                max_concurrent_streams: 7
                keepalive:
                  server_parameters:
                    max_connection_idle: 1s
                    max_connection_age: 2s
                    max_connection_age_grace: 3s
                    time: 4s
                    timeout: 5s
                  enforcement_policy: {min_time: 6s, permit_without_stream: true}
                """)
        let server = try settings.server(logger)
        #expect(server.address == .unix(path: "/run/apus.sock"))
        #expect(!server.http1)
        #expect(server.maxConcurrentStreams == 7)
        #expect(server.maxConnectionIdle == .seconds(1))
        #expect(server.maxConnectionAge == .seconds(2))
        #expect(server.maxConnectionAgeGrace == .seconds(3))
        #expect(server.keepaliveTime == .seconds(4))
        #expect(server.keepaliveTimeout == .seconds(5))
        #expect(server.keepaliveMinTime == .seconds(6))
        #expect(server.keepalivePermitWithoutStream)
        #expect(settings.maxMessageBytes == 4 << 20)
    }

    @Test func `grpc connections live for ever by default`() throws {
        let server = try GRPCServerSettings().server(logger)
        #expect(
            (server.maxConnectionIdle, server.maxConnectionAge, server.maxConnectionAgeGrace) == (
                nil, nil, nil
            ))
        #expect((server.keepaliveTime, server.keepaliveMinTime) == (.seconds(7200), .seconds(300)))
    }

    @Test(arguments: [
        "endpoint: nothing", "endpoint: 'x:99999'", "transport: udp", "max_request_body_size: -1",
        "read_timeout: -1s", "compression_algorithms: [lzma]", "cors: {allowed_origins: ['a*b*']}",
        "cors: {max_age: -1}", "response_headers: {'a b': c}", "response_headers: {a: \"b\\r\\nc: d\"}",
        "response_headers: {transfer-encoding: chunked}", "tls: {}",
        "tls: {cert_file: a, cert_pem: b, key_file: c}",
        "tls: {cert_file: a, key_file: b, ca_file: c}",
    ])
    func `mistakes are errors`(yaml: String) {
        #expect(throws: InvalidSettings.self) { try HTTPServerSettings.decode(yaml: yaml) }
    }

    @Test func `a value with a line break is not shown`() {
        let error = #expect(throws: InvalidSettings.self) {
            try HTTPServerSettings.decode(yaml: #"response_headers: {a: "hunter2\n"}"#)
        }
        #expect(error?.description.contains("the value of a") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        ("*", "https://a.b", true), ("https://*.b", "https://a.b", true), ("https://*.b", "https://.b", true),
        ("https://*.b", "https://a.c", false), ("https://a.b", "https://a.b.c", false),
        ("https://A.b", "https://a.B", true), ("https://ab*ba", "https://aba", false),
    ])
    func `origins are matched with one star`(pattern: String, origin: String, isAllowed: Bool) {
        var cors = CORSSettings()
        cors.allowedOrigins = [pattern]
        #expect(cors.allows(origin: origin) == isAllowed)
    }

    @Test(arguments: ContentEncoding.allCases)
    func `every content encoding is one that bodies can have`(encoding: ContentEncoding) {
        #expect((encoding.algorithm == nil) == (encoding == .identity))
    }
}
