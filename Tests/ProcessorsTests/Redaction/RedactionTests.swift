import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

/// The tables of otelcol-contrib's tests and the example of its documentation.
@Suite struct RedactionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        let before: Attributes
        let after: Attributes

        init(_ name: String, _ yaml: String, _ before: Attributes, _ after: Attributes) {
            testDescription = name
            self.yaml = yaml
            self.before = before
            self.after = after
        }
    }

    private static let visa = "'4[0-9]{12}(?:[0-9]{3})?'"
    private static let documented = """
        {allow_all_keys: false, allowed_keys: [description, group, id, name], ignored_keys: [safe_attribute],
        redact_all_types: true, blocked_key_patterns: ['.*token.*', '.*api_key.*'],
        blocked_values: [\(visa), '(5[1-5][0-9]{14})'], allowed_values: ['.+@mycompany.com'],
        hash_function: md5, summary: debug}
        """

    static let cases: [Case] = [
        Case(
            "unknown keys are removed", "{allowed_keys: [group, id, name]}",
            ["group": "temporary", "id": 5, "name": "x", "credit_card": "4111111111111111"],
            ["group": "temporary", "id": 5, "name": "x"]),
        Case("an empty list removes all", "{}", ["a": 1, "b": "x"], [:]),
        Case(
            "all keys stay", "{allow_all_keys: true, allowed_keys: [group]}", ["group": "t", "name": "x"],
            ["group": "t", "name": "x"]),
        Case(
            "values are masked all the same", "{allow_all_keys: true, blocked_values: [\(visa)]}",
            ["id": 5, "credit_card": "placeholder 4111111111111111"],
            ["id": 5, "credit_card": "placeholder ****"]),
        Case(
            "everything is told",
            "{allowed_keys: [id, group, name, group.id, member (id)], blocked_values: [\(visa)],"
                + " ignored_keys: [safe_attribute], summary: debug}",
            [
                "id": 5, "group.id": "some.valid.id", "member (id)": "other",
                "name": "placeholder 4111111111111111",
                "safe_attribute": "harmless 4111111111111112", "credit_card": "4111111111111111",
            ],
            [
                "id": 5, "group.id": "some.valid.id", "member (id)": "other", "name": "placeholder ****",
                "safe_attribute": "harmless 4111111111111112", "redaction.redacted.keys": "credit_card",
                "redaction.redacted.count": 1, "redaction.masked.keys": "name", "redaction.masked.count": 1,
                "redaction.ignored.count": 1,
            ]),
        Case(
            "counts are told",
            "{allowed_keys: [id, name, group], blocked_values: [\(visa)], ignored_keys: [safe_attribute],"
                + " summary: info}",
            [
                "id": 5,
                "name": "placeholder 4111111111111111",
                "safe_attribute": "suspicious 4111111111111141",
                "credit_card": "4111111111111111",
            ],
            [
                "id": 5, "name": "placeholder ****", "safe_attribute": "suspicious 4111111111111141",
                "redaction.redacted.count": 1, "redaction.masked.count": 1, "redaction.ignored.count": 1,
            ]),
        Case(
            "nothing is told", "{allowed_keys: [id, name], blocked_values: [\(visa)], summary: silent}",
            ["id": 5, "name": "placeholder 4111111111111111", "credit_card": "x"],
            ["id": 5, "name": "placeholder ****"]),
        Case(
            "several patterns",
            "{allowed_keys: [id, name, mystery], blocked_values: [\(visa), '(5[1-5][0-9]{3})'],"
                + " summary: debug}",
            [
                "id": 5, "mystery": "mystery 52000", "name": "placeholder 4111111111111111 52000",
                "credit_card": "4111111111111111",
            ],
            [
                "id": 5, "mystery": "mystery ****", "name": "placeholder **** ****",
                "redaction.redacted.keys": "credit_card", "redaction.redacted.count": 1,
                "redaction.masked.keys": "mystery,name", "redaction.masked.count": 2,
            ]),
        Case(
            "what passes twice is told in one",
            "{allowed_keys: [id, credit_card, mystery], blocked_values: [\(visa)], summary: debug}",
            [
                "id": 5, "redundant": 1.2, "mystery": "mystery ****", "credit_card": "4111111111111111",
                "redaction.redacted.keys": "dropped_attr1,dropped_attr2", "redaction.redacted.count": 2,
                "redaction.masked.keys": "mystery", "redaction.masked.count": 1,
            ],
            [
                "id": 5, "mystery": "mystery ****", "credit_card": "****",
                "redaction.redacted.keys": "dropped_attr1,dropped_attr2,redundant",
                "redaction.redacted.count": 3,
                "redaction.masked.keys": "credit_card,mystery", "redaction.masked.count": 2,
            ]),
        Case(
            "keys are masked", "{allow_all_keys: true, blocked_key_patterns: ['.*token.*'], summary: debug}",
            ["my_token": "secret", "other": "x", "token": 7],
            [
                "my_token": "****", "other": "x", "token": "****", "redaction.masked.keys": "my_token,token",
                "redaction.masked.count": 2,
            ]),
        Case(
            "a masked value of several lines", "{allow_all_keys: true, blocked_key_patterns: [k]}",
            ["k": "one\ntwo"], ["k": "****\n****"]),
        Case(
            "numbers stay", "{allow_all_keys: true, blocked_values: [\(visa)]}", ["n": 4_111_111_111_111_111],
            ["n": 4_111_111_111_111_111]),
        Case(
            "numbers are looked at",
            "{allow_all_keys: true, redact_all_types: true, blocked_values: [\(visa), '^true$']}",
            ["n": 4_111_111_111_111_111, "b": true, "l": ["4111111111111111"], "d": 2.5],
            ["n": "****", "b": "****", "l": "[\"****\"]", "d": 2.5]),
        Case(
            "values are allowed",
            "{allow_all_keys: true, blocked_values: [mycompany.com], allowed_values:"
                + " [support.mycompany.com], summary: debug}",
            ["a": "www.mycompany.com", "b": "support.mycompany.com"],
            [
                "a": "www.****", "b": "support.mycompany.com", "redaction.masked.keys": "a",
                "redaction.masked.count": 1, "redaction.allowed.keys": "b", "redaction.allowed.count": 1,
            ]),
        Case(
            "a value is allowed whose key is blocked",
            "{allow_all_keys: true, blocked_key_patterns: [mail], allowed_values: ['@mycompany.com$']}",
            ["mail": "a@mycompany.com", "mail2": "b@elsewhere.com"],
            ["mail": "a@mycompany.com", "mail2": "****"]),
        Case(
            "keys are ignored by pattern",
            "{allow_all_keys: true, ignored_key_patterns: ['^safe_'], blocked_values: [x], "
                + "blocked_key_patterns: [s]}",
            ["safe_a": "x", "s": "x"], ["safe_a": "x", "s": "****"]),
        Case(
            "groups of the same name", "{allow_all_keys: true, blocked_values: ['(?P<a>x)', '(?P<a>y)']}",
            ["k": "xyz"], ["k": "********z"]),
        Case(
            "the example of the documentation", documented,
            [
                "description": "card 4111111111111111 of me@elsewhere.com",
                "id": 5_105_105_105_105_100, "group": "g",
                "name": "4111111111111111 of me@mycompany.com", "safe_attribute": "4111111111111111",
                "notes": "x",
            ],
            [
                "description": "card 5910f4ea0062a0e29afd3dccc741e3ce of me@elsewhere.com",
                "id": "e2740266aab85558996a9a87fc561c0e", "group": "g",
                "name": "4111111111111111 of me@mycompany.com", "safe_attribute": "4111111111111111",
                "redaction.redacted.keys": "notes", "redaction.redacted.count": 1,
                "redaction.masked.keys": "description,id", "redaction.masked.count": 2,
                "redaction.allowed.keys": "name", "redaction.allowed.count": 1, "redaction.ignored.count": 1,
            ]),
    ]

    @Test(arguments: [Signal.traces, .logs, .metrics], cases)
    func `attributes are removed and masked`(_ signal: Signal, _ example: Case) throws {
        var step = try StepHarness(RedactionProcessor.self, yaml: example.yaml)
        let batch = Batch.one(signal, example.before, resource: example.before)
        let passed = try step.send(batch)
        #expect(passed.flatMap { $0.itemAttributes } == [example.after])
        #expect(passed.flatMap { $0.resourceAttributes } == [example.after])
        if example.before == example.after {
            #expect(passed.first?.contiguous().array == batch.contiguous().array)
        }
        let again = try passed.map { try Batch(validating: $0.contiguous(), as: signal).itemCount }
        #expect(again == [1])
    }

    // The digests are those of Python's hashlib and hmac for the text `secret`.
    @Test(arguments: [
        ("hash_function: md5", "5ebe2294ecd0e0f08eab7690d2a6ee69"),
        ("hash_function: sha1", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4"),
        ("hash_function: sha3", "f5a5207a8729b1f709cb710311751eb2fc8acad5a1fb8ac991b736e69b6529a3"),
        (
            "hash_function: hmac-sha256, hmac_key: KEY32",
            "ead256ccb47a97d5f4efd6f4da905f03b79bf86513d1d81048a5101cff08dbae"
        ),
        (
            "hash_function: hmac-sha512, hmac_key: KEY64",
            "be3d47c0d3196d0bb207c44bcf40fcc34e16129fb14646ba18e8f0d4d8f9b8a0"
                + "f2bc134ade51850b3679607a00669895521e1767777b6f18bc7cfd1b8d8684ad"
        ), ("hash_function: ''", "****"),
    ])
    func `what is masked may be a hash`(_ hash: String, _ expected: String) throws {
        let keys = hash.replacing("KEY32", with: String(repeating: "k", count: 32))
            .replacing("KEY64", with: String(repeating: "k", count: 64))
        var step = try StepHarness(
            RedactionProcessor.self, yaml: "{allow_all_keys: true, blocked_key_patterns: [k], \(keys)}")
        #expect(
            try step.send(Batch.one(.traces, ["k": "secret"])).first?.itemAttributes == [
                ["k": .string(expected)]
            ])
    }

    struct Body: Sendable {
        let yaml: String
        let before: AttributeValue
        let after: AttributeValue
        var attributes: Attributes = [:]
    }

    static let bodies: [Body] = [
        Body(
            yaml: "{allow_all_keys: true, blocked_values: "
                + "['4[0-9]+']}", before: "card 4111", after: "card ****"),
        Body(
            yaml: "{allow_all_keys: true, blocked_values: ['4[0-9]+'], summary: debug}", before: "card 4111",
            after: "card ****",
            attributes: ["redaction.body.masked.keys": "body", "redaction.body.masked.count": 1]),
        Body(yaml: "{allow_all_keys: true, blocked_values: ['4[0-9]+']}", before: 4111, after: "****"),
        Body(yaml: "{allow_all_keys: true, blocked_values: ['4[0-9]+']}", before: 5, after: 5),
        Body(
            yaml: "{allow_all_keys: true, blocked_values: ['4'], allowed_values: [card], summary: debug}",
            before: "card 4", after: "card 4"),
        Body(
            yaml: "{allowed_keys: [a, b, secret, list], ignored_keys: [safe], blocked_key_patterns: [secret],"
                + " blocked_values: ['4[0-9]+'], allowed_values: [fine], summary: debug}",
            before: .keyValues([
                .init("a", "4111"),
                .init("b", .keyValues([.init("a", "4111"), .init("gone", 1), .init("b", "fine")])),
                .init("secret", "x"), .init("safe", "4111"), .init("gone", 2), .init("list", ["4111", 5]),
            ]),
            after: .keyValues([
                .init("a", "****"), .init("b", .keyValues([.init("a", "****"), .init("b", "fine")])),
                .init("secret", "****"), .init("safe", "4111"), .init("list", ["****", 5]),
            ]),
            attributes: [
                "redaction.body.redacted.keys": "b.gone,gone", "redaction.body.redacted.count": 2,
                "redaction.body.masked.keys": "a,b.a,list.[0],secret", "redaction.body.masked.count": 4,
                "redaction.body.allowed.keys": "b.b", "redaction.body.allowed.count": 1,
                "redaction.body.ignored.count": 1,
            ]),
        Body(
            yaml: "{allow_all_keys: true, blocked_values: [x], summary: info}", before: ["x", ["y"]],
            after: ["****", ["y"]], attributes: ["redaction.body.masked.count": 1]),
        Body(
            yaml: "{allow_all_keys: true, blocked_values: "
                + "[x]}", before: .keyValues([.init("a", ["y", .empty])]),
            after: .keyValues([.init("a", ["y", .empty])])),
    ]

    @Test(arguments: bodies)
    func `bodies are redacted`(_ example: Body) throws {
        var builder = LogsBuilder()
        builder.record { $0.body(example.before) }
        let batch = builder.finish()
        var step = try StepHarness(RedactionProcessor.self, yaml: example.yaml)
        let passed = try step.send(batch)
        let record = try #require(passed.first?.resourceLogs.first?.scopes.first?.records.first)
        #expect(record.body.map { .encoded($0) } == example.after)
        #expect(record.attributes.dictionary == example.attributes)
        if example.before == example.after {
            #expect(passed.first?.contiguous().array == batch.contiguous().array)
        }
    }

    @Test func `scopes and events are worked on, links are not`() throws {
        var step = try StepHarness(
            RedactionProcessor.self,
            yaml: "{allow_all_keys: true, blocked_values: ['.+'], "
                + "redact_all_types: true}")
        let passed = try step.send(try Samples.complete(.traces))
        let scope = try #require(passed.first?.resourceSpans.first?.scopes.first)
        let span = try #require(scope.records.first)
        #expect(scope.scope.attributes.dictionary == ["scope.kind": "****"])
        #expect(span.events.first?.attributes.dictionary == ["attempt": "****"])
        #expect(span.links.first?.attributes.dictionary == ["reason": "follows"])
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            RedactionProcessor.self, yaml: "{allowed_keys: [index], blocked_values: ['.'], summary: debug}")
    }

    @Test(arguments: [
        ("blocked_values: [a, '(']", "1:21 blocked_values.1: is not a regular expression of RE2: "),
        ("ignored_key_patterns: ['[']", "1:24 ignored_key_patterns.0: is not a regular expression of RE2: "),
        ("summary: verbose", "1:10 summary: must be one of silent, info, debug, not 'verbose'"),
        (
            "hash_function: sha256",
            "1:16 hash_function: must be one of '', md5, sha1, sha3, "
                + "hmac-sha256, hmac"
        ),
        ("hash_function: hmac-sha256", "1:16 hash_function: hmac-sha256 needs a key of 32 bytes or more"),
        ("{hash_function: hmac-sha512, hmac_key: short}", "hmac_key: hmac-sha512 needs a key of 64 bytes or"),
        ("{hash_function: md5, hmac_key: x}", "hmac_key: is used by hmac-sha256 and hmac-sha512 only"),
        ("url_sanitizer: {enabled: true}", "1:1 url_sanitizer: is not supported: "),
        ("db_sanitizer: {sql: {enabled: true}}", "1:1 db_sanitizer: is not supported: "),
    ])
    func `mistakes are named with their place`(_ yaml: String, _ mistake: String) {
        let mistakes = RedactionProcessor.Configuration.mistakes(yaml)
        #expect(mistakes.count == 1 && mistakes.first?.contains(mistake) == true, "\(mistakes)")
    }
}
