import Settings
import Testing

@testable import CommandLine

@Suite struct TelemetryTextTests {
    @Test(
        arguments: [
            (
                """
                {resourceLogs: [{resource: {attributes: [{key: service.name, value: {stringValue: web}}]},
                  scopeLogs: [
                  {logRecords: [{timeUnixNano: "1500000000", severityText: WARN, body: {stringValue: "a\\nb"},
                    attributes: [{key: n, value: {intValue: "3"}}]}]}]}]}
                """, ["web: 00:00:01.500 WARN a b n=3"]
            ),
            (
                """
                {resourceSpans: [{scopeSpans: [{spans: [{name: GET, startTimeUnixNano: "1000000000",
                  endTimeUnixNano: "1250000000", status: {code: 2}}]}]}]}
                """, ["00:00:01.000 GET 250ms error"]
            ),
            (
                """
                {resourceMetrics: [{scopeMetrics: [{metrics: [{name: size, unit: By, gauge: {dataPoints: [
                  {asInt: "5"}, {timeUnixNano: "1000000000", asDouble: 0.5}]}},
                  {name: took, histogram: {dataPoints: [{count: "2", sum: 3.5}]}}, {name: empty}]}]}]}
                """, ["- size 5 By", "00:00:01.000 size 0.5 By", "- took count 2 sum 3.5"]
            ),
            ("{}", []),
        ] as [(String, [String])])
    func `each item is a line`(yaml: String, lines: [String]) throws {
        #expect(TelemetryText.lines(try .yaml(yaml)) == lines)
    }
}

@Suite struct PlanTextTests {
    @Test func `a plan says what changes, and which values`() throws {
        let plan = try Tree.yaml(
            """
            empty: false
            components:
              - {action: replace, kind: exporter, id: otlp, cost: a new connection}
            pipelines: [{id: logs, action: rebuild}]
            after_restart: [service::telemetry]
            differences:
              - {pointer: /exporters/otlp/endpoint, before: "a:1", after: "b:1"}
              - {pointer: /exporters/debug, after: null}
              - {pointer: /receivers/otlp, before: {a: 1}}
              - {pointer: /secret}
            """)
        #expect(
            PlanText.lines(plan) == [
                "ACTION   COMPONENT      PIPELINE  COST",
                "replace  exporter otlp            a new connection", "",
                "pipelines: logs (rebuild)", "", "only after the next start: service::telemetry", "",
                "~ exporters::otlp::endpoint: a:1 → b:1", "+ exporters::debug: null",
                #"- receivers::otlp: {"a":1}"#, "~ secret",
            ])
    }

    @Test func `a change that was made says how it goes on`() throws {
        let change = try Tree.yaml(
            """
            {revision: {number: 4, id: 3f2a}, swapped: 1.5ms, confirm_within: 2m0s, plan: {components: [
              {action: keep}, {action: keep}, {action: replace}, {action: add}, {action: remove},
              {action: adopt}]}}
            """)
        #expect(
            PlanText.applied(change) == [
                "revision 4 (3f2a) runs; swapped in 1ms",
                "components: 2 kept, 1 adopted, 1 replaced, 1 added, 1 removed",
                "It goes back in 2m unless it is confirmed: apus config confirm",
            ])
    }
}
