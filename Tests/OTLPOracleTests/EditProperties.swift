import OTLPOracle
import Processors
import SwiftProtobuf
import Telemetry
import Testing
import Wire

/// What processors make of telemetry is what the same edits make of the oracle's objects.
@Suite struct EditProperties {
    private static let seeds: Range<UInt64> = 0..<60

    // MARK: Processors that edit attributes

    private static let actions = """
        [{key: inserted, action: insert, value: 42}, {key: host, action: update, value: set},
         {key: upserted, action: upsert, value: true},
         {key: copy, action: upsert, from_attribute: k8s.pod.name},
         {key: service.name, action: delete}, {pattern: "^k8s[.]", action: delete}]
        """

    /// The same actions on the oracle's attributes.
    @Sendable private static func act(_ attributes: inout [OTLP.KeyValue]) {
        if attributes.value("inserted") == nil { attributes.put("inserted", 42) }
        if attributes.value("host") != nil { attributes.put("host", text: "set") }
        attributes.put("upserted", .with { $0.boolValue = true })
        if let pod = attributes.value("k8s.pod.name") { attributes.put("copy", pod) }
        attributes.remove("service.name")
        attributes.removeAll { $0.key.hasPrefix("k8s.") }
    }

    private static let processors: [Processing] = [
        Processing(AttributesProcessor.self, "actions: \(actions)") { message in
            message.editAttributes(at: [.record], act)
        },
        Processing(ResourceProcessor.self, "attributes: \(actions)") { message in
            message.editAttributes(at: [.resource], act)
        },
        Processing(RedactionProcessor.self, "{allowed_keys: [host, service.name]}") { message in
            message.editAttributes(at: Set(Level.allCases)) { attributes in
                attributes.removeAll { $0.key != "host" && $0.key != "service.name" }
            }
            message.edit(OTLP.LogsData.self) { data in
                data.eachRecord { record in
                    if record.hasBody, let body = record.body.redacted { record.body = body }
                }
            }
        },
        Processing(
            FilterProcessor.self,
            """
            trace_conditions: ['span.kind == 2', 'span.dropped_events_count > 0']
            metric_conditions: ['metric.type == METRIC_DATA_TYPE_SUM']
            log_conditions: ['log.severity_number >= 13']
            """
        ) { message in
            message.edit(OTLP.TracesData.self) { data in
                data.drop { $0.kind.rawValue == 2 || $0.droppedEventsCount > 0 }
            }
            message.edit(OTLP.LogsData.self) { data in data.drop { $0.severityNumber.rawValue >= 13 } }
            message.edit(OTLP.MetricsData.self) { data in
                data.prune { metric in
                    if case .sum = metric.data { false } else { true }
                }
            }
        },
        Processing(
            FilterProcessor.self,
            "metric_conditions: ['datapoint.time_unix_nano < 0', 'metric.unit == \"\"']",
            on: [.metrics]
        ) { message in
            message.edit(OTLP.MetricsData.self) { data in
                data.prune { !$0.unit.isEmpty && $0.dropPoints { Int64(bitPattern: $0) < 0 } }
            }
        },
        Processing(
            FilterProcessor.self, "trace_conditions: ['spanevent.dropped_attributes_count > 0']",
            on: [.traces]
        ) { message in
            message.edit(OTLP.TracesData.self) { data in
                data.eachSpan { _, _, span in span.events.removeAll { $0.droppedAttributesCount > 0 } }
            }
        },
    ]

    // MARK: Statements

    @Sendable private static func edit(_ attributes: inout [OTLP.KeyValue]) {
        attributes.put("new", text: "v")
        attributes.remove("host")
        attributes.removeAll { $0.key.hasPrefix("k8s") }
    }

    /// The statements that do the same, with paths of one message.
    private static func statements(_ message: String) -> [String] {
        [
            "set(\(message).attributes[\"new\"], \"v\")", "delete_key(\(message).attributes, \"host\")",
            "delete_matching_keys(\(message).attributes, \"^k8s\")",
        ]
    }

    private static func attributes(_ signal: Signal, _ message: String, _ level: Level) -> [Processing] {
        let list = statements(message)
        let keys = "keep_keys(\(message).attributes, [\"host\", \"service.name\"])"
        return [
            .transform(signal, list[0], list[1], list[2]) { $0.editAttributes(at: [level], edit) },
            .transform(signal, keys) { oracle in
                oracle.editAttributes(at: [level]) { attributes in
                    attributes.removeAll { $0.key != "host" && $0.key != "service.name" }
                }
            },
        ]
    }

    private static let levels: [Processing] =
        attributes(.traces, "resource", .resource) + attributes(.traces, "scope", .scope)
        + attributes(.traces, "span", .record) + attributes(.traces, "spanevent", .event)
        + attributes(.metrics, "resource", .resource) + attributes(.metrics, "scope", .scope)
        + attributes(.metrics, "datapoint", .record) + attributes(.logs, "resource", .resource)
        + attributes(.logs, "scope", .scope) + attributes(.logs, "log", .record)

