import Logging
import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport

@testable import Extensions

@Suite struct BasicAuthTests {
    /// `secret`, hashed by other programs: bcrypt in two spellings, MD5, SHA-256 and SHA-512.
    private static let hashes = [
        "$2b$04$UiKGbN8aBgJ4ErKgXl6/hu4eiyOB9hiwpQ39A/NL/xFs.N0TUcJFK",
        "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW", "$1$saltsalt$9xy1btjgzLYfb7hivXtC//",
        "$5$rounds=1000$saltsalt$eKLZU9t9OoPWrqOQsoTIKG0aYkZ5rGOoOQhiIvoSWX2",
        "$6$rounds=1000$saltsalt$LAV5VE5Y7w1d73x1mFNspYWUpazfmwv2SoepNXNKJ/otop/Zok96Hr8Q13LEv0DRY/x8v0/"
            + "crpIjl8NJSAqXV/",
    ]

    private func server(_ lines: String) throws -> BasicAuth {
        var configuration = BasicAuth.Configuration()
        configuration.htpasswd = BasicAuth.Passwords()
        configuration.htpasswd?.inline = Secret(lines)
        return try BasicAuth(configuration, in: Harness().context(.extension, "basicauth"))
    }

    private func client(_ yaml: String, in harness: Harness = Harness()) throws -> BasicAuth {
        try BasicAuth(
            BasicAuth.Configuration.decode(yaml: yaml), in: harness.context(.extension, "basicauth"))
    }

    @Test(arguments: ["{htpasswd: {inline: 'a:b'}}", "{client_auth: {username: a, password: b}}"])
    func `it is a component like any other`(yaml: String) async throws {
        try await Conformance.check(BasicAuth.self, yaml: yaml)
    }

    @Test(arguments: [
        "{}", "{htpasswd: {}}", "{client_auth: {}}", "{client_auth: {username: 'a:b'}}",
        "{client_auth: {username: a}, htpasswd: {inline: 'a:b'}}",
        "{client_auth: {aws_secrets_manager: {secret_arn: a}}}",
    ])
    func `what cannot work is refused`(yaml: String) {
        #expect(throws: InvalidSettings.self) { _ = try BasicAuth.Configuration.decode(yaml: yaml) }
    }

    // MARK: - Receivers

    @Test(arguments: hashes)
    func `hashed passwords are checked once, beside the caller, and remembered`(hash: String) async throws {
        let server = try server("alice:\(hash)")
        #expect(await verdict(server, "alice", "secret") == .success(alice))
        #expect(await verdict(server, "alice", "Secret").isWrong)
        #expect(await verdict(server, "bob", "secret").isWrong)
        // Now nothing has to be computed any more, so the answer comes in the call.
        guard case .granted(let principal) = server.authenticate(request("alice", "secret")),
            case .refused = server.authenticate(request("alice", "Secret")),
            case .refused = server.authenticate(request("bob", "secret"))
        else {
            Issue.record("an answer was not remembered")
            return
        }
        #expect(principal == alice)
    }

    @Test func `plain passwords are checked in the call`() throws {
        let server = try server("alice:secret")
        guard case .granted(alice) = server.authenticate(request("alice", "secret")),
            case .refused = server.authenticate(request("alice", "secre")),
            case .refused = server.authenticate(request("bob", "secret"))
        else {
            Issue.record("a password was not checked in the call")
            return
        }
    }

    @Test(
        arguments: [
            [:], ["authorization": ""], ["authorization": "Basic"], ["authorization": "Basic !"],
            ["authorization": "Basic YWxpY2U="], ["authorization": "Bearer YWxpY2U6c2VjcmV0"],
            ["authorization": "Basic YWxpY2U6c2VjcmV0", "Authorization": "Basic YWxpY2U6c2VjcmV0"],
        ] as [HTTPFields])
    func `anything but one pair of credentials is refused, with a challenge`(fields: HTTPFields) throws {
        let server = try server("alice:secret")
        let answer = server.authenticate(AuthenticationRequest(fields: fields, peer: "unix"))
        guard case .refused(.unauthenticated(let reason, let challenge)) = answer else {
            Issue.record("was not refused")
            return
        }
        #expect(challenge.hasPrefix("Basic realm="))
        #expect(!reason.contains("YWxp"))
    }

