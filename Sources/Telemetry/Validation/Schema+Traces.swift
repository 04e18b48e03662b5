// opentelemetry.proto.trace.v1.
extension Schema {
    static let traces: [MessageShape] = [
        MessageShape(.tracesData, "TracesData", [.many(1, "resource_spans", .resourceSpans)]),
        MessageShape(
            .resourceSpans, "ResourceSpans",
            [
                .single(1, "resource", .resource),
                .many(2, "scope_spans", .scopeSpans),
                FieldShape(3, "schema_url", .text),
            ]),
        MessageShape(
            .scopeSpans, "ScopeSpans",
            [
                .single(1, "scope", .scope),
                .items(2, "spans", .span),
                FieldShape(3, "schema_url", .text),
            ]),
        MessageShape(
            .span, "Span",
            [
                FieldShape(1, "trace_id", .traceID),
                FieldShape(2, "span_id", .spanID),
                FieldShape(3, "trace_state", .text),
                FieldShape(4, "parent_span_id", .spanID),
                FieldShape(5, "name", .text),
                FieldShape(6, "kind", .varint),
                FieldShape(7, "start_time_unix_nano", .fixed64),
                FieldShape(8, "end_time_unix_nano", .fixed64),
                .attributes(9),
                FieldShape(10, "dropped_attributes_count", .varint),
                .many(11, "events", .event),
                FieldShape(12, "dropped_events_count", .varint),
                .many(13, "links", .link),
                FieldShape(14, "dropped_links_count", .varint),
                .single(15, "status", .status),
                FieldShape(16, "flags", .fixed32),
            ]),
        MessageShape(
            .event, "Span.Event",
            [
                FieldShape(1, "time_unix_nano", .fixed64),
                FieldShape(2, "name", .text),
                .attributes(3),
                FieldShape(4, "dropped_attributes_count", .varint),
            ]),
        MessageShape(
            .link, "Span.Link",
            [
                FieldShape(1, "trace_id", .traceID),
                FieldShape(2, "span_id", .spanID),
                FieldShape(3, "trace_state", .text),
                .attributes(4),
                FieldShape(5, "dropped_attributes_count", .varint),
                FieldShape(6, "flags", .fixed32),
            ]),
        MessageShape(
            .status, "Status",
            [
                FieldShape(2, "message", .text),
                FieldShape(3, "code", .varint),
            ]),
    ]
}
