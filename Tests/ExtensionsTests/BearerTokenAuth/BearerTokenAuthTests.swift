import Extensions
import Pipeline
import PipelineTesting
import Settings
import Testing
import Transport

@Suite struct BearerTokenAuthTests {
    private func make(_ yaml: String, in harness: Harness = Harness()) throws -> BearerTokenAuth {
        try BearerTokenAuth(
            BearerTokenAuth.Configuration.decode(yaml: yaml),
            in: harness.context(.extension, "bearertokenauth"))
    }

    private func isGranted(_ subject: BearerTokenAuth, _ fields: HTTPFields) -> Bool {
        if case .granted(.anonymous) = subject.authenticate(
            AuthenticationRequest(fields: fields, peer: "unix"))
        {
            true
        } else {
            false
        }
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(BearerTokenAuth.self, yaml: "token: abc")
    }

    @Test(arguments: [
        "{}", "{token: a, tokens: [b]}", "{tokens: ['']}", "{token: \"a\\nb\"}", "{token: a, header: 'a b'}",
        "{token: a, header: content-length}", "{token: a, scheme: \"a\\r\"}",
    ])
    func `what cannot work is refused`(yaml: String) {
        #expect(throws: InvalidSettings.self) { _ = try BearerTokenAuth.Configuration.decode(yaml: yaml) }
    }

    @Test(arguments: [
        ("Bearer one", true), ("bearer two", true), ("BEARER one", true), ("Bearer three", false),
        ("Bearer", false), ("Bearer ", false), ("one", false), ("Bearer  one", false), ("Bearer one ", false),
        ("Bearer on", false), ("Bearer onee", false), ("Basic one", false), ("", false),
        ("Bearér one", false),
    ])
    func `receivers accept each of the tokens and nothing else`(value: String, isRight: Bool) throws {
        let subject = try make("tokens: [one, two]")
        #expect(isGranted(subject, ["authorization": value]) == isRight)
    }

    @Test func `no field and two fields are refused, with a challenge`() throws {
        let subject = try make("token: one")
        for fields: HTTPFields in [[:], ["authorization": "Bearer one", "Authorization": "Bearer one"]] {
            let verdict = subject.authenticate(AuthenticationRequest(fields: fields, peer: "unix"))
            guard case .refused(.unauthenticated(_, "Bearer realm=\"apus\"")) = verdict else {
                Issue.record("\(verdict)")
                return
            }
        }
    }

    @Test func `header and scheme may be others`() async throws {
        let subject = try make("{token: one, header: X-Key, scheme: ''}")
        #expect(isGranted(subject, ["x-key": "one"]))
        #expect(!isGranted(subject, ["x-key": "Bearer one"]))
        #expect(!isGranted(subject, ["authorization": "Bearer one"]))
        #expect(try await subject.authorize(["x-key": "old"], for: nil) == ["x-key": "one"])
    }

    @Test func `exporters send the first token`() async throws {
        let subject = try make("tokens: [one, two]")
        let sent = try await subject.authorize(["a": "b"], for: nil)
        #expect(sent == ["a": "b", "authorization": "Bearer one"])
        #expect(!subject.wasRefused(sent))
    }

    @Test func `a file with tokens is read again when it changes`() async throws {
        let directory = SecretDirectory()
        let path = try directory.write("\n  one \r\ntwo\n", to: "tokens")
        let harness = try await ExtensionHarness(
            BearerTokenAuth.self, yaml: "{filename: '\(path)', token: unused}")
        let subject = harness.subject
        #expect(isGranted(subject, ["authorization": "Bearer one"]))
        #expect(isGranted(subject, ["authorization": "Bearer two"]))
        #expect(!isGranted(subject, ["authorization": "Bearer unused"]))
        #expect(!isGranted(subject, ["authorization": "Bearer "]))
        let sent = try await subject.authorize([:], for: nil)
        try directory.write("three", to: "tokens")
        await harness.surroundings.tick()
        #expect(!isGranted(subject, ["authorization": "Bearer one"]))
        #expect(isGranted(subject, ["authorization": "Bearer three"]))
        #expect(subject.wasRefused(sent))
        #expect(try await subject.authorize([:], for: nil)["authorization"] == "Bearer three")
        try directory.write("\n", to: "tokens")
        await harness.surroundings.tick()
        #expect(isGranted(subject, ["authorization": "Bearer three"]))
        try await harness.stop()
        #expect(!harness.surroundings.log.lines.contains { "\($0)".contains("three") })
    }

    @Test func `a file without a token is an error with its key`() throws {
        let path = try SecretDirectory().write("\n", to: "tokens")
        for path in [path, "/nowhere/tokens"] {
            let error = #expect(throws: ComponentError.self) { _ = try make("filename: '\(path)'") }
            #expect(error?.key == "filename")
        }
    }
}
