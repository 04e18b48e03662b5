extension RandomTelemetry {
    /// About `size` log records in random groups.
    public mutating func logs() -> OTLP.LogsData {
        var data = OTLP.LogsData()
        for group in groups() {
            var resourceLogs = OTLP.ResourceLogs()
            if !source.once(in: 8) { resourceLogs.resource = resource() }
            resourceLogs.schemaURL = source.text()
            let first = source.integer(in: 0...group)
            resourceLogs.scopeLogs = [first, group - first].map { scopeLogs($0) }
            data.resourceLogs.append(extended(resourceLogs))
        }
        return data
    }

    private mutating func scopeLogs(_ count: Int) -> OTLP.ScopeLogs {
        var scopeLogs = OTLP.ScopeLogs()
        if !source.once(in: 8) { scopeLogs.scope = scope() }
        scopeLogs.schemaURL = source.text()
        scopeLogs.logRecords = (0..<count).map { _ in logRecord() }
        return extended(scopeLogs)
    }

    /// One random log record.
    public mutating func logRecord() -> OTLP.LogRecord {
        var record = OTLP.LogRecord()
        record.timeUnixNano = source.any()
        record.observedTimeUnixNano = source.any()
        record.severityNumber = .init(rawValue: source.integer(in: 0...25)) ?? .unspecified
        record.severityText = source.text()
        if !source.once(in: 6) { record.body = anyValue(depth: depth) }
        record.attributes = attributes()
        record.droppedAttributesCount = sparse()
        record.flags = sparse()
        record.traceID = source.identifier(16)
        record.spanID = source.identifier(8)
        record.eventName = source.text()
        return extended(record)
    }
}
