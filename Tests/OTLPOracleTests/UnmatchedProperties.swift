import OTLPOracle
import Processors
import Telemetry
import Testing
import Wire

/// What a processor has nothing to do with goes through it as the very same bytes.
@Suite struct UnmatchedProperties {
    private static let seeds: Range<UInt64> = 0..<40

    /// Statements by their contexts, without the condition that never holds.
    private static let statements: [(signal: Signal, key: String, context: String, statements: [String])] = [
        (.traces, "trace", "resource", attributeEditors + droppedEditors),
        (.metrics, "metric", "resource", attributeEditors + droppedEditors),
        (.logs, "log", "resource", attributeEditors + droppedEditors),
        (.traces, "trace", "scope", attributeEditors + [#"set(name, "x")"#, #"set(version, "x")"#]),
        (.metrics, "metric", "scope", attributeEditors), (.logs, "log", "scope", attributeEditors),
        (
            .traces, "trace", "span",
            attributeEditors + parentEditors + [
                #"set(name, "x")"#, "set(kind, 1)", "set(status.code, 2)", "set(events, nil)",
                "set(span_id.string, \"0102030405060708\")", #"set_semconv_span_name("1.37.0")"#,
                #"set(trace_state["a"], "b")"#,
            ]
        ),
        (
            .traces, "trace", "spanevent",
            attributeEditors + parentEditors + [#"set(name, "x")"#, #"set(span.attributes["a"], 1)"#]
        ),
        (
            .metrics, "metric", "metric",
            [
                #"set(name, "x")"#, "copy_metric()", "scale_metric(2.0)", "convert_sum_to_gauge()",
                #"convert_gauge_to_sum("delta", true)"#, "extract_sum_metric(true)",
                "extract_count_metric(true)", "extract_percentile_metric(50)",
                #"aggregate_on_attributes("sum")"#,
                #"aggregate_on_attribute_value("sum", "a", ["b"], "c")"#,
                #"convert_summary_count_val_to_sum("delta", true)"#,
                #"convert_summary_sum_val_to_sum("delta", true)"#, "convert_summary_quantile_val_to_gauge()",
                #"convert_exponential_histogram_to_histogram("upper", [1.0])"#, "merge_histogram_buckets(5)",
                #"set(metadata["a"], 1)"#, #"set(resource.attributes["a"], 1)"#,
            ]
        ),
        (
            .metrics, "metric", "datapoint",
            attributeEditors + parentEditors + [
                "set(value_int, 1)", "set(count, 1)", "set(metric.is_monotonic, true)",
                "set(metric.aggregation_temporality, 1)", #"set(metric.name, "x")"#,
                "merge_histogram_buckets(5)",
            ]
        ),
        (
            .logs, "log", "log",
            attributeEditors + parentEditors + [
                #"set(body, "x")"#, #"set(body["a"], "x")"#, "set(severity_number, 1)",
                #"merge_maps(attributes, ParseJSON("{}"), "upsert")"#, #"set(cache["a"], body)"#,
            ]
        ),
    ]

    private static let attributeEditors = [
        #"set(attributes["a"], 1)"#, #"delete_key(attributes, "host")"#, #"keep_keys(attributes, ["a"])"#,
        #"delete_matching_keys(attributes, ".*")"#, #"keep_matching_keys(attributes, "a")"#,
        "limit(attributes, 0, [])", "truncate_all(attributes, 1)", "flatten(attributes)",
        #"replace_all_patterns(attributes, "key", ".", "x")"#, #"replace_all_matches(attributes, "*", "x")"#,
        #"merge_maps(attributes, resource.attributes, "upsert")"#, #"append(attributes["a"], 1)"#,
    ]

    private static let droppedEditors = ["set(dropped_attributes_count, 5)"]

    private static let parentEditors = [
        #"set(resource.attributes["a"], 1)"#, #"set(scope.name, "x")"#,
        #"delete_key(resource.attributes, "host")"#,
    ]

    /// All statements, with conditions that never hold in different ways.
    private static let transforms: [Processing] = statements.flatMap { group in
        let never = [
            #"resource.attributes["never"] != nil"#, "1 == 2", #"resource.attributes["never"] == 1"#,
        ]
        return never.map { condition in
            let list = group.statements.map { "      - '\($0) where \(condition)'\n" }.joined()
            return Processing(
                TransformProcessor.self,
                "error_mode: propagate\nflatten_data: true\n\(group.key)_statements:\n"
                    + "  - context: \(group.context)\n    statements:\n\(list)", on: [group.signal])
        }
    }

    private static let others: [Processing] = [
        Processing(
            FilterProcessor.self,
            """
            trace_conditions: ['span.name == "never"', 'spanevent.name == "never"', 'scope.name == "never"',
              'resource.attributes["never"] != nil']
            metric_conditions: ['metric.name == "never"', 'datapoint.attributes["never"] != nil',
              'HasAttrKeyOnDatapoint("never")', 'metric.type == 9']
            log_conditions: ['log.attributes["never"] != nil', 'log.severity_number > 100']
            """),
        Processing(
            AttributesProcessor.self,
            """
            actions: [{key: never, action: delete}, {key: never, action: update, value: 1},
              {key: never, action: hash}, {pattern: "^never$", action: delete},
              {key: never, action: convert, converted_type: int},
              {key: never, action: extract, pattern: "(?P<never>x)"},
              {key: host, action: update, from_attribute: never}]
            """),
        Processing(
            AttributesProcessor.self,
            """
            include: {match_type: strict, attributes: [{key: never}]}
            actions: [{key: host, action: upsert, value: x}, {key: service.name, action: delete}]
            """, on: [.traces, .logs]),
        Processing(
            ResourceProcessor.self,
            "attributes: [{key: never, action: delete}, {key: never, action: update, value: 1}]"),
        Processing(
            RedactionProcessor.self,
            "{allow_all_keys: true, blocked_values: ['never[0-9]never'], blocked_key_patterns: ['^never$']}"),
        Processing(
            SpanProcessor.self,
            "{include: {match_type: strict, span_names: [never]}, name: {from_attributes: [host]}}",
            on: [.traces]),
        Processing(
            CumulativeToDelta.self, "{include: {match_type: strict, metrics: [never]}}", on: [.metrics]),
    ]

    @Test(arguments: transforms + others)
    func `what nothing matches leaves as the very same bytes`(_ processing: Processing) throws {
        for signal in processing.signals {
            for seed in Self.seeds {
                let bytes = try OracleMessage(signal, seed: seed, unknownFields: true).wire
                let batch = try Batch(validating: Bytes(bytes), as: signal)
                #expect(try processing.bytes(of: batch) == bytes, "\(signal) of seed \(seed)")
            }
        }
    }
}
