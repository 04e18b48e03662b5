import Prometheus
import Testing

@Suite struct RelabelRuleTests {
    private static func rule(
        _ action: RelabelAction, source: [String] = [], regex: String = "(.*)", target: String = "",
        replacement: String = "$1", modulus: UInt64 = 0, separator: String = ";"
    ) throws -> RelabelRule {
        var definition = RelabelRule.Definition()
        definition.action = action
        definition.sourceLabels = source
        definition.regex = regex
        definition.targetLabel = target
        definition.replacement = replacement
        definition.modulus = modulus
        definition.separator = separator
        return try RelabelRule(definition)
    }

    private static let sample: LabelSet = ["a": "foo", "b": "bar", "c": "baz"]

    /// The labels after a rule; `nil` when it drops them.
    private static func result(_ rule: RelabelRule, _ labels: LabelSet = sample) -> LabelSet? {
        var labels = labels
        return rule.apply(to: &labels) ? labels : nil
    }

    @Test func `replace expands groups of the whole match`() throws {
        let rule = try Self.rule(
            .replace, source: ["a", "b"], regex: "f(.*);(.*)r", target: "d", replacement: "ch${1}-ch${2}")
        #expect(Self.result(rule)?["d"] == "choo-chba")
    }

    @Test func `expressions are anchored at both ends, and a point matches a line end`() throws {
        let partial = try Self.rule(.replace, source: ["a"], regex: "o", target: "d", replacement: "x")
        #expect(Self.result(partial) == Self.sample)
        let alternatives = try Self.rule(.keep, source: ["a"], regex: "x|fo")
        #expect(Self.result(alternatives) == nil)
        let lines = try Self.rule(.keep, source: ["a"], regex: "1.2")
        #expect(Self.result(lines, ["a": "1\n2"]) != nil)
    }

    @Test func `a replacement that is empty removes the label`() throws {
        let rule = try Self.rule(.replace, source: ["a"], regex: "foo", target: "b", replacement: "")
        #expect(Self.result(rule) == ["a": "foo", "c": "baz"])
    }

    @Test func `the target of replace is a template`() throws {
        let rule = try Self.rule(
            .replace, source: ["a"], regex: "(f)oo", target: "${1}_new", replacement: "$1")
        #expect(Self.result(rule)?["f_new"] == "f")
    }

    @Test func `keep and drop look at labels that are missing as empty`() throws {
        #expect(Self.result(try Self.rule(.keep, source: ["a"], regex: "f.*")) != nil)
        #expect(Self.result(try Self.rule(.keep, source: ["x"], regex: "f.*")) == nil)
        #expect(Self.result(try Self.rule(.drop, source: ["a"], regex: "f.*")) == nil)
        #expect(Self.result(try Self.rule(.drop, source: ["x"], regex: "")) == nil)
    }

    @Test func `keepequal and dropequal compare with the target label`() throws {
        let labels: LabelSet = ["a": "1", "b": "1", "c": "2"]
        #expect(Self.result(try Self.rule(.keepEqual, source: ["a"], target: "b"), labels) != nil)
        #expect(Self.result(try Self.rule(.keepEqual, source: ["a"], target: "c"), labels) == nil)
        #expect(Self.result(try Self.rule(.dropEqual, source: ["a"], target: "b"), labels) == nil)
        #expect(Self.result(try Self.rule(.dropEqual, source: ["a"], target: "c"), labels) != nil)
    }

    @Test func `hashmod is the one of Prometheus`() throws {
        let rule = try Self.rule(.hashMod, source: ["c"], target: "d", modulus: 1000)
        #expect(Self.result(rule)?["d"] == "976")
        let whole = try Self.rule(.hashMod, source: ["a"], target: "d", modulus: 1000)
        #expect(Self.result(whole, ["a": "foo\nbar"])?["d"] == "734")
    }

    @Test func `labelmap, labeldrop and labelkeep look at names`() throws {
        let map = try Self.rule(.labelMap, regex: "__meta_(.+)", replacement: "k8s_$1")
        #expect(Self.result(map, ["__meta_pod": "p"]) == ["__meta_pod": "p", "k8s_pod": "p"])
        #expect(Self.result(try Self.rule(.labelDrop, regex: "a|b")) == ["c": "baz"])
        #expect(Self.result(try Self.rule(.labelKeep, regex: "a|b")) == ["a": "foo", "b": "bar"])
    }

    @Test func `case changes`() throws {
        let labels: LabelSet = ["foo": "bAr123Foo"]
        let lower = try Self.rule(.lowercase, source: ["foo"], target: "x")
        #expect(Self.result(lower, labels)?["x"] == "bar123foo")
        let upper = try Self.rule(.uppercase, source: ["foo"], target: "x")
        #expect(Self.result(upper, labels)?["x"] == "BAR123FOO")
    }

    @Test func `rules are applied one after another, up to the one that drops`() throws {
        let rules = [
            try Self.rule(.replace, source: ["a"], target: "n", replacement: "v"),
            try Self.rule(.drop, source: ["n"], regex: "v"),
            try Self.rule(.replace, target: "late", replacement: "x"),
        ]
        var labels = Self.sample
        #expect(!rules.apply(to: &labels))
        #expect(labels["late"].isEmpty)
    }

    @Test func `what cannot go together is named with its key`() {
        var definition = RelabelRule.Definition()
        #expect(definition.mistakes.map(\.key) == ["target_label"])
        definition.action = .hashMod
        definition.targetLabel = "x"
        #expect(definition.mistakes.map(\.key) == ["modulus"])
        definition.action = .labelDrop
        definition.sourceLabels = ["a"]
        #expect(definition.mistakes.map(\.key) == ["source_labels", "target_label"])
    }

    @Test func `labels are sorted, and empty ones are not there`() {
        var labels: LabelSet = ["b": "2", "a": "1", "c": ""]
        #expect(labels.labels.map(\.name) == ["a", "b"])
        labels["a"] = ""
        #expect(labels == ["b": "2"])
        #expect(labels.description == "{b=\"2\"}")
    }
}
