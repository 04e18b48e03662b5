extension JSONMessage {
    /// The messages of opentelemetry/proto/trace/v1/trace.proto.
    var traceFields: [JSONField]? {
        switch self {
        case .tracesData: [JSONField("resourceSpans", 1, .resourceSpans, .repeated)]
        case .resourceSpans:
            [
                JSONField("resource", 1, .resource), JSONField("scopeSpans", 2, .scopeSpans, .repeated),
                JSONField("schemaUrl", 3, .string),
            ]
        case .scopeSpans:
            [
                JSONField("scope", 1, .scope), JSONField("spans", 2, .span, .repeated),
                JSONField("schemaUrl", 3, .string),
            ]
        case .span:
            [
                JSONField("traceId", 1, .traceID), JSONField("spanId", 2, .spanID),
                JSONField("traceState", 3, .string), JSONField("parentSpanId", 4, .spanID),
                JSONField("name", 5, .string), JSONField("kind", 6, .enumeration),
                JSONField("startTimeUnixNano", 7, .fixed64), JSONField("endTimeUnixNano", 8, .fixed64),
                JSONField("attributes", 9, .keyValue, .repeated),
                JSONField("droppedAttributesCount", 10, .uint32),
                JSONField("events", 11, .spanEvent, .repeated), JSONField("droppedEventsCount", 12, .uint32),
                JSONField("links", 13, .spanLink, .repeated), JSONField("droppedLinksCount", 14, .uint32),
                JSONField("status", 15, .spanStatus), JSONField("flags", 16, .fixed32),
            ]
        case .spanEvent:
            [
                JSONField("timeUnixNano", 1, .fixed64), JSONField("name", 2, .string),
                JSONField("attributes", 3, .keyValue, .repeated),
                JSONField("droppedAttributesCount", 4, .uint32),
            ]
        case .spanLink:
            [
                JSONField("traceId", 1, .traceID), JSONField("spanId", 2, .spanID),
                JSONField("traceState", 3, .string), JSONField("attributes", 4, .keyValue, .repeated),
                JSONField("droppedAttributesCount", 5, .uint32), JSONField("flags", 6, .fixed32),
            ]
        case .spanStatus: [JSONField("message", 2, .string), JSONField("code", 3, .enumeration)]
        default: nil
        }
    }
}
