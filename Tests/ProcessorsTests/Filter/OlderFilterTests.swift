import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Processors

/// The examples of the sections include and exclude in the documentation.
enum OlderFilterCases {
    static let all: [FilterTests.Case] = [
        .init(
            "metrics by expressions, and others by name", .metrics,
            """
            metrics:
              include: {match_type: regexp, metric_names: ['my.*', 'hello.*']}
              exclude: {match_type: strict, metric_names: [hello_world, hello/world]}
            """, "my.metric2 | my.metric1"),
        .init(
            "a resource that stays", .metrics,
            """
            metrics:
              include:
                match_type: strict
                metric_names: [my.metric]
                resource_attributes: [{key: container.name, value: app_container_1}]
            """, "my.metric2"),
        .init(
            "a resource that goes", .metrics,
            """
            metrics:
              exclude:
                match_type: strict
                metric_names: [hello_world]
                resource_attributes: [{key: container.name, value: app_container_1}]
            """, "my.metric1"),
        .init(
            "resources by an expression alone", .metrics,
            """
            metrics:
              exclude:
                match_type: regexp
                resource_attributes: [{key: container.name, value: (app_container_1|app_container_2)}]
            """, "my.metric1,hello_world1"),
        .init(
            "a host", .logs,
            """
            logs: {include: {match_type: strict, resource_attributes: [{key: host.name,
              value: just_this_one}]}}
            """, "my password is x,IMPORTANT RECORD 1"),
        .init(
            "hosts", .logs,
            "logs: {include: {match_type: regexp, resource_attributes: [{key: host.name, value: prefix.*}]}}",
            "low,7"),
        .init(
            "attributes of records", .logs,
            """
            logs:
              include: {match_type: regexp, record_attributes: [{key: record_attr, value: prefix_.*}]}
            """,
            "IMPORTANT RECORD 1"),
        .init(
            "severity texts", .logs,
            """
            logs: {include: {match_type: regexp, severity_texts: ['INFO[2-4]?', 'WARN[2-4]?', 'ERROR[2-4]?']}}
            """, "my password is x,IMPORTANT RECORD 1"),
        .init(
            "a lowest severity, and those without", .logs,
            "logs: {include: {severity_number: {min: INFO, match_undefined: true}}}",
            "my password is x,IMPORTANT RECORD 1 | 7"),
        .init(
            "a lowest severity", .logs, "logs: {include: {severity_number: {min: '9'}}}",
            "my password is x,IMPORTANT RECORD 1"),
        .init(
            "bodies", .logs, "logs: {include: {match_type: regexp, bodies: [^IMPORTANT RECORD]}}",
            "IMPORTANT RECORD 1"),
        .init(
            "empty sections keep all", .logs, "logs: {include: {}, exclude: {match_type: strict}}",
            FilterTests.allLogs),
        .init(
            "spans", .traces,
            """
            spans:
              include: {match_type: regexp, libraries: [{name: '.*'}]}
              exclude:
                match_type: regexp
                services: [app_1, app_2]
            """, "a,app_3[e1],b[x.grpc.y plain]"),
        .init(
            "spans by all of several things", .traces,
            """
            spans:
              exclude:
                match_type: regexp
                span_names: [a, c]
                attributes: [{key: container.name, value: (app_container_1|app_container_2)}]
                libraries: [{name: lib, version: '1'}]
                resources: [{key: host.name, value: (localhost|127.0.0.1)}]
            """, "app_3[e1],b[x.grpc.y plain] | c"),
    ]
}

