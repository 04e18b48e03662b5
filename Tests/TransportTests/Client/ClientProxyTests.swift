import Testing
import Wire

@testable import Transport

@Suite struct ClientProxyTests {
    private static func text(_ received: [UInt8]) -> String { String(decoding: received, as: UTF8.self) }

    @Test func `plain HTTP goes through a proxy in absolute form`() async throws {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        try await withRawServer { _, received in
            let text = Self.text(received)
            guard text.contains("\r\n\r\n") else { return .wait }
            let isRight =
                text.hasPrefix("POST http://target.example:4318/p HTTP/1.1\r\n")
                && text.contains("host: target.example:4318\r\n")
                && text.contains("proxy-authorization: Basic dXNlcjpwYTpzcw==\r\n")
            return .text(isRight ? answer : "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        } _: { _, address in
            try await withClient(.tcp(host: "target.example", port: 4318)) { configuration in
                configuration.proxy = .url("http://user:pa%3Ass@\(address)/")
            } _: { client in
                let text = try await client.post("x")
                #expect(text == "ok")
            }
        }
    }

    @Test func `HTTP2 goes through a tunnel`() async throws {
        try await withServer { server in
            let proxy = TunnelProxy(to: server.address)
            let address = try await proxy.start()
            try await withClient(.tcp(host: "target.example", port: 4317)) { configuration in
                configuration.versions = .http2
                configuration.proxy = .url(address.description)
            } _: { client in
                let text = try await client.post("x")
                #expect(text == "POST /p x")
            }
            #expect(proxy.targets == ["target.example:4317"])
            try await proxy.stop()
        }
    }

    @Test(.enabled(if: TestCertificates.canBeMade)) func `TLS is between the two ends of a tunnel`()
        async throws
    {
        let certificates = try TestCertificates()
        try certificates.makeAuthority("authority")
        try certificates.make("server", by: "authority", alternative: "DNS:target.example")
        let tls = try ServerTLS(.init(identity: certificates.identity("server")), logger: .silent)
        var options = ClientTLS.Options()
        options.authorities = .file(certificates.path("authority.crt"))
        let clientTLS = try ClientTLS(options, logger: .silent)
        try await withServer(configure: { $0.tls = tls }) { server in
            let proxy = TunnelProxy(to: server.address)
            let address = try await proxy.start()
            try await withClient(.tcp(host: "target.example", port: 443)) { configuration in
                configuration.tls = clientTLS
                configuration.proxy = .url(address.description)
            } _: { client in
                let text = try await client.post("x")
                #expect(text == "POST /p x")
            }
            #expect(proxy.targets == ["target.example:443"])
            try await proxy.stop()
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "it answered \"HTTP/1.1 407"),
        ("rubbish\r\n\r\n", "it answered \"rubbish\""), ("HTTP/1.1 200", "it closed the connection"),
    ])
    func `a proxy that refuses is quoted`(answer: String, reason: String) async throws {
        try await withRawServer { _, _ in
            .sayAndClose(Array(answer.utf8))
        } _: { _, address in
            try await withClient(.tcp(host: "target.example", port: 4317)) { configuration in
                configuration.versions = .http2
                configuration.waitsForConnection = false
                configuration.proxy = .url("http://\(address)")
            } _: { client in
                let error = await failure { try await client.post("x") }
                #expect(error?.kind == .connectFailed)
                #expect(error?.message.contains("did not connect to target.example:4317") == true)
                #expect(error?.message.contains(reason) == true)
            }
        }
    }

    struct Case: Sendable {
        let host: String
        let isSecure: Bool
        let environment: [String: String]
        let expected: String?

        init(_ host: String, isSecure: Bool, _ environment: [String: String], _ expected: String?) {
            self.host = host
            self.isSecure = isSecure
            self.environment = environment
            self.expected = expected
        }
    }

    private static let cases: [Case] = [
        Case("target.example", isSecure: false, ["HTTP_PROXY": "http://a:1"], "a:1"),
        Case("target.example", isSecure: true, ["HTTP_PROXY": "http://a:1"], nil),
        Case("target.example", isSecure: true, ["https_proxy": "b.example:2"], "b.example:2"),
        Case("target.example", isSecure: false, ["HTTP_PROXY": "c"], "c:80"),
        Case("localhost", isSecure: false, ["HTTP_PROXY": "http://a:1"], nil),
        Case("127.9.9.9", isSecure: false, ["HTTP_PROXY": "http://a:1"], nil),
        Case("::1", isSecure: false, ["HTTP_PROXY": "http://a:1"], nil),
        Case("target.example", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "*"], nil),
        Case("target.example", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "x, EXAMPLE"], nil),
        Case("target.example", isSecure: false, ["HTTP_PROXY": "a:1", "no_proxy": ".example"], nil),
        Case("target.example", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": ".target.example"], "a:1"),
        Case(
            "nottarget.example", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "target.example"], "a:1"),
        Case(
            "target.example", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "target.example:4317"], nil),
        Case(
            "target.example", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "target.example:80"], "a:1"),
        Case("10.1.2.3", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "10.1.0.0/16"], nil),
        Case("10.2.2.3", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "10.1.0.0/16,10.2.2.4"], "a:1"),
        Case("fd00::7", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "fd00::/8"], nil),
        Case("fd00::7", isSecure: false, ["HTTP_PROXY": "a:1", "NO_PROXY": "[fd00::7]:4317"], nil),
    ]

    @Test(arguments: cases) func `the environment is read as Go reads it`(example: Case) throws {
        let proxy = try ProxyChoice.fromEnvironment.proxy(
            host: example.host, port: 4317, isSecure: example.isSecure,
            environment: { example.environment[$0] })
        #expect(proxy.map { "\($0.host):\($0.port)" } == example.expected)
    }

    @Test(arguments: ["socks5://a:1", "http://", "http://a:b:c", "https://a:1"])
    func `what is no HTTP proxy is refused`(url: String) {
        #expect(throws: TransportError.self) {
            try ProxyChoice.url(url).proxy(host: "h", port: 1, isSecure: false, environment: { _ in nil })
        }
    }
}
