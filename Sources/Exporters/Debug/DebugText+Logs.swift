internal import Telemetry
internal import Wire

extension DebugText {
    mutating func add(_ record: LogRecordView, number: Int) {
        line("LogRecord #\(number)")
        line("ObservedTimestamp: \(DebugValue.time(record.observedTime))")
        line("Timestamp: \(DebugValue.time(record.time))")
        line("SeverityText: \(record.severityText)")
        line("SeverityNumber: \(Self.severity(record.severityNumber))(\(record.severityNumber))")
        if !record.eventName.isEmpty { line("EventName: \(record.eventName)") }
        line("Body: \(record.body.map { DebugValue.typed($0) } ?? "Empty()")")
        attributes("Attributes", record.attributes)
        count("DroppedAttributesCount", record.droppedAttributesCount)
        line("Trace ID: \(DebugValue.hex(record.traceID))")
        line("Span ID: \(DebugValue.hex(record.spanID))")
        line("Flags: \(record.flags)")
    }

    /// `Unspecified`, `Trace`, `Trace2`, … `Fatal4`; empty beyond.
    private static func severity(_ number: Int) -> String {
        guard number != 0 else { return "Unspecified" }
        guard (1...24).contains(number) else { return "" }
        let names = ["Trace", "Debug", "Info", "Warn", "Error", "Fatal"]
        let step = (number - 1) % 4
        return names[(number - 1) / 4] + (step > 0 ? "\(step + 1)" : "")
    }
}
