import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Processors

/// What may be written, and what is said about what may not.
@Suite struct TailSamplingSettingsTests {
    private static func mistakes(_ policy: String, _ settings: String = "") -> [String] {
        TailSampling.Configuration.mistakes(
            "\(settings.isEmpty ? "" : settings + "\n")policies:\n- \(policy)")
    }

    @Test(arguments: [
        ("{name: p}", ["2:3 policies.0: missing required key 'type'"]),
        ("{type: always_sample}", ["2:3 policies.0: missing required key 'name'"]),
        ("{name: '', type: always_sample}", ["2:10 policies.0.name: must not be empty"]),
        ("{name: p, type: latency}", ["2:19 policies.0.type: needs the key 'latency'"]),
        (
            "{name: p, type: boolean_attribute, string_attribute: {key: k, values: [a]}}",
            [
                "2:56 policies.0.string_attribute: belongs to policies of the type string_attribute, "
                    + "and this one has the type boolean_attribute"
            ]
        ),
        (
            "{name: p, type: numeric_attribute, numeric_attribute: {key: k}}",
            ["2:57 policies.0.numeric_attribute: needs a min_value, a max_value or both"]
        ),
        (
            "{name: p, type: numeric_attribute, numeric_attribute: {key: k, min_value: 2, max_value: 1}}",
            ["2:77 policies.0.numeric_attribute.min_value: must not be greater than max_value"]
        ),
        (
            "{name: p, type: status_code, status_code: {status_codes: [ERR]}}",
            [
                "2:61 policies.0.status_code.status_codes.0: must be one of OK, ERROR, UNSET, not 'ERR'"
            ]
        ),
        (
            "{name: p, type: ottl_condition, ottl_condition: {span: []}}",
            ["2:51 policies.0.ottl_condition: needs at least one condition"]
        ),
        (
            "{name: p, type: and, and: {and_sub_policy: [{name: q, type: not}]}}",
            ["2:63 policies.0.and.and_sub_policy.0.type: cannot be 'not' inside of another policy"]
        ),
        (
            "{name: p, type: composite, composite: {max_total_spans_per_second: 1, policy_order: [a, x], "
                + "composite_sub_policy: [{name: a, type: always_sample}], rate_allocation: [{policy: y}]}}",
            [
                "2:91 policies.0.composite.policy_order.1: there is no part 'x'",
                "2:178 policies.0.composite.rate_allocation.0.policy: there is no part 'y'",
            ]
        ),
        (
            "{name: p, type: latency, latency: {threshold_ms: 5, upper_threshold_ms: 5}}",
            ["2:75 policies.0.latency.upper_threshold_ms: must be more than threshold_ms"]
        ),
        (
            "{name: p, type: span_count, span_count: {min_spans: 5, max_spans: 4}}",
            ["2:69 policies.0.span_count.max_spans: must not be less than min_spans"]
        ),
    ])
    func `mistakes are told at their place`(policy: String, mistakes: [String]) {
        #expect(Self.mistakes(policy) == mistakes)
    }

