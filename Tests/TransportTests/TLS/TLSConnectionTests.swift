import Logging
import Testing
import Wire

@testable import Transport

@Suite(.enabled(if: TestCertificates.canBeMade)) struct TLSConnectionTests {
    private let certificates: TestCertificates

    init() throws {
        certificates = try TestCertificates()
        try certificates.makeAuthority("authority")
        try certificates.make("server", by: "authority", alternative: "DNS:localhost,IP:127.0.0.1")
    }

    private func authorities(_ name: String = "authority") -> ClientTLS.Options {
        var options = ClientTLS.Options()
        options.authorities = .file(certificates.path(name + ".crt"))
        return options
    }

    /// What a client with these options gets from a server with these.
    private func exchange(
        _ server: ServerTLS.Options, _ client: ClientTLS.Options, host: String = "127.0.0.1",
        versions: ClientConfiguration.Versions = .negotiated
    ) async throws -> Result<String, TransportError> {
        let serverTLS = try ServerTLS(server, logger: .silent)
        let clientTLS = try ClientTLS(client, logger: .silent)
        var application = TestApplication()
        application.answer = { request, responder in
            let name = request.head.connection.certificateName.map { " from \($0)" } ?? ""
            responder.send(.text(200, "\(request.httpVersion) \(request.scheme) \(request.isTLS)\(name)"))
        }
        return try await withServer(application, configure: { $0.tls = serverTLS }) { server in
            let target = ListenAddress.tcp(host: host, port: server.address.port ?? 0)
            return try await withClient(target) { configuration in
                configuration.tls = clientTLS
                configuration.versions = versions
                configuration.waitsForConnection = false
            } _: { client in
                let request = ClientRequest(path: "/")
                do throws(TransportError) {
                    return .success(try await client.send(request, timeout: .seconds(20)).body.string)
                } catch {
                    return .failure(error)
                }
            }
        }
    }

    @Test(arguments: [
        (ClientConfiguration.Versions.http2, "http2 https true"), (.http1, "http1 https true"),
        (.negotiated, "http2 https true"),
    ])
    func `versions are negotiated`(versions: ClientConfiguration.Versions, expected: String) async throws {
        let server = ServerTLS.Options(identity: certificates.identity("server"))
        #expect(try await exchange(server, authorities(), versions: versions).text == expected)
    }

    @Test func `a server without HTTP2 is spoken to in HTTP1`() async throws {
        var server = ServerTLS.Options(identity: certificates.identity("server"))
        server.applicationProtocols = ["http/1.1"]
        #expect(try await exchange(server, authorities()).text == "http1 https true")
    }

    @Test(arguments: ["127.0.0.1", "localhost"])
    func `addresses and names are checked against the certificate`(host: String) async throws {
        let server = ServerTLS.Options(identity: certificates.identity("server"))
        #expect(try await exchange(server, authorities(), host: host).text == "http2 https true")
    }

    @Test func `a certificate for another name is refused unless that name is asked for`() async throws {
        try certificates.make("other", by: "authority", alternative: "DNS:other.example")
        let server = ServerTLS.Options(identity: certificates.identity("other"))
        var client = authorities()
        for host in ["127.0.0.1", "localhost"] {
            let refused = try await exchange(server, client, host: host)
            guard case .failure(let error) = refused else {
                Issue.record("accepted a certificate for another name")
                return
            }
            #expect(error.kind == .tls)
            #expect(error.message.contains(host))
        }
        client.serverName = "other.example"
        #expect(try await exchange(server, client).text == "http2 https true")
    }

    @Test func `an unknown authority and an expired certificate are refused`() async throws {
        try certificates.makeAuthority("stranger")
        try certificates.make("expired", by: "authority", alternative: "IP:127.0.0.1", days: -1)
        let server = ServerTLS.Options(identity: certificates.identity("server"))
        let expired = ServerTLS.Options(identity: certificates.identity("expired"))
        for (server, client) in [(server, authorities("stranger")), (expired, authorities())] {
            guard case .failure(let error) = try await exchange(server, client) else {
                Issue.record("accepted a certificate that nobody vouches for")
                return
            }
            #expect(error.kind == .tls)
            #expect(error.message.contains("not trusted"))
        }
    }

    @Test func `verification can be skipped`() async throws {
        var client = ClientTLS.Options()
        client.skipsVerification = true
        let server = ServerTLS.Options(identity: certificates.identity("server"))
        #expect(try await exchange(server, client).text == "http2 https true")
    }

    @Test func `mutual TLS lets in who has a certificate and nobody else`() async throws {
        try certificates.make("client", by: "authority", alternative: "DNS:client")
        try certificates.makeAuthority("stranger")
        try certificates.make("impostor", by: "stranger", alternative: "DNS:client")
        var server = ServerTLS.Options(identity: certificates.identity("server"))
        server.clientAuthorities = .file(certificates.path("authority.crt"))
        var client = authorities()
        client.identity = certificates.identity("client")
        #expect(try await exchange(server, client).text == "http2 https true from client")
        for identity in [nil, certificates.identity("impostor")] {
            client.identity = identity
            guard case .failure = try await exchange(server, client) else {
                Issue.record("let in a client without a valid certificate")
                return
            }
        }
    }

    @Test func `where certificates are optional only a wrong one is refused`() async throws {
        try certificates.make("client", by: "authority", alternative: "DNS:client")
        try certificates.makeAuthority("stranger")
        try certificates.make("impostor", by: "stranger", alternative: "DNS:client")
        var server = ServerTLS.Options(identity: certificates.identity("server"))
        server.clientAuthorities = .file(certificates.path("authority.crt"))
        server.clientCertificateIsOptional = true
        var client = authorities()
        #expect(try await exchange(server, client).text == "http2 https true")
        client.identity = certificates.identity("client")
        #expect(try await exchange(server, client).text == "http2 https true from client")
        client.identity = certificates.identity("impostor")
        guard case .failure = try await exchange(server, client) else {
            Issue.record("let in a client whose certificate nobody vouches for")
            return
        }
    }

    @Test func `versions that do not meet are refused`() async throws {
        var server = ServerTLS.Options(identity: certificates.identity("server"))
        server.policy.minVersion = .tls13
        var client = authorities()
        client.policy.maxVersion = .tls12
        guard case .failure(let error) = try await exchange(server, client) else {
            Issue.record("negotiated a version that one end refuses")
            return
        }
        #expect(error.kind == .tls)
    }

    @Test func `a renewed certificate is used for the next connection and a broken one is not`() async throws
    {
        try certificates.makeAuthority("second")
        try certificates.make("renewed", by: "second", alternative: "IP:127.0.0.1")
        let tls = try ServerTLS(.init(identity: certificates.identity("server")), logger: .silent)
        let trusting = try ["authority", "second"].map { name in
            try ClientTLS(authorities(name), logger: .silent)
        }
        try await withServer(configure: { $0.tls = tls }) { server in
            /// Which of the two authorities the server's certificate comes from now.
            func accepted() async throws -> [Bool] {
                var results: [Bool] = []
                for tls in trusting {
                    let target = ListenAddress.tcp(host: "127.0.0.1", port: server.address.port ?? 0)
                    let isAccepted = try await withClient(target) { configuration in
                        configuration.tls = tls
                        configuration.waitsForConnection = false
                    } _: { client in
                        await failure { try await client.post("x") } == nil
                    }
                    results.append(isAccepted)
                }
                return results
            }
            #expect(try await accepted() == [true, false])
            try certificates.replace("server", with: "renewed", suffixes: [".crt"])
            #expect(try await accepted() == [true, false])
            try certificates.replace("server", with: "renewed", suffixes: [".key"])
            #expect(try await accepted() == [false, true])
        }
    }

    @Test func `a client reads renewed authorities`() async throws {
        try certificates.makeAuthority("stranger")
        try certificates.replace("trusted", with: "stranger", suffixes: [".crt"])
        let clientTLS = try ClientTLS(authorities("trusted"), logger: .silent)
        let serverTLS = try ServerTLS(.init(identity: certificates.identity("server")), logger: .silent)
        try await withServer(configure: { $0.tls = serverTLS }) { server in
            try await withClient(.tcp(host: "127.0.0.1", port: server.address.port ?? 0)) { configuration in
                configuration.tls = clientTLS
                configuration.waitsForConnection = false
                configuration.maxReconnectDelay = .zero
            } _: { client in
                #expect(
                    await failure { try await client.post("x") }?.kind == .tls)
                try certificates.replace("trusted", with: "authority", suffixes: [".crt"])
                let answer = try await client.post("x")
                #expect(answer == "POST /p x")
            }
        }
    }
}

extension Result where Success == String, Failure == TransportError {
    /// The answer, or the error in words.
    fileprivate var text: String {
        switch self {
        case .success(let text): text
        case .failure(let error): error.message
        }
    }
}
