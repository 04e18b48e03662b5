import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Processors

@Suite struct AttributesProcessorTests {
    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            AttributesProcessor.self, yaml: "actions: [{key: a, value: 1, action: upsert}]")
        try await Conformance.check(
            ResourceProcessor.self, yaml: "attributes: [{key: a, value: 1, action: upsert}]")
    }

    @Test(arguments: [
        ("[{key: a, action: delete}, {value: 123, action: upsert}]", "1:37 actions.1: needs a key"),
        ("[{action: delete}]", "1:11 actions.0: needs a key, a pattern or both"),
        (
            "[{key: a, action: inserd}]",
            "1:28 actions.0.action: must be one of insert, update, upsert, delete, "
                + "hash, extract, convert, not 'inserd'"
        ),
        (
            "[{key: a, action: insert}]",
            "1:11 actions.0: needs one of value, from_attribute, from_context and "
                + "default_value"
        ),
        (
            "[{key: a, value: 1, from_attribute: b, action: upsert}]",
            "1:11 actions.0: set one of value, from_attribute and from_context, not several"
        ),
        (
            "[{key: a, pattern: '(?P<x>.*)', from_attribute: b, action: insert}]",
            "1:29 actions.0.pattern: is not used by the action insert"
        ),
        ("[{key: a, action: extract}]", "1:11 actions.0: needs a pattern with named groups"),
        (
            "[{key: a, pattern: '(?P<x>.*)', value: v, action: extract}]",
            "1:49 actions.0.value: is not used by the action extract"
        ),
        (
            "[{key: a, pattern: '.*$', action: extract}]",
            "1:29 actions.0.pattern: has no named group, such as (?P<name>…)"
        ),
        (
            "[{key: a, pattern: '(?P<x>.*)/(.*)', action: extract}]",
            "1:29 actions.0.pattern: has a group without a name; write (?P<name>…), or (?:…) for none"
        ),
        ("[{pattern: '[', action: delete}]", "1:21 actions.0.pattern: is not a regular expression of RE2: "),
        ("[{key: a, action: convert}]", "1:11 actions.0: needs a converted_type"),
        (
            "[{key: a, action: convert, converted_type: bool}]",
            "1:53 actions.0.converted_type: must be one of int, double, string, not 'bool'"
        ),
        (
            "[{key: a, from_context: metadata., action: insert}]",
            "1:34 actions.0.from_context: must have a name after 'metadata.'"
        ),
        ("[]", "1:10 actions: must not be empty"),
    ])
    func `mistakes in actions are named with their place`(_ actions: String, _ mistake: String) {
        let mistakes = AttributesProcessor.Configuration.mistakes("actions: \(actions)")
        #expect(mistakes.count == 1 && mistakes.first?.hasPrefix(mistake) == true, "\(mistakes)")
    }

    @Test func `a list of actions is needed`() {
        #expect(AttributesProcessor.Configuration.mistakes("{}").count == 1)
        #expect(ResourceProcessor.Configuration.mistakes("{}").count == 1)
    }
}
