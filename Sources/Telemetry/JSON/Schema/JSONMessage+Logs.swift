extension JSONMessage {
    /// The messages of opentelemetry/proto/logs/v1/logs.proto.
    var logFields: [JSONField]? {
        switch self {
        case .logsData: [JSONField("resourceLogs", 1, .resourceLogs, .repeated)]
        case .resourceLogs:
            [
                JSONField("resource", 1, .resource), JSONField("scopeLogs", 2, .scopeLogs, .repeated),
                JSONField("schemaUrl", 3, .string),
            ]
        case .scopeLogs:
            [
                JSONField("scope", 1, .scope), JSONField("logRecords", 2, .logRecord, .repeated),
                JSONField("schemaUrl", 3, .string),
            ]
        case .logRecord:
            [
                JSONField("timeUnixNano", 1, .fixed64), JSONField("severityNumber", 2, .enumeration),
                JSONField("severityText", 3, .string), JSONField("body", 5, .anyValue),
                JSONField("attributes", 6, .keyValue, .repeated),
                JSONField("droppedAttributesCount", 7, .uint32), JSONField("flags", 8, .fixed32),
                JSONField("traceId", 9, .traceID), JSONField("spanId", 10, .spanID),
                JSONField("observedTimeUnixNano", 11, .fixed64), JSONField("eventName", 12, .string),
            ]
        default: nil
        }
    }
}
