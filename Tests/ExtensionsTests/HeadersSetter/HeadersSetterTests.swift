import Extensions
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport

@Suite struct HeadersSetterTests {
    private let origin = Origin(
        peer: "10.0.0.1:1", metadata: ["tenant": ["blue"], "twice": ["a", "b"]],
        attributes: ["username": "alice"])

    private func make(_ headers: String, in harness: Harness = Harness()) throws -> HeadersSetter {
        try HeadersSetter(
            HeadersSetter.Configuration.decode(yaml: headers),
            in: harness.context(.extension, "headers_setter"))
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(HeadersSetter.self, yaml: "headers: [{key: a, value: b}]")
    }

    @Test(arguments: [
        "{}", "headers: []", "headers: [{value: b}]", "headers: [{key: a}]",
        "headers: [{key: 'a b', value: c}]",
        "headers: [{key: a, value: b, from_context: c}]", "headers: [{key: a, value: \"b\\nc\"}]",
        "headers: [{key: a, from_context: b, default_value: \"c\\n\"}]", "headers: [{key: Host, value: b}]",
        "headers: [{key: grpc-timeout, value: b}]", "headers: [{key: a, value: b, action: replace}]",
        "{headers: [{key: a, value: b}], additional_auth: 'a b'}",
    ])
    func `what cannot work is refused`(yaml: String) {
        #expect(throws: InvalidSettings.self) { _ = try HeadersSetter.Configuration.decode(yaml: yaml) }
    }

    @Test(
        arguments: [
            ("{key: A, value: new}", ["a": "new"]), ("{key: B, value: new}", ["a": "old", "b": "new"]),
            ("{action: insert, key: A, value: new}", ["a": "old"]),
            ("{action: insert, key: B, value: new}", ["a": "old", "b": "new"]),
            ("{action: update, key: A, value: new}", ["a": "new"]),
            ("{action: update, key: B, value: new}", ["a": "old"]), ("{action: delete, key: A}", [:]),
            ("{key: b, from_context: Tenant}", ["a": "old", "b": "blue"]),
            ("{key: b, from_context: Tenant, default_value: red}", ["a": "old", "b": "blue"]),
            ("{key: b, from_context: none, default_value: red}", ["a": "old", "b": "red"]),
            ("{key: a, from_context: none}", ["a": "old"]),
            ("{key: b, from_attribute: username}", ["a": "old", "b": "alice"]),
            ("{key: a, from_attribute: none}", ["a": "old"]),
            ("{key: a, from_attribute: none, default_value: red}", ["a": "red"]),
        ] as [(String, HTTPFields)])
    func `fields are set as the rule says`(rule: String, expected: HTTPFields) async throws {
        let subject = try make("headers: [\(rule)]")
        #expect(try await subject.authorize(["a": "old"], for: origin) == expected)
    }

    @Test func `telemetry of an unknown sender gets the default`() async throws {
        let subject = try make(
            "headers: [{key: a, from_context: b, default_value: c}, {key: d, from_context: b}]")
        #expect(try await subject.authorize([:], for: nil) == ["a": "c"])
    }

    @Test func `a header that came twice does not say which one`() async throws {
        let subject = try make("headers: [{key: a, from_context: twice}]")
        let error = await #expect(throws: ExportFailure.self) {
            _ = try await subject.authorize([:], for: origin)
        }
        guard case .permanent = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a value comes from a file, and follows it`() async throws {
        let directory = SecretDirectory()
        let path = try directory.write("one\n", to: "value")
        let harness = try await ExtensionHarness(
            HeadersSetter.self, yaml: "headers: [{key: a, value_file: '\(path)'}]")
        #expect(try await harness.subject.authorize([:], for: nil) == ["a": "one"])
        try directory.write("two", to: "value")
        await harness.surroundings.tick()
        #expect(try await harness.subject.authorize([:], for: nil) == ["a": "two"])
        try await harness.stop()
    }

    @Test func `another authenticator comes after it`() async throws {
        let harness = Harness()
        let token = try BearerTokenAuth(
            BearerTokenAuth.Configuration.decode(yaml: "token: abc"), in: harness.context(.extension, "x"))
        harness.give(token, as: "bearertokenauth")
        let yaml = "{headers: [{key: a, value: b}], additional_auth: bearertokenauth}"
        let subject = try make(yaml, in: harness)
        #expect(try await subject.authorize([:], for: nil) == ["a": "b", "authorization": "Bearer abc"])
        #expect(subject.setsSecrets)
        let error = #expect(throws: ComponentError.self) { _ = try make(yaml) }
        #expect(error?.key == "additional_auth")
    }
}
