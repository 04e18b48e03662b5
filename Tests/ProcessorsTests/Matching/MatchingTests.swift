import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Wire

@testable import Processors

/// `include` and `exclude`, by what the processor `attributes` then works on.
@Suite struct MatchingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let sections: String
        let record: Record
        let isWorkedOn: Bool
        var testDescription: String { "\(sections) with \(record)" }

        init(_ sections: String, _ record: Record, _ isWorkedOn: Bool) {
            self.sections = sections
            self.record = record
            self.isWorkedOn = isWorkedOn
        }
    }

    struct Record: Sendable {
        var service: AttributeValue?
        var name = "span"
        var attributes: Attributes = [:]
        var resource: Attributes = [:]
        var scope = ""
        var version = ""
        var kind = 0
        var severity = 0
        var severityText = ""
        var body: AttributeValue = "body"
    }

    private static let multi =
        "exclude: {match_type: strict, services: [svcA, svcB],"
        + " attributes: [{key: env, value: dev}, {key: test_request}]}"
    private static let selective =
        "include: {match_type: strict, services: [svcA, svcB]}\n"
        + "exclude: {match_type: strict, attributes: [{key: redact_trace, value: false}]}"
    private static let library = "exclude: {match_type: strict, libraries: [{name: mongo, version: 3.8.0}]}"
    private static let regexp =
        "include: {match_type: regexp, services: ['auth.*']}\nexclude: {match_type: regexp, "
        + "span_names: ['login.*']}"

    static let spans: [Case] = [
        Case("", Record(), true),
        Case(multi, Record(service: "svcB", attributes: ["env": "dev", "test_request": 123]), false),
        Case(multi, Record(service: "svcA", attributes: ["env": "dev", "test_request": false]), false),
        Case(multi, Record(service: "svcB", attributes: ["env": 1, "test_request": "dev"]), true),
        Case(multi, Record(service: "svcC", attributes: ["env": "dev", "test_request": false]), true),
        Case(selective, Record(service: "svcB", attributes: ["redact_trace": "false"]), true),
        Case(selective, Record(service: "svcA", attributes: ["redact_trace": true]), true),
        Case(selective, Record(service: "svcB", attributes: ["redact_trace": false]), false),
        Case(selective, Record(service: "svcC"), false),
        Case(selective, Record(), false),
        Case(
            "exclude: {match_type: strict, resources: [{key: host.type, value: n1}]}",
            Record(resource: ["host.type": "n1"]), false),
        Case(
            "exclude: {match_type: strict, resources: [{key: host.type, value: n1}]}",
            Record(resource: ["host.type": "n2"]), true),
        Case(
            "include: {match_type: strict, resources: [{key: a, value: 1.5}, {key: b, value: [1, x]}]}",
            Record(resource: ["a": 1.5, "b": [1, "x"]]), true),
        Case(
            "include: {match_type: strict, resources: [{key: a, value: 1.5}, {key: b, value: [1, x]}]}",
            Record(resource: ["a": 1.5, "b": [1, "y"]]), false),
        Case(
            "include: {match_type: strict, attributes: [{key: a, value: 1}]}", Record(attributes: ["a": 1.0]),
            false),
        Case(
            "include: {match_type: strict, attributes: [{key: m, value: {x: 1, y: 2}}]}",
            Record(attributes: ["m": .keyValues([.init("y", 2), .init("x", 1)])]), true),
        Case(library, Record(scope: "mongo", version: "3.8.0"), false),
        Case(library, Record(scope: "mongo", version: "3.8.1"), true),
        Case(library, Record(scope: "redis", version: "3.8.0"), true),
        Case(
            "include: {match_type: strict, libraries: [{name: a}, {name: b, version: ''}]}",
            Record(scope: "a", version: "1"), true),
        Case(
            "include: {match_type: strict, libraries: [{name: a}, {name: b, version: ''}]}",
            Record(scope: "b", version: "1"), false),
        Case(
            "include: {match_type: strict, libraries: [{name: a}, {name: b, version: ''}]}",
            Record(scope: "b"), true),
        Case(regexp, Record(service: "auth-1", name: "get"), true),
        Case(regexp, Record(service: "auth-1", name: "login page"), false),
        Case(regexp, Record(service: "pay", name: "get"), false),
        Case(
            "include: {match_type: regexp, attributes: [{key: env, value: 'SELECT \\* FROM USERS.*'}]}",
            Record(attributes: ["env": "SELECT * FROM USERS WHERE 1"]), true),
        Case(
            "include: {match_type: regexp, attributes: [{key: n, value: '^4..$'}]}",
            Record(attributes: ["n": 404]), true),
        Case(
            "include: {match_type: regexp, attributes: [{key: n, value: '^4[.]5$'}]}",
            Record(attributes: ["n": 4.5]), true),
        Case(
            "include: {match_type: regexp, attributes: [{key: n, value: 'tru'}]}",
            Record(attributes: ["n": true]), true),
        Case(
            "include: {match_type: regexp, attributes: [{key: n, value: '.*'}]}",
            Record(attributes: ["n": ["x"]]), false),
        Case("include: {match_type: regexp, attributes: [{key: n}]}", Record(attributes: ["n": ["x"]]), true),
        Case("include: {match_type: strict, span_names: [a, span]}", Record(), true),
        Case("include: {match_type: strict, span_kinds: [SPAN_KIND_SERVER]}", Record(kind: 2), true),
        Case("include: {match_type: strict, span_kinds: [SPAN_KIND_SERVER]}", Record(kind: 3), false),
        Case("include: {match_type: regexp, span_kinds: ['CLIENT|SERVER']}", Record(kind: 3), true),
    ]

    static let logs: [Case] = [
        Case("include: {match_type: regexp, log_bodies: ['AUTH.*']}", Record(body: "AUTH failed"), true),
        Case("include: {match_type: regexp, log_bodies: ['AUTH.*']}", Record(body: "auth"), false),
        Case(
            "include: {match_type: strict, log_bodies: ['{\"a\":1}']}",
            Record(body: .keyValues([.init("a", 1)])), true),
        Case(
            "include: {match_type: regexp, log_severity_texts: ['debug.*']}", Record(severityText: "debug2"),
            true),
        Case(
            "include: {match_type: regexp, log_severity_texts: ['debug.*']}", Record(severityText: "info"),
            false),
        Case("include: {match_type: strict, log_severity_number: {min: 9}}", Record(severity: 9), true),
        Case("include: {match_type: strict, log_severity_number: {min: 9}}", Record(severity: 8), false),
        Case("include: {match_type: strict, log_severity_number: {min: 9}}", Record(), false),
        Case(
            "include: {match_type: strict, log_severity_number: {min: 9, match_undefined: true}}", Record(),
            true),
        Case(
            "exclude: {match_type: strict, attributes: [{key: "
                + "a}]}", Record(attributes: ["a": .empty]), false),
    ]

    @Test(arguments: spans)
    func `spans are matched`(_ example: Case) throws {
        let record = example.record
        var builder = TracesBuilder()
        builder.resource { resource in
            resource.write(record.resource)
            if let service = record.service { resource.attribute("service.name", service) }
        }
        builder.scope(record.scope, version: record.version)
        builder.span { span in
            span.name(record.name)
            if record.kind != 0 { span.kind(record.kind) }
            span.write(record.attributes)
        }
        try check(example, builder.finish())
    }

    @Test(arguments: logs)
    func `log records are matched`(_ example: Case) throws {
        var builder = LogsBuilder()
        builder.record { record in
            if example.record.severity != 0 || !example.record.severityText.isEmpty {
                record.severity(example.record.severity, text: example.record.severityText)
            }
            record.body(example.record.body)
            record.write(example.record.attributes)
        }
        try check(example, builder.finish())
    }

    @Test(arguments: [
        ("include: {match_type: strict, metric_names: [cpu]}", true),
        ("include: {match_type: regexp, metric_names: ['^m']}", false),
        ("exclude: {match_type: strict, metric_names: [cpu], resources: [{key: host, value: a}]}", false),
        ("exclude: {match_type: strict, metric_names: [cpu], resources: [{key: host, value: b}]}", true),
    ])
    func `data points are matched by their metric`(_ sections: String, _ isWorkedOn: Bool) throws {
        let batch = Batch.one(.metrics, [:], name: "cpu", resource: ["host": "a"])
        try check(Case(sections, Record(), isWorkedOn), batch)
    }

    private func check(_ example: Case, _ batch: Batch) throws {
        var step = try StepHarness(
            AttributesProcessor.self,
            yaml: "actions: [{key: worked.on, value: true, action: upsert}]\n\(example.sections)")
        let passed = try step.send(batch)
        #expect(passed.flatMap { $0.itemAttributes }.map { $0["worked.on"] == true } == [example.isWorkedOn])
        // What matches nothing stays the very same bytes.
        if !example.isWorkedOn { #expect(passed.first?.contiguous().array == batch.contiguous().array) }
    }

    @Test(arguments: [
        ("{match_type: strict}", "1:10 include: must have at least one of services,"),
        ("{services: [a]}", "1:1 include: missing required key 'match_type'"),
        ("{match_type: glob, services: [a]}", "1:23 include.match_type: must be one of strict, regexp"),
        (
            "{match_type: regexp, span_names: [a, '(']}",
            "1:47 include.span_names.1: is not a regular expression of RE2: "
        ),
        (
            "{match_type: strict, span_kinds: [SERVER]}",
            "1:44 include.span_kinds.0: there is no kind 'SERVER'"
        ),
        (
            "{match_type: regexp, attributes: [{key: a, value: 1}]}",
            "1:60 include.attributes.0.value: must be text when match_type is regexp, not a whole number"
        ),
        (
            "{match_type: regexp, libraries: [{name: '['}]}",
            "1:50 include.libraries.0.name: is not a regular expression of RE2: "
        ),
        (
            "{match_type: regexp, services: [a], regexp: {cacheenabled: true}}",
            "1:46 include.regexp: is not supported: "
        ),
        (
            "{match_type: strict, log_severity_number: {min: 25}}",
            "1:58 include.log_severity_number.min: must be from 0 to 24"
        ),
    ])
    func `mistakes are named with their place`(_ section: String, _ mistake: String) {
        let mistakes = AttributesProcessor.Configuration.mistakes(
            "include: \(section)\nactions: [{key: a, action: delete}]")
        #expect(mistakes.count == 1 && mistakes.first?.hasPrefix(mistake) == true, "\(mistakes)")
    }

    @Test(arguments: [
        ("span_names: [a]", [Signal.traces]), ("services: [a]", [.traces]), ("log_bodies: [a]", [.logs]),
        ("log_severity_number: {min: 1}", [.logs]), ("metric_names: [a]", [.metrics]),
        ("attributes: [{key: a}]", [.traces, .logs]), ("libraries: [{name: a}]", [.traces, .logs]),
        ("resources: [{key: a}]", [.traces, .logs, .metrics]),
    ])
    func `each signal has keys of its own`(_ key: String, _ signals: [Signal]) throws {
        let configuration = try AttributesProcessor.Configuration.decode(
            yaml: "actions: [{key: a, action: delete}]\nexclude: {match_type: strict, \(key)}")
        for signal in [Signal.traces, .logs, .metrics] {
            let problems = AttributesProcessor.problems(of: configuration, for: signal)
            #expect(problems.isEmpty == signals.contains(signal), "\(signal): \(problems)")
            let name = key.prefix { $0 != ":" }
            #expect(problems.allSatisfy { $0.field == "exclude.\(name)" })
        }
    }
}
