import Extensions
import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport

@Suite struct OAuth2ClientTests {
    private func run(
        _ server: TokenServer, _ keys: String = "", in harness: Harness = Harness()
    ) async throws -> ExtensionHarness<OAuth2Client> {
        let id = keys.contains("client_id") ? "" : "client_id: me, client_secret: 'pass word/1', "
        return try await ExtensionHarness(
            OAuth2Client.self, yaml: "{\(id)token_url: '\(server.url)', \(keys)}", in: harness)
    }

    private func authorization(_ run: ExtensionHarness<OAuth2Client>) async throws -> String? {
        try await run.subject.authorize(["a": "b"], for: nil)["authorization"]
    }

    private func failure(_ run: ExtensionHarness<OAuth2Client>) async throws -> ExportFailure {
        let error = await #expect(throws: ExportFailure.self) { _ = try await authorization(run) }
        return try #require(error)
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            OAuth2Client.self, yaml: "{client_id: a, client_secret: b, token_url: 'http://127.0.0.1:1/'}")
    }

    @Test(arguments: [
        "{}", "{client_id: a, token_url: 'https://a'}", "{client_secret: a, token_url: 'https://a'}",
        "{client_id: a, client_secret: b}", "{client_id: a, client_secret: b, token_url: 'a:1'}",
        "{client_id: a, client_secret: b, token_url: 'https://a', timeout: -1s}",
        "{client_id: a, client_secret: b, token_url: 'https://a', grant_type: password}",
        "{client_id: a, client_secret: b, token_url: 'https://a', claims: {}}",
        "{client_id: a, client_secret: b, token_url: 'https://u:p@a'}",
    ])
    func `what cannot work is refused`(yaml: String) {
        #expect(throws: InvalidSettings.self) { _ = try OAuth2Client.Configuration.decode(yaml: yaml) }
    }

    @Test func `a token is asked for once and kept`() async throws {
        let server = try await TokenServer { _, number in TokenServer.token("t\(number)") }
        let run = try await run(
            server, "scopes: [read, write], endpoint_params: {audience: 'a&b', resource: [x, y]}")
        for _ in 0..<3 { #expect(try await authorization(run) == "Bearer t1") }
        let asked = try #require(server.asked.first)
        #expect(server.asked.count == 1)
        #expect(asked.path == "/token?a=b")
        // base64 of me:pass+word%2F1, as RFC 6749 wants it (appendix B).
        #expect(asked.authorization == "Basic bWU6cGFzcyt3b3JkJTJGMQ==")
        #expect(
            asked.body
                == "grant_type=client_credentials&scope=read+write&audience=a%26b&resource=x&resource=y")
        try await run.stop()
        await server.stop()
    }

    @Test func `many exporters that wait share one request`() async throws {
        let server = try await TokenServer { _, number in TokenServer.token("t\(number)") }
        let run = try await run(server)
        let values = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<50 { group.addTask { try await authorization(run) } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(values == ["Bearer t1"])
        #expect(server.asked.count == 1)
        try await run.stop()
        await server.stop()
    }

    @Test func `a token is replaced before its end, while it is still used`() async throws {
        let server = try await TokenServer { _, number in TokenServer.token("t\(number)", lifetime: 3600) }
        let run = try await run(server)
        #expect(try await authorization(run) == "Bearer t1")
        run.surroundings.clock.advance(by: .seconds(3299))
        #expect(try await authorization(run) == "Bearer t1")
        #expect(server.asked.count == 1)
        run.surroundings.clock.advance(by: .seconds(1))
        // The first use from now on begins the exchange; the new token comes in its own time.
        while try await authorization(run) == "Bearer t1" { await Task.yield() }
        #expect(try await authorization(run) == "Bearer t2")
        #expect(server.asked.count == 2)
        try await run.stop()
        await server.stop()
    }

    @Test func `a token that has ended is not used`() async throws {
        let server = try await TokenServer { _, number in TokenServer.token("t\(number)", lifetime: 60) }
        let run = try await run(server)
        #expect(try await authorization(run) == "Bearer t1")
        run.surroundings.clock.advance(by: .seconds(60))
        #expect(try await authorization(run) == "Bearer t2")
        try await run.stop()
        await server.stop()
    }

    @Test func `a refused token is replaced unless it is new`() async throws {
        let server = try await TokenServer { _, number in TokenServer.token("t\(number)", lifetime: nil) }
        let run = try await run(server)
        let sent = try await run.subject.authorize([:], for: nil)
        #expect(!run.subject.wasRefused(sent))
        run.surroundings.clock.advance(by: .seconds(3600))
        #expect(try await authorization(run) == "Bearer t1")
        #expect(run.subject.wasRefused(sent))
        // Others that were sent with the same token hear that there is another one.
        #expect(run.subject.wasRefused(sent))
        #expect(try await authorization(run) == "Bearer t2")
        #expect(run.subject.wasRefused(sent))
        #expect(server.asked.count == 2)
        try await run.stop()
        await server.stop()
    }

    @Test func `a server that wants the secret in the body gets it there, from the second time on at once`()
        async throws
    {
        let server = try await TokenServer { asked, number in
            asked.authorization == nil
                ? TokenServer.token("t\(number)", lifetime: 10)
                : TokenServer.json(401, "{\"error\":\"invalid_client\"}")
        }
        let run = try await run(server)
        #expect(try await authorization(run) == "Bearer t2")
        #expect(
            server.asked.last?.body
                == "grant_type=client_credentials&client_id=me&client_secret=pass+word%2F1")
        run.surroundings.clock.advance(by: .seconds(10))
        #expect(try await authorization(run) == "Bearer t3")
        try await run.stop()
        await server.stop()
    }

    @Test(arguments: [
        (
            401, #"{"error":"invalid_client","error_description":"no pass word/1 pass+word%2F1"}"#,
            "invalid_client: no *** ***"
        ),
        (503, "busy", "not JSON|status 503"), (302, "{}", "redirects are not followed"),
        (200, "{}", "no access_token"), (200, #"{"access_token":"a\nb"}"#, "no access_token"),
        (200, #"{"access_token":"a","token_type":"mac"}"#, "not Bearer"), (200, "<html>", "not JSON"),
    ])
    func `no token is a failure to try again, without the secret in it`(
        status: Int, body: String, reason: String
    ) async throws {
        let server = try await TokenServer { _, _ in
            var response = TokenServer.json(status, body)
            response.fields.add("location", "http://127.0.0.1:1/")
            return response
        }
        let run = try await run(server)
        guard case .retryable(let said, .seconds(1)) = try await failure(run) else {
            Issue.record("not a failure to try again")
            return
        }
        #expect(reason.split(separator: "|").contains { said.contains($0) }, "\(said)")
        #expect(!said.contains("pass word") && !said.contains("pass+word"))
        #expect(!run.surroundings.log.lines.contains { "\($0)".contains("pass word") })
        try await run.stop()
        await server.stop()
    }

    @Test func `after a failure the server is left alone for a while, longer each time`() async throws {
        let server = try await TokenServer { _, number in
            number < 3 ? TokenServer.json(500, "{}") : TokenServer.token("t")
        }
        let run = try await run(server)
        _ = try await failure(run)
        guard case .retryable(_, .milliseconds(600)) = try await later(run, .milliseconds(400)) else {
            Issue.record("the time that is left was not told")
            return
        }
        #expect(server.asked.count == 1)
        guard case .retryable(_, .seconds(2)) = try await later(run, .milliseconds(600)) else {
            Issue.record("the pause did not grow")
            return
        }
        #expect(server.asked.count == 2)
        run.surroundings.clock.advance(by: .seconds(2))
        #expect(run.surroundings.statuses.allSatisfy { $0.error?.contains("status 500") == true })
        #expect(try await authorization(run) == "Bearer t")
        #expect(run.surroundings.statuses.last == .ok)
        #expect(run.surroundings.statuses.count == 3)
        try await run.stop()
        await server.stop()
    }

    private func later(
        _ run: ExtensionHarness<OAuth2Client>, _ time: Duration
    ) async throws -> ExportFailure {
        run.surroundings.clock.advance(by: time)
        return try await failure(run)
    }

    @Test func `id and secret come from files that are read for every token`() async throws {
        let directory = SecretDirectory()
        let id = try directory.write("me\n", to: "id")
        let secret = try directory.write("one\n", to: "secret")
        let server = try await TokenServer { _, number in TokenServer.token("t\(number)", lifetime: 10) }
        let run = try await run(server, "client_id_file: '\(id)', client_secret_file: '\(secret)'")
        _ = try await authorization(run)
        try directory.write("two\n", to: "secret")
        run.surroundings.clock.advance(by: .seconds(10))
        _ = try await authorization(run)
        #expect(server.asked.map { $0.authorization } == ["Basic bWU6b25l", "Basic bWU6dHdv"])
        try await run.stop()
        await server.stop()
    }

    @Test func `a file that is not there is an error with its key`() {
        let yaml = "{client_id: a, client_secret_file: /nowhere/secret, token_url: 'http://127.0.0.1:1/'}"
        let error = #expect(throws: ComponentError.self) {
            _ = try OAuth2Client(
                OAuth2Client.Configuration.decode(yaml: yaml),
                in: Harness().context(.extension, "oauth2client"))
        }
        #expect(error?.key == "client_secret_file")
    }

    @Test func `too large an answer is a failure`() async throws {
        let server = try await TokenServer { _, _ in
            TokenServer.token(String(repeating: "x", count: (1 << 20) + 1))
        }
        let run = try await run(server)
        guard case .retryable = try await failure(run) else {
            Issue.record("not a failure to try again")
            return
        }
        try await run.stop()
        await server.stop()
    }
}
