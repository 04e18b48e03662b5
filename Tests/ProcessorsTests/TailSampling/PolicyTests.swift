import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Processors

/// What each policy says about a trace, by the tables of otelcol-contrib's tests and its documentation.
@Suite struct PolicyTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let policy: String
        let spans: [Span]
        let resource: Attributes
        let isSampled: Bool

        init(_ name: String, _ policy: String, _ spans: [Span], resource: Attributes = [:], _ isSampled: Bool)
        {
            testDescription = "\(name): \(policy)"
            self.policy = "{name: p, \(policy)}"
            self.spans = spans
            self.resource = resource
            self.isSampled = isSampled
        }
    }

    private static func with(_ key: String, _ value: AttributeValue) -> [Span] {
        [Span(), Span(attributes: [key: value])]
    }

    static let plain: [Case] = [
        Case("all", "type: always_sample", [Span()], true),
        Case("long", "type: latency, latency: {threshold_ms: 5000}", [Span(start: 1000, end: 6001)], true),
        Case(
            "exactly", "type: latency, latency: {threshold_ms: 5000}", [Span(start: 1000, end: 6000)], false),
        Case(
            "spans far apart", "type: latency, latency: {threshold_ms: 5000}",
            [Span(start: 1000, end: 1500), Span(start: 7000, end: 7500)], true),
        Case(
            "within the upper bound",
            "type: latency, latency: {threshold_ms: 5000, upper_threshold_ms: 10000}",
            [Span(start: 1000, end: 11_000)], true),
        Case(
            "above the upper bound",
            "type: latency, latency: {threshold_ms: 5000, upper_threshold_ms: 10000}",
            [Span(start: 1000, end: 7000), Span(start: 1000, end: 11_001)], false),
        Case(
            "an error", "type: status_code, status_code: {status_codes: [ERROR]}", [Span(), Span(status: 2)],
            true),
        Case(
            "no error", "type: status_code, status_code: {status_codes: [ERROR]}", [Span(), Span(status: 1)],
            false),
        Case(
            "unset", "type: status_code, status_code: {status_codes: [OK, UNSET]}",
            [Span(status: 2), Span()],
            true),
        Case("enough", "type: span_count, span_count: {min_spans: 2}", [Span(), Span()], true),
        Case("too few", "type: span_count, span_count: {min_spans: 2}", [Span()], false),
        Case(
            "too many", "type: span_count, span_count: {min_spans: 1, max_spans: 2}",
            [Span(), Span(), Span()], false),
        Case(
            "as many", "type: span_count, span_count: {min_spans: 2, max_spans: 2}", [Span(), Span()], true),
        Case("flagged", "type: trace_flags", [Span(), Span(flags: 0x101)], true),
        Case("not flagged", "type: trace_flags", [Span(flags: 0x100)], false),
        Case("all of them", "type: probabilistic, probabilistic: {sampling_percentage: 100}", [Span()], true),
        Case("none of them", "type: probabilistic, probabilistic: {sampling_percentage: 0}", [Span()], false),
        Case(
            "member", "type: trace_state, trace_state: {key: key3, values: [value1, value2]}",
            [Span(state: "a=b,key3=value2")], true),
        Case(
            "another value", "type: trace_state, trace_state: {key: key3, values: [value1]}",
            [Span(state: "key3=value2,x=value1")], false),
        Case(
            "no tracestate", "type: trace_state, trace_state: {key: key3, values: [value1]}", [Span()],
            false),
    ]

    private static let numeric = "type: numeric_attribute, numeric_attribute:"
    private static let boolean = "type: boolean_attribute, boolean_attribute:"
    private static let string = "type: string_attribute, string_attribute:"

    static let attributes: [Case] = [
        Case("within", "\(numeric) {key: key1, min_value: 50, max_value: 100}", with("key1", 75), true),
        Case(
            "at the lower bound", "\(numeric) {key: key1, min_value: 50, max_value: 100}", with("key1", 50),
            true),
        Case(
            "at the upper bound", "\(numeric) {key: key1, min_value: 50, max_value: 100}", with("key1", 100),
            true),
        Case("below", "\(numeric) {key: key1, min_value: 50, max_value: 100}", with("key1", 49), false),
        Case("above", "\(numeric) {key: key1, min_value: 50, max_value: 100}", with("key1", 101), false),
        Case("only a lower bound", "\(numeric) {key: key1, min_value: 50}", with("key1", .int(.max)), true),
        Case("only an upper bound", "\(numeric) {key: key1, max_value: -5}", with("key1", .int(.min)), true),
        Case("zero is a bound", "\(numeric) {key: key1, min_value: 0}", with("key1", -1), false),
        Case(
            "of a resource", "\(numeric) {key: key1, min_value: 50}", [Span()], resource: ["key1": 60], true),
        Case("a text is no number", "\(numeric) {key: key1, max_value: 50}", with("key1", "7"), false),
        Case("another key", "\(numeric) {key: key1, min_value: 50}", with("key", 60), false),
        Case("yes", "\(boolean) {key: key4, value: true}", with("key4", true), true),
        Case("not yes", "\(boolean) {key: key4, value: true}", with("key4", false), false),
        Case("no", "\(boolean) {key: key4, value: false}", with("key4", false), true),
        Case("a text is not no", "\(boolean) {key: key4, value: false}", with("key4", "x"), false),
        Case("one of two", "\(string) {key: key2, values: [value1, value2]}", with("key2", "value2"), true),
        Case("none of two", "\(string) {key: key2, values: [value1, value2]}", with("key2", "value"), false),
        Case("of a resource", "\(string) {key: key2, values: [v]}", [Span()], resource: ["key2": "v"], true),
        Case(
            "an expression",
            "\(string) {key: key2, values: ['v[0-9]+.HEALTHCHECK$'], enabled_regex_matching: true}",
            with("key2", "v1.HEALTHCHECK"), true),
        Case(
            "an expression need not match all",
            "\(string) {key: key2, values: ['al'], enabled_regex_matching: true}",
            with("key2", "value"), true),
        Case(
            "no expression", "\(string) {key: key2, values: ['^x', 'y$'], enabled_regex_matching: true}",
            with("key2", "value"), false),
        Case(
            "an empty text of a span", "\(string) {key: key2, values: ['.*'], enabled_regex_matching: true}",
            with("key2", ""), false),
        Case(
            "an empty text of a resource",
            "\(string) {key: key2, values: ['.*'], enabled_regex_matching: true}",
            [Span()], resource: ["key2": ""], true),
        Case(
            "inverted, found", "\(string) {key: key2, values: [v], invert_match: true}", with("key2", "v"),
            false),
        Case(
            "inverted, not found", "\(string) {key: key2, values: [v], invert_match: true}",
            with("key2", "x"), true),
        Case("inverted, no key", "\(numeric) {key: key1, min_value: 1, invert_match: true}", [Span()], true),
        Case("inverted yes", "\(boolean) {key: k, value: true, invert_match: true}", with("k", true), false),
    ]

    private static let ottl = "type: ottl_condition, ottl_condition:"
    private static let events: [Span] = [Span(name: "a", events: [("happened", ["k": "v"])])]

    static let conditions: [Case] = [
        Case("a span", #"\#(ottl) {span: ['attributes["k"] == "v"']}"#, with("k", "v"), true),
        Case("another span", #"\#(ottl) {span: ['attributes["k"] == "v"']}"#, with("k", "w"), false),
        Case(
            "one of two conditions", #"\#(ottl) {span: ['name == "x"', 'attributes["k"] == "v"']}"#,
            with("k", "v"),
            true),
        Case("with a prefix", #"\#(ottl) {span: ['span.attributes["k"] != nil']}"#, with("k", "v"), true),
        Case(
            "a resource", #"\#(ottl) {span: ['resource.attributes["k"] == 1']}"#, [Span()],
            resource: ["k": 1], true),
        Case("a root", #"\#(ottl) {span: ['IsRootSpan()']}"#, [Span(), Span(isRoot: true)], true),
        Case("no root", #"\#(ottl) {span: ['IsRootSpan()']}"#, [Span()], false),
        Case("an event", #"\#(ottl) {spanevent: ['name == "happened"']}"#, events, true),
        Case("another event", #"\#(ottl) {spanevent: ['attributes["k"] == "w"']}"#, events, false),
        Case(
            "a span or an event", #"\#(ottl) {span: ['name == "b"'], spanevent: ['attributes["k"] == "v"']}"#,
            events, true),
        Case("no event", #"\#(ottl) {spanevent: ['name != "x"']}"#, [Span()], false),
        Case(
            "a failure that is passed over",
            #"\#(ottl) {error_mode: ignore, span: ['attributes["k"] + 1 == 2', 'name == "span"']}"#,
            with("k", "v"), true),
        Case(
            "a failure that ends it", #"\#(ottl) {span: ['attributes["k"] + 1 == 2', 'name == "span"']}"#,
            [Span(attributes: ["k": "v"])], false),
    ]

    private static let errors = "{name: e, type: status_code, status_code: {status_codes: [ERROR]}}"
    private static let key = "{name: k, type: string_attribute, string_attribute: {key: k, values: [v]}}"

    static let combined: [Case] = [
        Case(
            "and, both", "type: and, and: {and_sub_policy: [\(errors), \(key)]}",
            [Span(status: 2, attributes: ["k": "v"])], true),
        Case(
            "and, in different spans", "type: and, and: {and_sub_policy: [\(errors), \(key)]}",
            [Span(status: 2), Span(attributes: ["k": "v"])], true),
        Case("and, one", "type: and, and: {and_sub_policy: [\(errors), \(key)]}", [Span(status: 2)], false),
        Case(
            "and, inverted",
            "type: and, and: {and_sub_policy: [\(errors), {name: i, type: string_attribute, "
                + "string_attribute: {key: k, values: [v], invert_match: true}}]}",
            [Span(status: 2, attributes: ["k": "v"])], false),
        Case("not", "type: not, not: {not_sub_policy: \(errors)}", [Span()], true),
        Case("not, matched", "type: not, not: {not_sub_policy: \(errors)}", [Span(status: 2)], false),
        Case("drop samples nothing", "type: drop, drop: {drop_sub_policy: [\(errors)]}", [Span()], false),
        Case(
            "composite, the first part",
            "type: composite, composite: {max_total_spans_per_second: 10, "
                + "composite_sub_policy: [\(errors), \(key)]}",
            [Span(status: 2)], true),
        Case(
            "composite, no part",
            "type: composite, composite: {max_total_spans_per_second: 10, "
                + "composite_sub_policy: [\(errors), \(key)]}",
            [Span()], false),
        Case(
            "composite, more than it may have",
            "type: composite, composite: {max_total_spans_per_second: 1, composite_sub_policy: [\(errors)]}",
            [Span(status: 2), Span()], false),
        Case(
            "composite with and",
            "type: composite, composite: {max_total_spans_per_second: 10, composite_sub_policy: "
                + "[{name: a, type: and, and: {and_sub_policy: [\(errors), \(key)]}}]}",
            [Span(status: 2, attributes: ["k": "v"])], true),
    ]

    @Test(arguments: plain + attributes + conditions + combined)
    func `a policy samples the traces that its documentation says`(example: Case) throws {
        var step = try StepHarness(policies: [example.policy])
        #expect(try step.samples(.spans(example.spans, resource: example.resource)) == example.isSampled)
        // The same when each span comes in a request of its own.
        var other = try StepHarness(policies: [example.policy])
        var passed = 0
        for span in example.spans {
            passed += try other.send(.spans([span], resource: example.resource)).count
        }
        let sampled = other.drain()
        #expect(passed == 0)
        #expect(sampled.spans.count == (example.isSampled ? example.spans.count : 0))
    }

    @Test func `a percentage of the traces is sampled, the same ones with the same salt`() throws {
        func sampled(_ settings: String) throws -> [Int] {
            var step = try StepHarness(policies: [
                "{name: p, type: probabilistic, probabilistic: {\(settings)}}"
            ])
            _ = try step.send(.spans((0..<250).map { Span(trace: $0) }))
            return step.drain().traceNumbers.sorted()
        }
        let some = try sampled("sampling_percentage: 40")
        #expect((75...125).contains(some.count))
        #expect(try sampled("sampling_percentage: 40") == some)
        #expect(try sampled("sampling_percentage: 40, hash_salt: default-hash-seed") == some)
        #expect(try sampled("sampling_percentage: 40, hash_salt: other") != some)
        #expect(Set(try sampled("sampling_percentage: 10")).isSubset(of: some))
    }

    @Test func `spans are limited by a bucket that fills up again`() throws {
        var step = try StepHarness(
            "decision_wait: 1s",
            policies: [
                "{name: r, type: rate_limiting, rate_limiting: {spans_per_second: 3, burst_capacity: 3}}"
            ])
        // A larger trace never fits, and takes nothing from the others.
        _ = try step.send(.spans([1, 1, 1, 1].map { Span(trace: $0) }))
        _ = try step.send(.spans([2, 2, 2].map { Span(trace: $0) }))
        _ = try step.send(.spans([Span(trace: 3)]))
        #expect(step.advance(by: .seconds(1)).traceNumbers == [2, 2, 2])
        _ = try step.send(.spans([4, 4, 5, 5].map { Span(trace: $0) }))
        #expect(step.advance(by: .seconds(1)).traceNumbers == [4, 4])
        #expect(step.removedByRule == ["not sampled": 7])
    }

    @Test func `the burst is twice the rate unless it is written`() throws {
        var step = try StepHarness(policies: [
            "{name: r, type: rate_limiting, rate_limiting: {spans_per_second: 2}}"
        ])
        #expect(try step.samples(.spans([Span(), Span(), Span(), Span()])))
        #expect(try !step.samples(.span(2)))
    }

    @Test func `bytes are limited by what a trace takes on the wire`() throws {
        let batch = Batch.span(1)
        func samples(_ bytes: Int) throws -> Bool {
            var step = try StepHarness(
                policies: [
                    "{name: b, type: bytes_limiting, "
                        + "bytes_limiting: {bytes_per_second: 1, burst_capacity: \(bytes)}}"
                ])
            return try step.samples(batch)
        }
        #expect(try samples(batch.byteCount))
        #expect(try !samples(batch.byteCount - 1))
    }

    @Test func `parts of a composite policy keep to their rates and to that of all`() throws {
        let composite = """
            {name: c, type: composite, composite: {max_total_spans_per_second: 8, \
            policy_order: [first, second, rest], \
            composite_sub_policy: [{name: rest, type: always_sample}, \
            {name: second, type: string_attribute, string_attribute: {key: k, values: [b]}}, \
            {name: first, type: string_attribute, string_attribute: {key: k, values: [a]}}], \
            rate_allocation: [{policy: first, percent: 50}, {policy: second, percent: 25}]}}
            """
        var step = try StepHarness("record_policy: true", policies: [composite])
        func spans(_ traces: ClosedRange<Int>, _ value: String) -> [Span] {
            traces.map { Span(trace: $0, attributes: ["k": .string(value)]) }
        }
        _ = try step.send(.spans(spans(1...6, "a") + spans(11...16, "b") + spans(21...26, "c")))
        let sampled = step.drain()
        var parts: [String: Int] = [:]
        for scope in sampled.flatMap({ $0.resourceSpans }).flatMap({ $0.scopes }) {
            let attributes = scope.scope.attributes.dictionary
            #expect(attributes["tailsampling.policy"] == .string("c"))
            guard let part = scope.scope.attributes["tailsampling.composite_policy"]?.string else { continue }
            parts[part, default: 0] += scope.records.count
        }
        #expect(parts == ["first": 4, "second": 2, "rest": 2])
        #expect(step.removedByRule == ["not sampled": 10])
    }

    @Test(arguments: [1, 7, 33, 99, 100])
    func `the largest rate there is can be divided`(percent: Int) throws {
        var step = try StepHarness(policies: [
            "{name: c, type: composite, composite: {max_total_spans_per_second: 9223372036854775807, "
                + "composite_sub_policy: [{name: a, type: always_sample}], "
                + "rate_allocation: [{policy: a, percent: \(percent)}]}}"
        ])
        #expect(try step.samples(.spans([Span(), Span()])))
    }

    @Test func `a percentage of a rate is exact`() throws {
        var composite = TailSampling.Composite()
        composite.maxTotalSpansPerSecond = 12_345
        var part = TailSampling.CompositePart()
        part.simple.name = "a"
        for percent in 1...100 {
            var allocation = TailSampling.RateAllocation()
            (allocation.policy, allocation.percent) = ("a", Int64(percent))
            composite.rateAllocation = [allocation]
            #expect(composite.limit(of: part) == 12_345 * percent / 100)
        }
    }

    @Test func `one of many values is found, and others are not`() throws {
        let values = (0..<5000).map { "value-\($0)" }.joined(separator: ", ")
        let policy = "{name: p, type: string_attribute, string_attribute: {key: k, values: [\(values)]}}"
        var step = try StepHarness(policies: [policy])
        for (trace, value) in ["value-0", "value-4999", "value-5000", "value-00", "value", ""].enumerated() {
            _ = try step.send(.spans([Span(trace: trace, attributes: ["k": .string(value)])]))
        }
        #expect(step.drain().traceNumbers.sorted() == [0, 1])
    }
}
