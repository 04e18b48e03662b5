internal import Telemetry
internal import Wire

/// Turns spans of version 2 into OTLP, as otelcol's translator of this name does.
///
/// Where that one loses something, this one keeps it: every span has the resource and the scope of its own
/// tags, texts that only look like packed events and links are names and attributes, and tags with a special
/// name whose value means nothing are attributes.
struct ZipkinTranslator {
    let parsesStringTags: Bool
    private var plan = ZipkinTagPlan()
    private var resource = EncodedAttributes()

    init(parsesStringTags: Bool) { self.parsesStringTags = parsesStringTags }

    /// Writes a span.
    mutating func write(_ span: ZipkinSpan, to builder: inout GroupedTracesBuilder) {
        plan.sort(span.tags)
        encodeResource(of: span)
        let scope = takeScope(span.tags)
        builder.span(of: resource, in: scope) { record in
            writeIdentity(span, to: record)
            writeStatus(span.tags, to: record)
            writeLinks(span.tags, to: record)
            for annotation in span.annotations { Self.write(annotation, to: record) }
            writeAttributes(of: span, to: record)
        }
    }

    // MARK: - Resource and scope

    private mutating func encodeResource(of span: ZipkinSpan) {
        let tags = span.tags.pairs
        resource.removeAll()
        let source = plan.take(.serviceSource).map { tags[$0].value } ?? .empty
        let name = span.local?.serviceName ?? .empty
        if !name.isEmpty, !name.isEqual(to: ZipkinNames.noService) {
            let key = source.isEmpty ? Self.serviceName : source
            // A tag of that name is said of the span itself, and goes before.
            if !plan.resource.contains(where: { tags[$0].key.isEqual(to: key) }) {
                resource.append(key: key, text: name)
            }
        }
        for place in plan.resource { resource.append(key: tags[place].key, text: tags[place].value) }
    }

    private mutating func takeScope(_ tags: ZipkinTags) -> EncodedScope {
        func value(_ place: Int?) -> Bytes? { place.map { tags.pairs[$0].value } }
        let (oldName, oldVersion) = (plan.take(.libraryName), plan.take(.libraryVersion))
        return EncodedScope(
            name: value(plan.take(.scopeName)) ?? value(oldName) ?? .empty,
            version: value(plan.take(.scopeVersion)) ?? value(oldVersion) ?? .empty)
    }

    // MARK: - Fields

    private mutating func writeIdentity(_ span: ZipkinSpan, to record: SpanBuilder) {
        let identity = span.identity
        let tags = span.tags.pairs
        record.traceID(identity.traceID)
        record.spanID(identity.id)
        if identity.parentID != identity.id { record.parentSpanID(identity.parentID) }
        if let place = plan.take(.traceState) { record.traceState(tags[place].value) }
        record.name(identity.name)
        record.writeTimes(of: identity)
        let kinds = [0, 3, 2, 4, 5]
        if span.kind != 0 {
            record.kind(kinds[span.kind])
        } else if let place = plan.place(of: .spanKind), tags[place].value.isEqual(to: "internal") {
            _ = plan.take(.spanKind)
            record.kind(1)
        }
        takeCount(.droppedAttributes, tags) { record.droppedAttributes($0) }
        takeCount(.droppedEvents, tags) { record.droppedEvents($0) }
        takeCount(.droppedLinks, tags) { record.droppedLinks($0) }
    }

    private mutating func takeCount(
        _ role: ZipkinTagRole, _ tags: [(key: Bytes, value: Bytes)], _ body: (UInt32) -> Void
    ) {
        guard let place = plan.place(of: role), let count = ZipkinText.count(tags[place].value) else {
            return
        }
        _ = plan.take(role)
        body(count)
    }

    private mutating func writeStatus(_ tags: ZipkinTags, to record: SpanBuilder) {
        var code: Int?
        var message = Bytes.empty
        if let place = plan.place(of: .statusCode), let found = Self.statusCode(tags.pairs[place].value) {
            code = found
            _ = plan.take(.statusCode)
            if let place = plan.take(.statusDescription) { message = tags.pairs[place].value }
        }
        if let place = plan.place(of: .error), tags.pairs[place].value.isEqual(to: "true") {
            code = 2
            _ = plan.take(.error)
        }
        if let code, code != 0 || !message.isEmpty { record.status(code, message: message) }
    }

    /// The code of a status: as otelcol writes it, as it did, as the specification of OpenTelemetry does.
    static func statusCode(_ text: Bytes) -> Int? {
        switch text.count <= 20 ? text.string : "" {
        case "Unset", "UNSET", "STATUS_CODE_UNSET", "0": 0
        case "Ok", "OK", "STATUS_CODE_OK", "1": 1
        case "Error", "ERROR", "STATUS_CODE_ERROR", "2": 2
        default: nil
        }
    }