    @Test func `at most 64 requests wait for their passwords`() throws {
        // A cost of 2^13 rounds keeps the first one busy for longer than all these calls take.
        let server = try server("alice:$2b$13$UiKGbN8aBgJ4ErKgXl6/hu4eiyOB9hiwpQ39A/NL/xFs.N0TUcJFK")
        var counts = (pending: 0, later: 0)
        for number in 0..<70 {
            switch server.authenticate(request("alice", "\(number)")) {
            case .pending: counts.pending += 1
            case .refused(.later): counts.later += 1
            default: Issue.record("an unknown password was decided about in the call")
            }
        }
        #expect(counts.pending + counts.later == 70)
        #expect(counts.later >= 4)
    }

    @Test func `a file is read again, and what was remembered is forgotten`() async throws {
        let directory = SecretDirectory()
        let path = try directory.write("alice:secret\nbob:\(Self.hashes[0])\n", to: "users")
        let harness = try await ExtensionHarness(
            BasicAuth.self, yaml: "htpasswd: {file: '\(path)', inline: 'carol:third'}")
        let server = harness.subject
        #expect(await verdict(server, "alice", "secret") == .success(alice))
        #expect(await verdict(server, "bob", "secret").isRight)
        #expect(await verdict(server, "carol", "third").isRight)
        try directory.write("alice:other\ncarol:first\n", to: "users")
        await harness.surroundings.tick()
        #expect(await verdict(server, "alice", "secret").isWrong)
        #expect(await verdict(server, "alice", "other").isRight)
        #expect(await verdict(server, "bob", "secret").isWrong)
        #expect(await verdict(server, "carol", "third").isRight)
        try directory.write("alice\n", to: "users")
        await harness.surroundings.tick()
        #expect(await verdict(server, "alice", "other").isRight)
        try directory.remove("users")
        await harness.surroundings.tick()
        await harness.surroundings.tick()
        #expect(await verdict(server, "alice", "other").isRight)
        #expect(harness.surroundings.log.messages(.error).count == 2)
        try await harness.stop()
    }

    @Test func `a file that is not there, or without a user, is an error with its key`() throws {
        let directory = SecretDirectory()
        let empty = try directory.write("# nobody\n", to: "empty")
        for (path, key) in [("/nowhere/users", "htpasswd.file"), (empty, "htpasswd")] {
            let error = #expect(throws: ComponentError.self) { _ = try client("htpasswd: {file: \(path)}") }
            #expect(error?.key == key)
        }
    }

    // MARK: - Exporters

    @Test func `exporters send the name and the password`() async throws {
        let client = try client("{client_auth: {username: alice, password: secret}}")
        #expect(client.signsRequests && !client.checksRequests)
        let sent = try await client.authorize(["a": "b"], for: nil)
        #expect(sent == ["a": "b", "authorization": "Basic YWxpY2U6c2VjcmV0"])
        #expect(!client.wasRefused(sent))
    }

    @Test func `name and password come from files, and follow them`() async throws {
        let directory = SecretDirectory()
        let name = try directory.write("alice\n", to: "name")
        let password = try directory.write("secret\n", to: "password")
        let harness = try await ExtensionHarness(
            BasicAuth.self, yaml: "client_auth: {username_file: '\(name)', password_file: '\(password)'}")
        let sent = try await harness.subject.authorize([:], for: nil)
        #expect(sent["authorization"] == "Basic YWxpY2U6c2VjcmV0")
        try directory.write("other", to: "password")
        await harness.surroundings.tick()
        #expect(harness.subject.wasRefused(sent))
        let next = try await harness.subject.authorize([:], for: nil)
        #expect(next["authorization"] == "Basic YWxpY2U6b3RoZXI=")
        try await harness.stop()
    }

    // MARK: -

    private let alice = Principal(attributes: ["username": "alice"])

    private func request(_ name: String, _ password: String) -> AuthenticationRequest {
        let fields: HTTPFields = ["authorization": "Basic " + Base64.encoded("\(name):\(password)")]
        return AuthenticationRequest(fields: fields, peer: "10.0.0.1:1")
    }

    private func verdict(_ server: BasicAuth, _ name: String, _ password: String) async
        -> PendingAuthentication.Answer
    {
        switch server.authenticate(request(name, password)) {
        case .granted(let principal): .success(principal)
        case .refused(let refusal): .failure(refusal)
        case .pending(let pending):
            await withCheckedContinuation { continuation in
                pending.whenDecided { continuation.resume(returning: $0) }
            }
        }
    }
}

extension PendingAuthentication.Answer {
    fileprivate var isRight: Bool { if case .success = self { true } else { false } }
    fileprivate var isWrong: Bool { if case .failure(.unauthenticated) = self { true } else { false } }
}

extension Harness {
    /// Lets a second pass, and waits until the files have been looked at.
    func tick() async {
        await clock.waitForSleepers()
        clock.advance(by: .seconds(1))
        await clock.waitForSleepers()
    }
}
