import Settings
import Testing

@testable import CommandLine

@Suite struct FleetTextTests {
    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1240, "-1,240")])
    func `numbers are grouped`(number: Int, text: String) { #expect(FleetText.grouped(number) == text) }

    @Test func `one is one, and many are many`() {
        #expect(
            [0, 1, 1200].map { FleetText.count($0, "agent") } == ["0 agents", "1 agent", "1,200 agents"])
    }

    @Test(
        arguments: [
            ("a=b", "a", "b"), ("a=", "a", ""), ("a=b=c", "a", "b=c"),
        ] as [(String, String, String)])
    func `a pair is split at its first sign`(text: String, key: String, value: String) throws {
        let pair = try #require(FleetText.pair(text))
        #expect(pair == (key, value))
    }

    @Test(arguments: ["", "a", "=b"])
    func `what has no key or no sign is no pair`(text: String) { #expect(FleetText.pair(text) == nil) }

    @Test func `facts that are not there are left out, and the rest stands in columns`() throws {
        let tree = try Tree.yaml("{a: 1, long: \"x\\ty\", empty: ''}")
        let facts = FleetText.facts(
            tree, [("a", "a"), ("a long one", "long"), ("empty", "empty"), ("missing", "missing")])
        #expect(facts == ["a:          1", "a long one: x y"])
    }

    @Test func `labels and counts are lists`() throws {
        #expect(FleetText.labels(try .yaml("{env: prod, size: 3}")) == "env=prod, size=3")
        #expect(FleetText.labels(nil) == "")
        #expect(
            FleetText.counts(try .yaml("{rolled_back: 1200, lost: 0, healthy: 3}"))
                == "1,200 rolled back, 3 healthy")
    }

    @Test func `only a file with a name, or one of several, has a heading`() throws {
        #expect(
            FleetText.files(try .yaml(#"{files: [{name: "", body: "a: 1\n\tb\e[0m\n"}]}"#)) == [
                "a: 1", "\tb [0m",
            ])
        #expect(
            FleetText.files(try .yaml("{files: [{name: a, body: x}, {name: b, body: y}]}"))
                == ["# a", "x", "# b", "y"])
    }

    @Test func `two configurations differ in their text, or else in values, or not at all`() throws {
        #expect(FleetText.difference(try .yaml(#"{text: "-a\n+b\n", differences: []}"#)) == ["-a", "+b"])
        let values = try Tree.yaml("{text: '', differences: [{pointer: /a/b~1c, before: 1, after: [2]}]}")
        #expect(FleetText.difference(values) == ["~ a::b/c: 1 → [2]"])
        #expect(FleetText.difference(.empty) == ["no differences"])
    }

    @Test func `a table has numbers at the right and nothing behind the last word`() throws {
        let rows = [
            try Tree.yaml("{name: a, count: 5}"), try Tree.yaml("{name: long name, count: 1200, last: x}"),
        ]
        let lines = FleetText.table(
            rows, [FleetColumn("NAME", "name"), .number("COUNT", "count"), FleetColumn("LAST", "last")])
        #expect(lines == ["NAME       COUNT  LAST", "a              5", "long name   1200  x"])
    }
}

@Suite struct AgentTextTests {
    @Test(arguments: [
        ("{connected: true, healthy: true}", "connected"), ("{connected: true, healthy: false}", "unhealthy"),
        ("{connected: true}", "connected"),
        ("{connected: false, last_seen: '2026-05-05T11:50:36Z'}", "gone since 2026-05-05 11:50"),
        ("{}", "gone"),
    ])
    func `an agent is there, ill or gone`(yaml: String, state: String) throws {
        #expect(AgentText.state(try .yaml(yaml)) == state)
    }

    @Test func `the tree of health is told to a depth, with reasons`() throws {
        let agent = try Tree.yaml(
            """
            uid: a1
            connected: true
            drift: in_sync
            rates: {accepted: 1200.0, delivered: 0.5}
            health: {healthy: false, status: StatusRecoverableError, error: slow, components: {
              "exporter:otlp": {healthy: true}, "pipeline:\\e[1m": {healthy: false, error: full}}}
            """)
        let lines = AgentText.lines(agent)
        #expect(lines.contains("state: connected, in sync"))
        #expect(lines.contains("items: accepted 1.2k/s, delivered 0.5/s"))
        #expect(
            lines.suffix(4) == [
                "HEALTH", "agent: recoverable error (slow)", "  exporter:otlp: ok",
                "  pipeline: [1m: not healthy (full)",
            ])
    }
}

@Suite struct WebhookTextTests {
    @Test(arguments: [
        ("{name: ops, url: 'https://h'}", "webhook ops: a test goes to https://h"),
        (
            "{name: ops, delivery: {outcome: delivered, status: 204}}",
            "webhook ops: a test has arrived; the answer has the status 204"
        ),
        (
            "{name: ops, delivery: {outcome: failed, status: 500, error: the answer had the status 500}}",
            "webhook ops: a test has not arrived: the answer had the status 500"
        ),
    ])
    func `what became of a test is a line`(yaml: String, line: String) throws {
        #expect(WebhooksCommand.Test.line(try .yaml(yaml)) == line)
    }
}
