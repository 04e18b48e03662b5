import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

@Suite struct SpanProcessorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let yaml: String
        let name: String
        let attributes: Attributes
        let newName: String
        let newAttributes: Attributes

        init(
            _ description: String, _ yaml: String, _ name: String, _ attributes: Attributes,
            _ newName: String, _ newAttributes: Attributes? = nil
        ) {
            testDescription = description
            self.yaml = yaml
            self.name = name
            self.attributes = attributes
            self.newName = newName
            self.newAttributes = newAttributes ?? attributes
        }

        init(
            _ description: String, _ yaml: String, _ name: String, _ newName: String,
            _ newAttributes: Attributes = [:]
        ) {
            self.init(description, yaml, name, [:], newName, newAttributes)
        }
    }

    private static let from = "name: {from_attributes: [db.svc, operation], separator: '::'}"
    private static let document =
        #"name: {to_attributes: {rules: ['^\/api\/v1\/document\/(?P<documentId>.*)\/update$']}}"#

    private static func rules(_ rules: String, _ rest: String = "") -> String {
        "name: {to_attributes: {rules: [\(rules)]\(rest)}}"
    }

    private static let path = "/api/v1/document/321083210/update/12"
    private static let two =
        #"'^\/api\/(?P<version>v\d+)\/document\/', '\/document\/(?P<documentId>\d+)\/', "#
        + #"'update\/(?P<number>\d+)$'"#

    static let cases: [Case] = [
        Case("from attributes", from, "old", ["db.svc": "location", "operation": "get"], "location::get"),
        Case("one attribute is absent", from, "old", ["db.svc": "location"], "old"),
        Case("no attributes", from, "old", "old"),
        Case("without a separator", "name: {from_attributes: [a, b]}", "old", ["a": "x", "b": "y"], "xy"),
        Case(
            "values of all types", "name: {from_attributes: [t, b, i, d, l], separator: '_'}", "old",
            ["t": "x", "b": true, "i": -7, "d": 2.0, "l": [1]], "x_true_-7_2_<unknown-attribute-type>"),
        Case("one empty text", "name: {from_attributes: [a]}", "old", ["a": ""], ""),
        Case(
            "to attributes", document, "/api/v1/document/12345678/update",
            "/api/v1/document/{documentId}/update", ["documentId": "12345678"]),
        Case(
            "over what is there", document, "/api/v1/document/12345678/update", ["documentId": 1, "a": 2],
            "/api/v1/document/{documentId}/update", ["documentId": "12345678", "a": 2]),
        Case("no match", document, "/api/v2/document/1/update", "/api/v2/document/1/update"),
        Case("no name", document, "", ""),
        Case(
            "several rules", rules(two), path, "/api/{version}/document/{documentId}/update/{number}",
            ["version": "v1", "documentId": "321083210", "number": "12"]),
        Case(
            "the first rule that "
                + "matches", rules("'nothing(?P<x>.)', " + two, ", break_after_match: true"), path,
            "/api/{version}/document/321083210/update/12", ["version": "v1"]),
        Case(
            "each rule sees what the one before made", rules("'(?P<a>b+)', '(?P<c>{a})'"), "xbby", "x{c}y",
            ["a": "bb", "c": "{a}"]),
        Case(
            "the name stays", rules(two, ", keep_original_name: true"), path, path,
            ["version": "v1", "documentId": "321083210", "number": "12"]),
        Case(
            "several groups", rules("'^(?P<verb>[A-Z]+) (?P<path>.*)$'"), "GET /x", "{verb} {path}",
            ["verb": "GET", "path": "/x"]),
        Case(
            "a group that takes no "
                + "part", rules("'a(?P<b>b)?c(?P<d>d)'"), "xacd", "xac{d}", ["b": "", "d": "d"]),
        Case(
            "a group in a group", rules("'(?P<all>a(?P<inner>b)c)d'"), "abcd", "{all}d",
            ["all": "abc", "inner": "b"]),
        Case(
            "names in other scripts", rules("'größe (?P<zahl>.+) °'"), "größe 7½ °C", "größe {zahl} °C",
            ["zahl": "7½"]),
        Case(
            "both ways", "name: {from_attributes: [a], to_attributes: {rules: ['^(?P<first>.)']}}", "old",
            ["a": "xyz"], "{first}yz", ["a": "xyz", "first": "x"]),
        Case(
            "left alone", from + "\nexclude: {match_type: regexp, span_names: ['^ol']}", "old",
            ["db.svc": "location", "operation": "get"], "old"),
    ]

    @Test(arguments: cases)
    func `names and attributes`(_ example: Case) throws {
        var step = try StepHarness(SpanProcessor.self, yaml: example.yaml)
        let batch = Batch.one(.traces, example.attributes, name: example.name)
        let passed = try step.send(batch)
        let span = try #require(passed.first?.spans.first)
        #expect(span.name == example.newName && span.attributes.dictionary == example.newAttributes)
        if example.name == example.newName, example.attributes == example.newAttributes {
            #expect(passed.first?.contiguous().array == batch.contiguous().array)
        }
    }

    @Test(arguments: [
        ("{code: Error, description: some error description}", 2, "some error description"),
        ("{code: Error}", 2, ""), ("{code: Ok}", 1, ""), ("{code: Unset}", 0, ""),
    ])
    func `the status is set`(_ status: String, _ code: Int, _ message: String) throws {
        var step = try StepHarness(SpanProcessor.self, yaml: "status: \(status)")
        for batch in [try Samples.complete(.traces), Batch.one(.traces, [:])] {
            let passed = try step.send(batch)
            for span in passed.flatMap({ $0.spans }) {
                #expect(span.status?.code ?? 0 == code && span.status?.text ?? "" == message)
            }
        }
    }

    @Test func `a status of attributes only`() throws {
        // The example of contrib's documentation: an error becomes an outcome where the client is to blame.
        var step = try StepHarness(
            SpanProcessor.self,
            yaml: "status: {code: Ok}\ninclude: {match_type: strict, attributes: [{key: "
                + "http.status_code, value: 400}]}")
        let codes = try [400, 500].map { code in
            let batch = Batch.one(.traces, ["http.status_code": .int(Int64(code))])
            return try step.send(batch).first?.spans.first?.status?.code ?? 0
        }
        #expect(codes == [1, 0])
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(
            SpanProcessor.self,
            yaml: "{status: {code: Ok}, name: "
                + "{from_attributes: [index]}}")
    }

    @Test(arguments: [
        ("{}", "needs a status, or from_attributes or to_attributes under name"),
        ("name: {separator: x}", "needs a status, or from_attributes or to_attributes under name"),
        ("name: {to_attributes: {rules: []}}", "1:31 name.to_attributes.rules: must not be empty"),
        ("name: {to_attributes: {}}", "1:8 name.to_attributes: missing required key 'rules'"),
        (
            "name: {to_attributes: {rules: ['(?P<a>x)', '(']}}",
            "1:44 name.to_attributes.rules.1: is not a regular expression of RE2: "
        ),
        ("name: {to_attributes: {rules: ['a']}}", "1:32 name.to_attributes.rules.0: has no named group"),
        ("name: {to_attributes: {rules: ['(?P<a>x)(y)']}}", "rules.0: has a group without a name"),
        ("status: {code: OK}", "1:16 status.code: must be one of Unset, Ok, Error, not 'OK'"),
        (
            "status: {code: Ok, description: x}",
            "1:33 status.description: can only be given with the code Error"
        ),
        ("status: {}", "status: missing required key 'code'"),
    ])
    func `mistakes are named with their place`(_ yaml: String, _ mistake: String) {
        let mistakes = SpanProcessor.Configuration.mistakes(yaml)
        #expect(mistakes.count == 1 && mistakes.first?.contains(mistake) == true, "\(mistakes)")
    }
}