    // MARK: - Links and events

    private mutating func writeLinks(_ tags: ZipkinTags, to record: SpanBuilder) {
        for place in plan.linkPlaces where !Self.writeLink(tags.pairs[place].value, to: record) {
            plan.keep(place)
        }
    }

    /// Writes a link: `TRACE|SPAN|STATE|{"key":"value"}|2`; false when the text is none.
    private static func writeLink(_ text: Bytes, to record: SpanBuilder) -> Bool {
        guard let packed = ZipkinPackedText(text) else { return false }
        let bars = (0..<packed.head.count).filter { packed.head[$0] == UInt8(ascii: "|") }
        guard bars.count >= 2,
            let trace = ZipkinText.id(packed.head[0..<bars[0]], digits: 32),
            let span = ZipkinText.id(packed.head[(bars[0] + 1)..<bars[1]], digits: 16)
        else { return false }
        let state = packed.head[(bars[1] + 1)..<packed.head.count]
        record.link(trace, span.low, traceState: state, droppedAttributes: packed.dropped) {
            ZipkinText.write(object: packed.attributes, to: $0)
        }
        return true
    }

    private static func write(_ annotation: ZipkinAnnotation, to record: SpanBuilder) {
        let time = annotation.time * 1000
        guard let packed = ZipkinPackedText(annotation.value) else {
            return record.event(annotation.value, time: time)
        }
        record.event(packed.head, time: time, droppedAttributes: packed.dropped) {
            ZipkinText.write(object: packed.attributes, to: $0)
        }
    }

    // MARK: - Attributes

    private mutating func writeAttributes(of span: ZipkinSpan, to record: SpanBuilder) {
        if span.identity.time == 0 {
            _ = plan.take(.startAbsent)
            record.attribute(Self.startAbsent) { $0.bool(true) }
        }
        write(span.local, address: .localAddress, port: .localPort, to: record)
        write(span.remote, address: .peerAddress, port: .peerPort, to: record)
        if let name = span.remote?.serviceName, !name.isEmpty {
            _ = plan.take(.peerService)
            record.attribute(Self.peerService) { $0.text(name) }
        }
        plan.keepRest()
        for place in plan.ordinary {
            let (key, value) = span.tags.pairs[place]
            record.attribute(key) { ZipkinText.write(value, isParsed: parsesStringTags, to: $0) }
        }
    }

    /// Writes what an endpoint says; it goes before tags of the same names.
    private mutating func write(
        _ endpoint: ZipkinEndpoint?, address: ZipkinTagRole, port: ZipkinTagRole, to record: SpanBuilder
    ) {
        guard let endpoint else { return }
        let isLocal = address == .localAddress
        if let text = endpoint.address {
            _ = plan.take(address)
            record.attribute(isLocal ? Self.localAddress : Self.peerAddress) { $0.text(text) }
        }
        if endpoint.port > 0 {
            _ = plan.take(port)
            record.attribute(isLocal ? Self.localPort : Self.peerPort) { $0.int(Int64(endpoint.port)) }
        }
    }

    static let serviceName = Bytes(utf8: ZipkinNames.serviceName)
    static let startAbsent = Bytes(utf8: ZipkinNames.startAbsent)
    static let localAddress = Bytes(utf8: ZipkinNames.localAddress)
    static let localPort = Bytes(utf8: ZipkinNames.localPort)
    static let peerAddress = Bytes(utf8: ZipkinNames.peerAddress)
    static let peerPort = Bytes(utf8: ZipkinNames.peerPort)
    static let peerService = Bytes(utf8: ZipkinNames.peerService)
}

extension SpanBuilder {
    /// Writes when a span began and ended; one without a time begins at 0.
    fileprivate func writeTimes(of identity: ZipkinIdentity) {
        if identity.time > 0 { startTime(identity.time * 1000) }
        let end = identity.time + identity.duration
        if end > 0 { endTime(end * 1000) }
    }
}

extension ZipkinEndpoint {
    /// The address, IPv6 before IPv4, as addresses are written; what is none is left as it is.
    var address: Bytes? {
        let text = ipv6.isEmpty ? ipv4 : ipv6
        guard !text.isEmpty else { return nil }
        guard let address = InternetAddress(text.string) else { return text }
        let canonical = Bytes(utf8: address.description)
        return canonical.isEqual(to: text) ? text : canonical
    }
}