@Suite struct FilterMistakeTests {
    @Test(arguments: [
        (
            "trace_conditions:\n  - span.nam == \"a\"",
            "2:10 trace_conditions.0: column 6 of 'span.nam == \"a\"': a span has no field 'nam'"
        ),
        (
            "trace_conditions:\n  - span.name == \"a\"\n  - IsMatc(span.name, \"x\")",
            "3:5 trace_conditions.1: column 1 of 'IsMatc(span.name, \"x\")': there is no converter 'IsMatc'"
        ),
        (
            "trace_conditions: ['name == \"a\"']",
            "1:20 trace_conditions.0: column 1 of 'name == \"a\"': 'name' does not say what it belongs to; "
                + "without a context that has to be said"
        ),
        (
            "log_conditions: ['span.name == \"a\"']",
            "1:18 log_conditions.0: column 1 of 'span.name == \"a\"': it is about a span, which logs do not "
                + "have"
        ),
        (
            "log_conditions: [{context: span, conditions: ['name == \"a\"']}]",
            "1:28 log_conditions.0.context: is no context of logs; they have log, scope, resource"
        ),
        (
            "log_conditions: [{context: log, conditions: ['body == ']}]",
            "1:46 log_conditions.0.conditions.0: column 9 of 'body == ': "
        ),
        (
            "metric_conditions: ['IsMatch(metric.name, \"[\")']",
            "1:21 metric_conditions.0: column 22 of 'IsMatch(metric.name, \"[\")': "
        ),
        (
            "metric_conditions: ['HasAttrOnDatapoint(\"a\")']",
            "1:21 metric_conditions.0: column 1 of 'HasAttrOnDatapoint(\"a\")': 'HasAttrOnDatapoint' needs "
                + "'value'"
        ),
        ("traces: {span: ['nam == \"a\"']}", "1:17 traces.span.0: column 1 of 'nam == \"a\"': "),
        ("trace_conditions: [a == 1, {conditions: []}]", "1:28 trace_conditions: is a group among texts; "),
        ("trace_conditions: span", "1:19 trace_conditions: must be a list, not 'span'"),
        ("profile_conditions: [a]", "1:1 profile_conditions: is not supported: profiles refer to"),
        ("profiles: {resource: [a]}", "1:1 profiles: is not supported: profiles refer to"),
        (
            "metrics: {include: {match_type: strict, expressions: [a]}}",
            "1:41 metrics.include.expressions: is not supported: expr is another language; write"
        ),
        (
            "metrics: {include: {match_type: expr}}",
            "1:33 metrics.include.match_type: must be one of strict, regexp, not 'expr'"
        ),
        (
            "metrics: {include: {match_type: regexp, metric_names: ['[']}}",
            "1:56 metrics.include.metric_names.0: is not a regular expression of RE2"
        ),
        (
            "logs: {include: {match_type: regexp, record_attributes: [{key: a, value: '['}]}}",
            "1:74 logs.include.record_attributes.0.value: is not a regular expression of RE2"
        ),
        (
            "logs: {include: {severity_number: {min: LOUD}}}",
            "1:41 logs.include.severity_number.min: is no severity: use 1 to 24 or a name such as"
        ),
        (
            "{trace_conditions: ['span.kind == 1'], traces: {span: ['kind == 1']}}",
            "1:48 traces: cannot be used together with trace_conditions"
        ),
        (
            "{traces: {span: ['kind == 1']}, spans: {include: {match_type: strict, services: [a]}}}",
            "1:40 spans: cannot be used together with traces"
        ),
        (
            "metrics: {metric: ['name == \"a\"'], include: {match_type: strict, metric_names: [a]}}",
            "1:10 metrics: cannot be used together with its include and exclude"
        ),
        (
            "spans: {include: {match_type: strict, log_bodies: [a]}}",
            "1:51 spans.include.log_bodies: cannot be used in a pipeline for traces"
        ),
        ("error_mode: loud", "1:13 error_mode: must be one of ignore, silent, propagate, not 'loud'"),
    ])
    func `mistakes are named with their place`(_ yaml: String, _ mistake: String) {
        let mistakes = FilterProcessor.Configuration.mistakes(yaml)
        #expect(mistakes.count == 1 && mistakes.first?.hasPrefix(mistake) == true, "\(mistakes)")
    }

    @Test func `all mistakes are found at once`() {
        let mistakes = FilterProcessor.Configuration.mistakes(
            "trace_conditions: ['span.x == 1', 'span.y == 1']\nlog_conditions: ['log.z == 1']")
        #expect(mistakes.count == 3)
    }

    @Test func `what is printed can be read again`() throws {
        let yaml = """
            trace_conditions: ['span.name == "a"']
            metric_conditions: [{context: metric, conditions: ['name == "a"']}]
            logs: {log_record: ['body == "x"']}
            """
        let tree = try FilterProcessor.Configuration.decode(yaml: yaml).tree(.revealed)
        let text = try #require(tree).json()
        let again = try FilterProcessor.Configuration.decode(yaml: text)
        #expect(again.tree(.revealed) == tree)
        #expect(again.traceConditions.rules.count == 1 && again.metricConditions.rules.count == 1)
    }
}