    @Test func `an expression that is none is told at its place`() {
        let found = Self.mistakes(
            "{name: p, type: string_attribute, string_attribute: {key: k, enabled_regex_matching: true, "
                + "values: ['(']}}")
        #expect(
            found.count == 1 && found[0].hasPrefix("2:103 policies.0.string_attribute.values.0: "), "\(found)"
        )
    }

    @Test func `a mistake in a condition is told at its column`() {
        let found = TailSampling.Configuration.mistakes(
            """
            policies:
            - name: p
              type: ottl_condition
              ottl_condition:
                span:
                - attributes["k"] == Wat("x")
                spanevent: ['nome == "x"']
            """)
        #expect(found.count == 2)
        #expect(
            found.first?.hasPrefix("6:26 policies.0.ottl_condition.span.0: column 20 of ") == true, "\(found)"
        )
        #expect(
            found.last?.hasPrefix("7:17 policies.0.ottl_condition.spanevent.0: column 1 of ") == true,
            "\(found)")
    }

    @Test(arguments: [
        ("num_shards: 4", "1:1 num_shards: is not supported: "),
        ("tail_storage: x", "1:1 tail_storage: is not supported: "),
        ("sampling_strategy: later", "1:20 sampling_strategy: must be one of trace-complete, span-ingest"),
        ("decision_wait: -1s", "1:16 decision_wait: must not be negative"),
        ("num_traces: 0", "1:13 num_traces: must be from 1 to 2^30"),
    ])
    func `keys that cannot work say why`(settings: String, mistake: String) {
        let found = Self.mistakes("{name: p, type: always_sample}", settings)
        #expect(found.count == 1 && found[0].hasPrefix(mistake), "\(found)")
    }

    @Test func `names of policies are told apart`() {
        let found = TailSampling.Configuration.mistakes(
            "policies: [{name: p, type: always_sample}, {name: p, type: trace_flags}]")
        #expect(found == ["1:51 policies.1.name: there is a policy 'p' already"])
    }

    @Test(arguments: [
        "{name: r, type: rate_limiting, rate_limiting: {spans_per_second: 1}}",
        "{name: r, type: and, and: {and_sub_policy: [{name: b, type: bytes_limiting, "
            + "bytes_limiting: {bytes_per_second: 1}}]}}",
    ])
    func `span-ingest refuses policies that remember`(policy: String) {
        let found = Self.mistakes(policy, "sampling_strategy: span-ingest")
        #expect(
            found.count == 1 && found[0].contains("policies.0.type: remembers what it has sampled"),
            "\(found)")
    }

    // The examples of the documentation of otelcol-contrib's processor, in its own words.

    @Test func `the first documented example samples every trace`() throws {
        var step = try StepHarness(TailSampling.self, yaml: DocumentedExamples.allPolicies)
        #expect(try step.samples(.spans([Span()])))
        // … but what its drop policy matches.
        #expect(try !step.samples(.spans([Span(trace: 2, attributes: ["url.path": "/health"])])))
        #expect(step.removedByRule == ["dropped by drop-policy-1": 1])
    }

    @Test func `the documented volume control passes a burst of five mebibytes`() throws {
        var step = try StepHarness(TailSampling.self, yaml: DocumentedExamples.volumeControl)
        let filler = String(repeating: "x", count: 1 << 20)
        for trace in 1...6 {
            _ = try step.send(.spans([Span(trace: trace, attributes: ["k": .string(filler)])]))
        }
        #expect(step.drain().traceNumbers == [1, 2, 3, 4])
    }

    static let rules: [(Span, Attributes, Bool)] = [
        // Rule 1: services that do not use tail sampling.
        (Span(), ["service.name": "other"], true),
        // Rule 3: the noisy endpoint, of which one percent is sampled, and 4: other endpoints.
        (Span(trace: 5, attributes: ["http.route": "/v2/name"]), ["service.name": "service-1"], true),
        // Rule 5: errors.
        (Span(status: 2), ["service.name": "list"], true),
        // Rule 6: the way out.
        (Span(), ["service.name": "list"], false),
        (Span(attributes: ["app.force_sample": true]), ["service.name": "list"], true),
        // Rule 7: nothing samples what must not be sampled.
        (Span(status: 2, attributes: ["app.do_not_sample": true]), ["service.name": "list"], false),
        (Span(attributes: ["app.do_not_sample": true]), ["service.name": "other"], false),
    ]

    @Test(arguments: rules)
    func `the practical example follows its rules`(span: Span, resource: Attributes, isSampled: Bool) throws {
        var step = try StepHarness(TailSampling.self, yaml: DocumentedExamples.practical)
        #expect(try step.samples(.spans([span], resource: resource)) == isSampled)
    }
}
