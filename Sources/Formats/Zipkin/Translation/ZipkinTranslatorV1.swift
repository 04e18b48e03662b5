internal import Telemetry
internal import Wire

/// Turns spans of version 1 into OTLP, as otelcol's translator of this name does.
///
/// Kinds come from the annotations `cs`, `cr`, `ss`, `sr`, `ms` and `mr`, and so do times when the span has
/// none; other annotations are events. The resource is the endpoint of the first of them that has a name.
struct ZipkinTranslatorV1 {
    let parsesStringTags: Bool
    /// Nanoseconds since 1970, for spans without any time.
    let now: UInt64
    private var resource = EncodedAttributes()
    private var status = ZipkinStatusV1()
    private var attributes = ZipkinTags()
    /// Attributes that are numbers and booleans, whatever `parsesStringTags` says.
    private var typed: Set<TextKey> = []

    init(parsesStringTags: Bool, now: UInt64) {
        self.parsesStringTags = parsesStringTags
        self.now = now
    }

    /// Writes a span.
    mutating func write(_ span: ZipkinSpanV1, to builder: inout GroupedTracesBuilder) {
        status = ZipkinStatusV1()
        attributes.removeAll()
        if !typed.isEmpty { typed = [] }
        let component = collectFacts(of: span)
        encodeResource(of: span, component)
        builder.span(of: resource, in: EncodedScope()) { record in
            writeIdentity(span, to: record)
            for annotation in span.annotations where !annotation.value.isEmpty && Role(annotation) == nil {
                record.event(annotation.value, time: annotation.time * 1000)
            }
            writeAttributes(of: span, to: record)
            if let found = status.outcome { record.status(found.code, message: found.message) }
        }
    }

    // MARK: - Annotations

    /// What an annotation says of the span: who it is and which end of it.
    private enum Role {
        case client, server, producer, consumer

        /// Nil for an annotation that is an event.
        init?(_ annotation: ZipkinAnnotation) {
            let value = annotation.value
            if value.isEqual(to: "cs") || value.isEqual(to: "cr") {
                self = .client
            } else if value.isEqual(to: "ss") || value.isEqual(to: "sr") {
                self = .server
            } else if value.isEqual(to: "ms") {
                self = .producer
            } else if value.isEqual(to: "mr") {
                self = .consumer
            } else {
                return nil
            }
        }

        var kind: Int {
            switch self {
            case .server: 2
            case .client: 3
            case .producer: 4
            case .consumer: 5
            }
        }
    }

    private func writeIdentity(_ span: ZipkinSpanV1, to record: SpanBuilder) {
        let identity = span.identity
        record.traceID(identity.traceID)
        record.spanID(identity.id)
        if identity.parentID != identity.id { record.parentSpanID(identity.parentID) }
        record.name(identity.name)
        if let role = span.annotations.lazy.compactMap({ Role($0) }).first { record.kind(role.kind) }
        let times = times(of: span)
        record.startTime(times.start)
        record.endTime(times.end)
        if !times.isKnown { record.attribute(ZipkinTranslator.startAbsent) { $0.bool(true) } }
    }

    /// When the span began and ended, in nanoseconds: as it says, or from the first to the last of its
    /// annotations.
    private func times(of span: ZipkinSpanV1) -> (start: UInt64, end: UInt64, isKnown: Bool) {
        let identity = span.identity
        if identity.time > 0 {
            return (identity.time * 1000, (identity.time + identity.duration) * 1000, true)
        }
        let times = span.annotations.filter { !$0.value.isEmpty }.map { $0.time }
        guard let first = times.min(), let last = times.max(), first > 0 else { return (now, now, false) }
        return (first * 1000, last * 1000, true)
    }

    private mutating func encodeResource(of span: ZipkinSpanV1, _ component: Bytes) {
        let named = span.annotations.first { annotation in
            annotation.endpoint?.serviceName.isEmpty == false && Role(annotation) != nil
        }
        let endpoint = named?.endpoint ?? ZipkinEndpoint()
        var name = endpoint.serviceName
        if name.isEmpty { name = component.isEmpty ? Self.unknownService : component }
        resource.removeAll()
        resource.append(key: ZipkinTranslator.serviceName, text: name)
        for (key, text) in [(Self.ipv4, endpoint.ipv4), (Self.ipv6, endpoint.ipv6)] where !text.isEmpty {
            resource.append(key: key, text: text)
        }
        if endpoint.port > 0 { resource.append(key: Self.port, text: Bytes(utf8: String(endpoint.port))) }
    }

    // MARK: - Binary annotations

    /// Sorts binary annotations into attributes and what the status follows from; returns the name that they
    /// give to the service, which counts when no annotation names it.
    private mutating func collectFacts(of span: ZipkinSpanV1) -> Bytes {
        var (service, component) = (Bytes.empty, Bytes.empty)
        for fact in span.binaryAnnotations where !Self.isAddress(fact) {
            if let name = fact.endpoint?.serviceName, !name.isEmpty { service = name }
            var key = fact.key
            if key.isEqual(to: "lc") {
                key = Self.component
                component = fact.value
            }
            guard !status.take(key, fact.value) else { continue }
            attributes.set(key, fact.value)
            if fact.isTyped {
                typed.insert(TextKey(key))
            } else if !typed.isEmpty {
                typed.remove(TextKey(key))
            }
        }
        return service.isEmpty ? component : service
    }

    /// Whether only the endpoint matters: the address of the client, the server or the broker.
    private static func isAddress(_ fact: ZipkinSpanV1.BinaryAnnotation) -> Bool {
        guard fact.isTrue, fact.endpoint != nil else { return false }
        return fact.key.isEqual(to: "sa") || fact.key.isEqual(to: "ca") || fact.key.isEqual(to: "ma")
    }

    private mutating func writeAttributes(of span: ZipkinSpanV1, to record: SpanBuilder) {
        let remote = span.binaryAnnotations.last { Self.isAddress($0) }?.endpoint
        var written: [Bytes] = []
        if let address = remote?.address {
            written.append(ZipkinTranslator.peerAddress)
            record.attribute(ZipkinTranslator.peerAddress) { $0.text(address) }
        }
        if let remote, remote.port > 0 {
            written.append(ZipkinTranslator.peerPort)
            record.attribute(ZipkinTranslator.peerPort) { $0.int(Int64(remote.port)) }
        }
        if let remote, !remote.serviceName.isEmpty {
            written.append(ZipkinTranslator.peerService)
            record.attribute(ZipkinTranslator.peerService) { $0.text(remote.serviceName) }
        }
        if !times(of: span).isKnown { written.append(ZipkinTranslator.startAbsent) }
        for (key, value) in attributes.pairs where !written.contains(where: { $0.isEqual(to: key) }) {
            let isParsed = parsesStringTags || !typed.isEmpty && typed.contains(TextKey(key))
            record.attribute(key) { ZipkinText.write(value, isParsed: isParsed, to: $0) }
        }
    }

    private static let unknownService = Bytes(utf8: "unknown-service")
    private static let component = Bytes(utf8: "component")
    private static let ipv4 = Bytes(utf8: "ipv4")
    private static let ipv6 = Bytes(utf8: "ipv6")
    private static let port = Bytes(utf8: "port")
}
