internal import Telemetry
internal import Wire

/// Turns spans and processes of Jaeger into OTLP, as otelcol's translator does (pkg/translator/jaeger).
enum JaegerTranslation {
    // MARK: - Processes

    /// What stands for the name of a service where there is none.
    private static let noServiceName = Array("OTLPResourceNoServiceName".utf8)
    private static let serviceName = Array("service.name".utf8)
    private static let hostname = Array("hostname".utf8)
    private static let hostName = Array("host.name".utf8)
    private static let version = Array("jaeger.version".utf8)
    private static let exporterVersion = Array("opencensus.exporterversion".utf8)

    /// Writes the attributes of a resource.
    static func write(_ process: JaegerProcess, of bytes: Bytes, to attributes: AttributesBuilder) {
        guard !bytes.hasEqual(process.serviceName, noServiceName) else { return }
        let tags = process.tags.all
        func index(_ key: [UInt8]) -> Int? { tags.firstIndex { bytes.hasEqual($0.key, key) } }
        let named = index(serviceName)
        if let named {
            attributes.attribute(Bytes(serviceName)) { tags[named].value.write(bytes, to: $0) }
        } else if !process.serviceName.isEmpty {
            attributes.attribute(Bytes(serviceName)) { $0.text(bytes[process.serviceName]) }
        }
        let host = index(hostName) == nil ? index(hostname) : nil
        let version = index(exporterVersion) == nil ? index(version) : nil
        for (index, tag) in tags.enumerated() where index != named && index != host && index != version {
            attributes.attribute(bytes[tag.key]) { tag.value.write(bytes, to: $0) }
        }
        if let host { attributes.attribute(Bytes(hostName)) { tags[host].value.write(bytes, to: $0) } }
        if let version {
            let number = tags[version].value.text.map { bytes[$0].string } ?? ""
            attributes.attribute(Bytes(exporterVersion)) { $0.text("Jaeger-\(number)") }
        }
    }

    // MARK: - Spans

    /// The scope of a span, from its tags.
    static func scope(_ span: JaegerSpan, _ marks: JaegerMarks, of bytes: Bytes) -> EncodedScope {
        func text(_ index: Int?) -> Bytes {
            index.flatMap { span.tags.all[$0].value.text }.map { bytes[$0] } ?? .empty
        }
        return EncodedScope(name: text(marks.scopeName), version: text(marks.scopeVersion))
    }

    /// Writes a span; its scope is written by whoever groups spans.
    static func write(_ span: JaegerSpan, _ marks: JaegerMarks, of bytes: Bytes, to output: SpanBuilder) {
        let parent = span.parent
        output.traceID(span.trace)
        output.spanID(span.id)
        if let state = marks.traceState.flatMap({ span.tags.all[$0].value.text }) {
            output.traceState(bytes[state])
        }
        output.parentSpanID(parent)
        output.name(bytes[span.name])
        let kind = kind(span, marks, bytes)
        if kind != 0 { output.kind(kind) }
        output.startTime(span.start)
        output.endTime(span.end)
        let status = JaegerStatus(span.tags.all, marks, kind: kind, bytes)
        for (index, tag) in span.tags.all.enumerated()
        where !marks.consumed.contains(index) && !status.consumed.contains(index) {
            output.attribute(bytes[tag.key]) { tag.value.write(bytes, to: $0) }
        }
        for event in span.events { write(event, span.fields.all[event.fields], bytes, output) }
        for reference in span.references where reference.id != parent || reference.kind != .childOf {
            let kind = reference.kind == .childOf ? "child_of" : "follows_from"
            output.link(reference.trace, reference.id, traceState: .empty, droppedAttributes: 0) {
                $0.attribute("opentracing.ref_type", .string(kind))
            }
        }
        if let code = status.code { output.status(code, message: status.message.map { bytes[$0] } ?? .empty) }
        if span.isSampled { output.flags(1) }
    }

    private static let eventName = Array("event".utf8)

    private static func write(
        _ event: JaegerEvent, _ fields: ArraySlice<JaegerTag>, _ bytes: Bytes, _ output: SpanBuilder
    ) {
        let named = fields.firstIndex { bytes.hasEqual($0.key, eventName) }
        let name = named.flatMap { fields[$0].value.text }.map { bytes[$0] } ?? .empty
        output.event(name, time: event.time) { attributes in
            for index in fields.indices where index != named {
                attributes.attribute(bytes[fields[index].key]) { fields[index].value.write(bytes, to: $0) }
            }
        }
    }

    private static let kinds: [(name: [UInt8], kind: Int)] = [
        (Array("internal".utf8), 1), (Array("server".utf8), 2), (Array("client".utf8), 3),
        (Array("producer".utf8), 4), (Array("consumer".utf8), 5),
    ]

    private static func kind(_ span: JaegerSpan, _ marks: JaegerMarks, _ bytes: Bytes) -> Int {
        guard let text = marks.kind.flatMap({ span.tags.all[$0].value.text }) else { return 0 }
        return kinds.first { bytes.hasEqual(text, $0.name) }?.kind ?? 0
    }
}
