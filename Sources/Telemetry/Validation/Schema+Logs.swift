// opentelemetry.proto.logs.v1.
extension Schema {
    static let logs: [MessageShape] = [
        MessageShape(.logsData, "LogsData", [.many(1, "resource_logs", .resourceLogs)]),
        MessageShape(
            .resourceLogs, "ResourceLogs",
            [
                .single(1, "resource", .resource),
                .many(2, "scope_logs", .scopeLogs),
                FieldShape(3, "schema_url", .text),
            ]),
        MessageShape(
            .scopeLogs, "ScopeLogs",
            [
                .single(1, "scope", .scope),
                .items(2, "log_records", .logRecord),
                FieldShape(3, "schema_url", .text),
            ]),
        MessageShape(
            .logRecord, "LogRecord",
            [
                FieldShape(1, "time_unix_nano", .fixed64),
                FieldShape(2, "severity_number", .varint),
                FieldShape(3, "severity_text", .text),
                .value(5, "body"),
                .attributes(6),
                FieldShape(7, "dropped_attributes_count", .varint),
                FieldShape(8, "flags", .fixed32),
                FieldShape(9, "trace_id", .traceID),
                FieldShape(10, "span_id", .spanID),
                FieldShape(11, "observed_time_unix_nano", .fixed64),
                FieldShape(12, "event_name", .text),
            ]),
    ]
}
