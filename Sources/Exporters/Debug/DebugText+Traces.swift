internal import Telemetry

extension DebugText {
    mutating func add(_ span: SpanView, number: Int) {
        line("Span #\(number)")
        field("Trace ID", DebugValue.hex(span.traceID))
        field("Parent ID", DebugValue.hex(span.parentSpanID))
        field("ID", DebugValue.hex(span.spanID))
        field("Name", span.name)
        field("Kind", Self.name(in: Self.kinds, span.kind))
        if !span.traceState.isEmpty { field("TraceState", span.traceState) }
        field("Start time", DebugValue.time(span.startTime))
        field("End time", DebugValue.time(span.endTime))
        field("Status code", Self.name(in: Self.statusCodes, span.status?.code ?? 0))
        field("Status message", span.status?.text ?? "")
        count("    DroppedAttributesCount", span.droppedAttributesCount)
        count("    DroppedEventsCount", span.droppedEventsCount)
        count("    DroppedLinksCount", span.droppedLinksCount)
        count("    Flags", span.flags)
        attributes("Attributes", span.attributes)
        for (index, event) in span.events.enumerated() { add(event, number: index) }
        for (index, link) in span.links.enumerated() { add(link, number: index) }
    }

    private mutating func add(_ event: EventView, number: Int) {
        if number == 0 { line("Events:") }
        line("SpanEvent #\(number)")
        line("     -> Name: \(event.name)")
        line("     -> Timestamp: \(DebugValue.time(event.time))")
        line("     -> DroppedAttributesCount: \(event.droppedAttributesCount)")
        attributes("     -> Attributes:", event.attributes, indentation: "     ")
    }

    private mutating func add(_ link: LinkView, number: Int) {
        if number == 0 { line("Links:") }
        line("SpanLink #\(number)")
        line("     -> Trace ID: \(DebugValue.hex(link.traceID))")
        line("     -> ID: \(DebugValue.hex(link.spanID))")
        line("     -> TraceState: \(link.traceState)")
        line("     -> DroppedAttributesCount: \(link.droppedAttributesCount)")
        count("     -> Flags", link.flags)
        attributes("     -> Attributes:", link.attributes, indentation: "     ")
    }

    mutating func add(_ profile: ProfileView, number: Int) {
        line("Profile #\(number)")
        field("Profile ID", DebugValue.hex(profile.profileID))
        field("Start time", DebugValue.time(profile.time))
        field("DurationNano", "\(profile.durationNanoseconds)")
        field("Dropped attributes count", "\(profile.droppedAttributesCount)")
        for (index, sample) in profile.samples.enumerated() {
            line("    Sample #\(index)")
            line("        Values: [\(sample.values.map(String.init).joined(separator: " "))]")
            for time in sample.timestamps { line("        Timestamp: \(DebugValue.time(time))") }
        }
    }

    /// The name of an enumeration's value; the number when it has none.
    static func name(in names: [String], _ value: Int) -> String {
        names.indices.contains(value) ? names[value] : "\(value)"
    }

    private static let kinds = ["Unspecified", "Internal", "Server", "Client", "Producer", "Consumer"]
    private static let statusCodes = ["Unset", "Ok", "Error"]
}