    private static let fields: [Processing] = [
        .transform(
            .traces, #"set(span.name, "renamed") where span.kind == 2"#,
            #"set(span.status.code, 2) where span.name == "renamed""#, "set(span.dropped_links_count, 7)"
        ) { message in
            message.edit(OTLP.TracesData.self) { data in
                data.eachSpan { _, _, span in
                    if span.kind.rawValue == 2 { span.name = "renamed" }
                    if span.name == "renamed" { span.status.code = .error }
                    span.droppedLinksCount = 7
                }
            }
        },
        .transform(
            .traces, #"set(resource.attributes["kind"], span.kind)"#,
            #"set(scope.version, span.trace_state) where span.trace_state != """#
        ) { message in
            message.edit(OTLP.TracesData.self) { data in
                data.eachSpan { resource, scope, span in
                    resource.attributes.put("kind", Int64(span.kind.rawValue))
                    if !span.traceState.isEmpty { scope.version = span.traceState }
                }
            }
        },
        .transform(
            .logs, #"set(log.body, "text") where log.severity_number > 8"#,
            "set(log.severity_text, log.event_name)",
            #"set(log.attributes["event"], log.event_name)"#
        ) { message in
            message.edit(OTLP.LogsData.self) { data in
                data.eachRecord { record in
                    if record.severityNumber.rawValue > 8 { record.body = .with { $0.stringValue = "text" } }
                    record.severityText = record.eventName
                    record.attributes.put("event", text: record.eventName)
                }
            }
        },
        .transform(
            .metrics, #"set(metric.description, "d")"#, "set(metric.unit, metric.name)",
            "set(metric.aggregation_temporality, 2) where metric.type == METRIC_DATA_TYPE_HISTOGRAM"
        ) { message in
            message.edit(OTLP.MetricsData.self) { data in
                data.eachMetric { _, _, metric in
                    metric.description_p = "d"
                    metric.unit = metric.name
                    if case .histogram = metric.data { metric.setTemporality(.cumulative) }
                }
            }
        },
        .transform(
            .metrics, #"set(datapoint.attributes["temporality"], metric.aggregation_temporality)"#,
            "set(datapoint.attributes[\"monotonic\"], metric.is_monotonic)",
            #"set(metric.name, "seen")"#
        ) { message in
            message.edit(OTLP.MetricsData.self) { data in
                data.eachMetric { _, _, metric in
                    if metric.pointCount > 0 { metric.name = "seen" }
                    let (temporality, isMonotonic) = metric.properties
                    metric.editPoints { attributes in
                        if let temporality { attributes.put("temporality", Int64(temporality)) }
                        if let isMonotonic {
                            attributes.put("monotonic", .with { $0.boolValue = isMonotonic })
                        }
                    }
                }
            }
        },
    ]

    @Test(arguments: processors + levels + fields)
    func `an edit makes of telemetry what it makes of the oracle's objects`(
        _ processing: Processing
    ) throws {
        var changes = 0
        for signal in processing.signals {
            for seed in Self.seeds {
                let before = OracleMessage(signal, seed: seed, unknownFields: seed.isMultiple(of: 2))
                let bytes = try before.wire
                var expected = before
                processing.edit(&expected)
                let batch = try Batch(validating: Bytes(bytes), as: signal)
                let after = try OracleMessage(signal, decoding: processing.bytes(of: batch))
                if before.itemCount > 0, expected.itemCount == 0 {
                    // A batch that loses all its items goes no further, whatever else is in it.
                    #expect(try after.wire.isEmpty, "\(signal) of seed \(seed)")
                } else {
                    #expect(try after.wire == expected.wire, "\(signal) of seed \(seed)")
                }
                if try after.wire != bytes { changes += 1 }
            }
        }
        // Otherwise nothing was shown.
        #expect(changes >= processing.signals.count * Self.seeds.count / 4)
    }
}

extension OTLP.LogsData {
    /// Shows every log record.
    fileprivate mutating func eachRecord(_ edit: (inout OTLP.LogRecord) -> Void) {
        for outer in resourceLogs.indices {
            for inner in resourceLogs[outer].scopeLogs.indices {
                for index in resourceLogs[outer].scopeLogs[inner].logRecords.indices {
                    edit(&resourceLogs[outer].scopeLogs[inner].logRecords[index])
                }
            }
        }
    }
}

extension OTLP.Metric {
    /// Temporality and whether it is monotonic, where the data has them.
    fileprivate var properties: (temporality: Int?, isMonotonic: Bool?) {
        switch data {
        case .sum(let sum): (sum.aggregationTemporality.rawValue, sum.isMonotonic)
        case .histogram(let histogram): (histogram.aggregationTemporality.rawValue, nil)
        case .exponentialHistogram(let histogram): (histogram.aggregationTemporality.rawValue, nil)
        default: (nil, nil)
        }
    }
}

extension OTLP.AnyValue {
    /// A body without the keys that are not allowed; `nil` where there are none.
    ///
    /// Lists and maps with one in them are written anew, without fields that OTLP does not know.
    fileprivate var redacted: OTLP.AnyValue? {
        switch value {
        case .arrayValue(let list):
            let values = list.values.map(\.redacted)
            guard values.contains(where: { $0 != nil }) else { return nil }
            return .with { $0.arrayValue.values = zip(values, list.values).map { $0 ?? $1 } }
        case .kvlistValue(let map):
            let kept = map.values.filter { $0.key == "host" || $0.key == "service.name" }
            let values = kept.map(\.value.redacted)
            guard kept.count < map.values.count || values.contains(where: { $0 != nil }) else { return nil }
            return .with { value in
                value.kvlistValue.values = zip(values, kept).map { new, pair in
                    .with {
                        $0.key = pair.key
                        $0.value = new ?? pair.value
                    }
                }
            }
        default: return nil
        }
    }
}
