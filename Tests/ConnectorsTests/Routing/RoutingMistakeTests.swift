import Connectors
import Pipeline
import Settings
import Telemetry
import Testing

@Suite struct RoutingMistakeTests {
    @Test(arguments: [
        ("{}", "missing required key 'table'"),
        ("table: []", "1:8 table: must not be empty"),
        ("table: [{condition: 'true'}]", "1:9 table.0: missing required key 'pipelines'"),
        ("table: [{condition: 'true', pipelines: []}]", "table.0.pipelines: must not be empty"),
        ("table: [{pipelines: [logs]}]", "1:9 table.0: needs a condition or a statement"),
        (
            "table: [{condition: 'true', statement: 'route()', pipelines: [logs]}]",
            "table.0.statement: stands beside a condition"
        ),
        ("table: [{condition: 'true', pipelines: [log/x]}]", "1:41 table.0.pipelines.0: must be a pipeline"),
        ("table: [{condition: 'true', pipelines: [log]}]", "(logs?)"),
        (
            "table: [{condition: 'true', pipelines: [logs/x, traces/y]}]",
            "1:49 table.0.pipelines.1: other pipelines here are for logs"
        ),
        (
            "default_pipelines: [metrics]\ntable: [{condition: 'true', pipelines: [logs/x]}]",
            "1:21 default_pipelines.0: other pipelines here are for logs"
        ),
        ("table: [{condition: 'true', pipelines: [profiles]}]", "table: profiles cannot be routed"),
        (
            "table: [{context: span, condition: 'true', pipelines: [logs]}]",
            "1:19 table.0.context: logs cannot be routed by span; use resource, log, request"
        ),
        (
            "table: [{condition: span.name == \"x\", pipelines: [metrics]}]",
            "table.0.condition: metrics cannot be routed by span; use resource, metric, datapoint, request"
        ),
        ("table: [{context: scope, condition: 'true', pipelines: [logs]}]", "must be one of resource, span"),
        (
            "table:\n- condition: attribute[\"x\"] == \"y\"\n  pipelines: [logs]",
            "2:14 table.0.condition: column 1 of 'attribute[\"x\"] == \"y\"': a resource has no "
                + "field 'attribute' (attributes?)"
        ),
        (
            "table:\n- context: log\n  condition: severity_number < Cheap()\n  pipelines: [logs]",
            "3:32 table.0.condition: column 19"
        ),
        (
            "table:\n- statement: set(attributes[\"x\"], 1)\n  pipelines: [logs]",
            "2:14 table.0.statement: column 1"
        ),
        (
            "table: [{context: request, statement: 'route()', pipelines: [logs]}]",
            "table.0.context: request needs a condition, not a statement"
        ),
        (
            "table:\n- context: request\n  condition: request[\"a\"] < \"b\"\n  pipelines: [logs]",
            "3:27 table.0.condition: column 14 of 'request[\"a\"] < \"b\"': expected == or !="
        ),
        (
            "table:\n- context: request\n  condition: request[\"a\"] == \"b\" or true\n  pipelines: [logs]",
            "only one comparison is possible"
        ),
        ("table: [{context: request, condition: 'headers[\"a\"]', pipelines: [logs]}]", "expected 'request'"),
        ("match_once: true\ntable: [{condition: 'true', pipelines: [logs]}]", "match_once: is not supported"),
    ])
    func `a mistake is an error at its place`(yaml: String, message: String) {
        let found = RoutingConnector.Configuration.mistakes(yaml)
        #expect(found.contains { $0.contains(message) }, "found \(found)")
    }

    @Test func `a route that repeats another one is a warning`() throws {
        let yaml = """
            table:
            - {condition: 'attributes["a"] == "b"', pipelines: [logs/x]}
            - {condition: 'attributes["a"] == "b"', pipelines: [logs/y]}
            """
        let tree = try Tree(yaml: yaml, source: ConfigurationSource(.file, "x.yaml"))
        let decoded = RoutingConnector.Configuration.decode(tree)
        #expect(decoded.value != nil)
        #expect(decoded.diagnostics.map { $0.severity } == [.warning])
        #expect(decoded.diagnostics.first?.position?.line == 3)
    }

    @Test func `pipelines that do not exist or are not fed are errors`() throws {
        let configuration = try RoutingConnector.Configuration.decode(
            yaml: """
                default_pipelines: [logs/others]
                table:
                - {condition: 'true', pipelines: [logs/x, logs/in]}
                """)
        let ids = ["logs/in", "logs/x", "logs/other"].compactMap { PipelineID(parsing: $0) }
        let place = ConnectorPlace(
            sources: [ids[0], PipelineID(signal: .traces)], targets: Array(ids.dropFirst()), pipelines: ids)
        let problems = RoutingConnector.problems(of: configuration, at: place)
        #expect(
            problems.map { "\($0.field): \($0.message)" } == [
                "default_pipelines.0: there is no pipeline 'logs/others'",
                "table.0.pipelines.1: the pipeline 'logs/in' does not have this connector among its "
                    + "receivers",
                "table: routes logs, and the pipeline 'traces' brings traces; use a routing connector for "
                    + "each signal",
            ])
        #expect(problems.first?.suggestion == "logs/other")
    }
}
