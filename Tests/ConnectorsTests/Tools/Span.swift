import Telemetry
import Wire

/// A span as tests write it.
struct Span {
    var name = "/ping"
    /// 1 internal, 2 server, 3 client, 4 producer, 5 consumer.
    var kind = 2
    /// 0 unset, 1 ok, 2 error.
    var status = 0
    var trace: UInt8 = 1
    var id: UInt8 = 1
    var parent: UInt8?
    /// How long it took, in milliseconds.
    var milliseconds = 11
    var attributes: [String: AttributeValue] = [:]
    var traceState = ""
    /// The attributes of its events.
    var events: [[String: AttributeValue]] = []
    /// Ends before it begins.
    var isBackwards = false

    static let start: UInt64 = 1_700_000_000_000_000_000

    func write(to builder: SpanBuilder) {
        if trace > 0 { builder.traceID(Bytes([UInt8](repeating: trace, count: 16))) }
        if id > 0 { builder.spanID(Bytes([UInt8](repeating: id, count: 8))) }
        builder.traceState(traceState)
        if let parent { builder.parentSpanID(Bytes([UInt8](repeating: parent, count: 8))) }
        builder.name(name)
        builder.kind(kind)
        let end = Self.start + UInt64(milliseconds) * 1_000_000
        builder.startTime(isBackwards ? end : Self.start)
        builder.endTime(isBackwards ? Self.start : end)
        for key in attributes.keys.sorted() { builder.attribute(key, attributes[key] ?? .empty) }
        for event in events {
            builder.event("exception", time: end) { list in
                for key in event.keys.sorted() { list.attribute(key, event[key] ?? .empty) }
            }
        }
        if status != 0 { builder.status(status) }
    }
}

extension Batch {
    /// Spans of a service, which none has when it is `nil`.
    static func spans(
        _ spans: [Span], of service: String? = "shop", resource: [String: AttributeValue] = [:],
        scope: String = "", version: String = ""
    ) -> Batch {
        var builder = TracesBuilder()
        builder.resource { list in
            if let service { list.attribute("service.name", .string(service)) }
            for key in resource.keys.sorted() { list.attribute(key, resource[key] ?? .empty) }
        }
        builder.scope(scope, version: version)
        for span in spans { builder.span { span.write(to: $0) } }
        return builder.finish()
    }
}
