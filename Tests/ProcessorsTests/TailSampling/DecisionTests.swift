import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Processors

/// How one decision comes of what several policies say.
@Suite struct DecisionTests {
    private static func match(_ name: String, _ value: String, inverted: Bool = false) -> String {
        "{name: \(name), type: string_attribute, "
            + "string_attribute: {key: k, values: [\(value)], invert_match: \(inverted)}}"
    }

    private static func drop(_ value: String) -> String {
        "{name: drop-\(value), type: drop, drop: {drop_sub_policy: [\(match("m", value))]}}"
    }

    private static let always = "{name: all, type: always_sample}"
    private static let none = "{name: none, type: probabilistic, probabilistic: {sampling_percentage: 0}}"

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let policies: [String]
        /// `nil` when the trace, whose attribute `k` is `v`, is sampled; otherwise the rule of the ledger.
        let rule: String?
        var settings = ""
    }

    static let cases: [Case] = [
        Case(testDescription: "one samples", policies: [none, always], rule: nil),
        Case(testDescription: "none samples", policies: [none, match("a", "w")], rule: "not sampled"),
        Case(
            testDescription: "dropped and sampled", policies: [always, drop("v")], rule: "dropped by drop-v"),
        Case(testDescription: "not dropped", policies: [always, drop("w")], rule: nil),
        Case(
            testDescription: "an inverted policy is against it",
            policies: [always, match("i", "v", inverted: true)], rule: "not sampled by i"),
        Case(
            testDescription: "an inverted policy samples and another is against it",
            policies: [none, match("i", "w", inverted: true)], rule: "not sampled"),
        Case(
            testDescription: "an inverted policy alone", policies: [match("i", "w", inverted: true)],
            rule: nil),
        Case(
            testDescription: "an inverted policy that votes like others",
            policies: [always, match("i", "v", inverted: true)], rule: nil,
            settings: "disable_invert_decisions: true"),
        Case(
            testDescription: "an inverted policy that votes like others samples",
            policies: [none, match("i", "w", inverted: true)], rule: nil,
            settings: "disable_invert_decisions: true"),
        Case(
            testDescription: "the first one decides", policies: [always, match("i", "v", inverted: true)],
            rule: nil, settings: "sample_on_first_match: true"),
        Case(
            testDescription: "drop policies are asked first", policies: [always, drop("v")],
            rule: "dropped by drop-v", settings: "sample_on_first_match: true"),
    ]

    @Test(arguments: cases)
    func `votes come to one decision in the documented order`(example: Case) throws {
        var step = try StepHarness(example.settings, policies: example.policies)
        #expect(try step.samples(.spans([Span(attributes: ["k": "v"])])) == (example.rule == nil))
        #expect(step.removedByRule == (example.rule.map { [$0: 1] } ?? [:]))
        #expect(step.removed[.sampledOut, default: 0] == (example.rule == nil ? 0 : 1))
    }

    @Test func `each policy counts what it said`() throws {
        let surroundings = Harness()
        var step = try StepHarness(policies: [Self.none, Self.always, Self.drop("v")], in: surroundings)
        _ = try step.send(.spans([Span(trace: 1), Span(trace: 1), Span(trace: 2, attributes: ["k": "v"])]))
        _ = step.drain()
        func count(_ what: String, _ labels: KeyValuePairs<String, String>) -> Double? {
            surroundings.metric("otelcol_processor_tail_sampling_\(what)", labels)
        }
        #expect(count("count_traces_sampled", ["policy": "all", "decision": "sampled"]) == 1)
        #expect(count("count_spans_sampled", ["policy": "all", "sampled": "true"]) == 2)
        #expect(count("count_traces_sampled", ["policy": "none", "decision": "not_sampled"]) == 1)
        #expect(count("count_traces_sampled", ["policy": "drop-v", "decision": "dropped"]) == 1)
        #expect(count("count_traces_sampled", ["policy": "drop-v", "decision": "not_sampled"]) == 1)
        #expect(count("global_count_traces_sampled", ["decision": "sampled"]) == 1)
        #expect(count("global_count_traces_sampled", ["decision": "dropped"]) == 1)
        #expect(count("new_trace_id_received", [:]) == 2)
        #expect(count("sampling_policy_execution_count", ["policy": "drop-v"]) == 2)
        #expect(count("sampling_policy_execution_count", ["policy": "all"]) == 1)
        #expect(count("sampling_trace_removal_age", [:]) == 2)
    }

    @Test func `a policy that fails has no vote`() throws {
        let surroundings = Harness()
        var step = try StepHarness(
            policies: [
                #"{name: bad, type: ottl_condition, ottl_condition: {span: ['attributes["k"] + 1 == 2']}}"#,
                Self.always,
            ], in: surroundings)
        #expect(try step.samples(.spans([Span(attributes: ["k": "v"])])))
        #expect(surroundings.metric("otelcol_processor_tail_sampling_sampling_policy_evaluation_error") == 1)
    }

    @Test(arguments: [
        ("{name: all, type: always_sample}", ["tailsampling.policy": AttributeValue.string("all")]),
        (
            "{name: c, type: composite, composite: {max_total_spans_per_second: 9, "
                + "composite_sub_policy: [{name: part, type: always_sample}]}}",
            ["tailsampling.policy": "c", "tailsampling.composite_policy": "part"]
        ),
    ])
    func `scopes say what sampled them`(policy: String, attributes: Attributes) throws {
        var step = try StepHarness(
            "record_policy: true\ndecision_cache: {sampled_cache_size: 100}", policies: [policy])
        _ = try step.send(.span(1))
        func scopes(_ batches: [Batch]) -> [Attributes] {
            batches.flatMap { $0.resourceSpans }.flatMap { $0.scopes }.map { $0.scope.attributes.dictionary }
        }
        #expect(scopes(step.drain()) == [attributes])
        let late = try step.send(.span(1))
        #expect(scopes(late) == [attributes.merging(["tailsampling.cached_decision": true]) { $1 }])
    }
}
