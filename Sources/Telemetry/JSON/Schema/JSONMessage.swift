/// The OTLP messages that JSON can carry, and with `fields` the one table that reader and writer share.
///
/// To follow a new version of OTLP, add the field's line to its message's list; nothing else knows fields.
enum JSONMessage: UInt8, CaseIterable, Sendable {
    case anyValue, arrayValue, keyValueList, keyValue, resource, entityRef, scope
    case tracesData, resourceSpans, scopeSpans, span, spanEvent, spanLink, spanStatus
    case logsData, resourceLogs, scopeLogs, logRecord
    case metricsData, resourceMetrics, scopeMetrics, metric
    case gauge, sum, histogram, exponentialHistogram, summary
    case numberPoint, histogramPoint, exponentialPoint, buckets, summaryPoint, quantile, exemplar
    case profilesData, resourceProfiles, scopeProfiles, profile, sample, valueType
    case dictionary, mapping, location, line, function, profileLink, keyValueAndUnit, stack

    /// The outermost message of a signal.
    init(_ signal: Signal) {
        self =
            switch signal {
            case .traces: .tracesData
            case .metrics: .metricsData
            case .logs: .logsData
            case .profiles: .profilesData
            }
    }

    /// The fields of the message, in the order of their numbers.
    var fields: [JSONField] {
        commonFields ?? traceFields ?? logFields ?? metricFields ?? pointFields ?? profileFields
            ?? dictionaryFields ?? []
    }

    private var commonFields: [JSONField]? {
        switch self {
        case .anyValue:
            [
                JSONField("stringValue", 1, .string, .oneof), JSONField("boolValue", 2, .bool, .oneof),
                JSONField("intValue", 3, .int64, .oneof), JSONField("doubleValue", 4, .double, .oneof),
                JSONField("arrayValue", 5, .arrayValue, .oneof),
                JSONField("kvlistValue", 6, .keyValueList, .oneof),
                JSONField("bytesValue", 7, .bytes, .oneof),
                JSONField("stringValueStrindex", 8, .int32, .oneof),
            ]
        case .arrayValue: [JSONField("values", 1, .anyValue, .repeated)]
        case .keyValueList: [JSONField("values", 1, .keyValue, .repeated)]
        case .keyValue:
            [
                JSONField("key", 1, .string), JSONField("value", 2, .anyValue),
                JSONField("keyStrindex", 3, .int32),
            ]
        case .resource:
            [
                JSONField("attributes", 1, .keyValue, .repeated),
                JSONField("droppedAttributesCount", 2, .uint32),
                JSONField("entityRefs", 3, .entityRef, .repeated),
            ]
        case .entityRef:
            [
                JSONField("schemaUrl", 1, .string), JSONField("type", 2, .string),
                JSONField("idKeys", 3, .string, .repeated),
                JSONField("descriptionKeys", 4, .string, .repeated),
            ]
        case .scope:
            [
                JSONField("name", 1, .string), JSONField("version", 2, .string),
                JSONField("attributes", 3, .keyValue, .repeated),
                JSONField("droppedAttributesCount", 4, .uint32),
            ]
        default: nil
        }
    }
}
