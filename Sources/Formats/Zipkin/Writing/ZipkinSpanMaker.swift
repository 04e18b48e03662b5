internal import Telemetry
internal import Wire

/// What the spans of one resource and scope have in common.
struct ZipkinSurroundings {
    /// The name of the service; not empty.
    let serviceName: String
    /// Tags of all its spans: the attributes of the resource, and of the scope.
    let tags: [(key: String, value: String)]
    /// Bytes of the texts of all tags.
    let byteCount: Int

    private init(serviceName: String, tags: [(key: String, value: String)]) {
        self.serviceName = serviceName
        self.tags = tags
        byteCount = tags.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }

    init(_ resource: ResourceView, defaultServiceName: String) {
        var list = ZipkinTagList()
        for attribute in resource.attributes { list.set(attribute.key, attribute.value.text) }
        var name: String?
        for key in [ZipkinNames.serviceName] + ZipkinNames.serviceSources {
            guard let value = list[key], !value.isEmpty else { continue }
            name = value
            list.remove(key)
            if key != ZipkinNames.serviceName { list.set(ZipkinNames.serviceSource, key) }
            break
        }
        self.init(serviceName: name ?? defaultServiceName, tags: list.all)
    }

    /// The same with a scope.
    func inside(_ scope: ScopeView) -> ZipkinSurroundings {
        var list = ZipkinTagList(over: tags)
        for attribute in scope.attributes { list.set(attribute.key, attribute.value.text) }
        let (name, version) = (scope.name, scope.version)
        if !name.isEmpty { list.set(ZipkinNames.scopeName, name) }
        if !version.isEmpty { list.set(ZipkinNames.scopeVersion, version) }
        return ZipkinSurroundings(serviceName: serviceName, tags: list.all)
    }
}

/// Makes a span of Zipkin of one of OTLP, as otelcol's translator of this name does.
struct ZipkinSpanMaker {
    private let span: SpanView
    private let surroundings: ZipkinSurroundings
    private var tags: ZipkinTagList

    init(_ span: SpanView, in surroundings: ZipkinSurroundings) {
        self.span = span
        self.surroundings = surroundings
        tags = ZipkinTagList(over: surroundings.tags)
    }

    /// The span; `nil` when it has no ids, without which nobody could take it.
    mutating func make() -> ZipkinOutgoingSpan? {
        let trace = span.traceID.withUnsafeBytes { TraceID($0) }
        let id = Self.id(span.spanID)
        guard trace.high != 0 || trace.low != 0, id != 0 else { return nil }
        var result = ZipkinOutgoingSpan(traceID: trace, id: id, parentID: Self.id(span.parentSpanID))
        result.name = span.name
        for attribute in span.attributes { tags.set(attribute.key, attribute.value.text) }
        setTimes(&result)
        setKind(&result)
        setEndpoints(&result)
        setStatus()
        setLinks()
        setCounts()
        result.annotations = span.events.map { (Self.microseconds($0.time), Self.text(of: $0)) }
        result.tags = tags.all
        return result
    }

    private static func id(_ bytes: Bytes) -> UInt64 {
        bytes.count == 8 ? (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[$1]) } : 0
    }

    // MARK: - Fields

    private static func microseconds(_ nanoseconds: UInt64) -> UInt64 {
        nanoseconds / 1000 + (nanoseconds % 1000 >= 500 ? 1 : 0)
    }

    private mutating func setTimes(_ result: inout ZipkinOutgoingSpan) {
        let (start, end) = (span.startTime, span.endTime)
        result.time = Self.microseconds(start)
        // That there is no time says the same.
        if result.time == 0 { tags.remove(ZipkinNames.startAbsent) }
        // Durations below a microsecond are rounded up, since 0 is none.
        if end > start { result.duration = max((end - start) / 1000, 1) }
    }

    private mutating func setKind(_ result: inout ZipkinOutgoingSpan) {
        switch span.kind {
        case 1: tags.set(ZipkinNames.spanKind, "internal")
        case 2: result.kind = 2
        case 3: result.kind = 1
        case 4: result.kind = 3
        case 5: result.kind = 4
        default: break
        }
        let state = span.traceState
        if !state.isEmpty { tags.set(ZipkinNames.traceState, state) }
    }

    private mutating func setEndpoints(_ result: inout ZipkinOutgoingSpan) {
        var local = ZipkinOutgoingEndpoint(serviceName: surroundings.serviceName)
        local.address = takeAddress(ZipkinNames.localAddresses)
        local.port = takePort(ZipkinNames.localPorts)
        result.local = local
        var remote = ZipkinOutgoingEndpoint()
        if let key = ZipkinNames.peerServices.first(where: { tags[$0]?.isEmpty == false }) {
            remote.serviceName = tags[key] ?? ""
            tags.remove(key)
        }
        remote.address = takeAddress(ZipkinNames.peerAddresses)
        // A port alone is no endpoint; it stays a tag.
        guard !remote.serviceName.isEmpty || remote.address != nil else { return }
        remote.port = takePort(ZipkinNames.peerPorts)
        result.remote = remote
    }

    /// Takes the first of some tags that is an address.
    private mutating func takeAddress(_ keys: [String]) -> InternetAddress? {
        for key in keys {
            guard let address = tags[key].flatMap({ InternetAddress($0) }) else { continue }
            tags.remove(key)
            return address
        }
        return nil
    }

    /// Takes the first of some tags that is a port; 0 when none is.
    private mutating func takePort(_ keys: [String]) -> UInt16 {
        for key in keys {
            guard let port = tags[key].flatMap({ UInt16($0) }), port > 0 else { continue }
            tags.remove(key)
            return port
        }
        return 0
    }

    private mutating func setStatus() {
        let status = span.status
        let code = status?.code ?? 0
        // Zipkin takes a span with this tag for a failed one, whatever the tag says.
        let error = tags[ZipkinNames.error] ?? ""
        if error.isEmpty || error == "true" || error == "false" {
            if code == 2 { tags.set(ZipkinNames.error, "true") } else { tags.remove(ZipkinNames.error) }
        }
        guard code == 1 || code == 2 else { return }
        tags.set(ZipkinNames.statusCode, code == 1 ? "Ok" : "Error")
        if let text = status?.text, !text.isEmpty { tags.set(ZipkinNames.statusDescription, text) }
    }

    private mutating func setLinks() {
        for (index, link) in span.links.enumerated() {
            let ids = "\(Hexadecimal.text(of: link.traceID.array))|\(Hexadecimal.text(of: link.spanID.array))"
            let attributes = Self.json(link.attributes)
            tags.set(
                "\(ZipkinNames.linkPrefix)\(index)",
                "\(ids)|\(link.traceState)|\(attributes)|\(link.droppedAttributesCount)")
        }
    }

    private mutating func setCounts() {
        let counts = [
            (ZipkinNames.droppedAttributes, span.droppedAttributesCount),
            (ZipkinNames.droppedEvents, span.droppedEventsCount),
            (ZipkinNames.droppedLinks, span.droppedLinksCount),
        ]
        for (key, count) in counts where count > 0 { tags.set(key, String(count)) }
    }

    // MARK: - Lists of attributes as text

    private static func text(of event: EventView) -> String {
        let dropped = event.droppedAttributesCount
        let attributes = event.attributes
        guard dropped > 0 || attributes.first != nil else { return event.name }
        return "\(event.name)|\(json(attributes))|\(dropped)"
    }

    /// One JSON object, with sorted keys.
    private static func json(_ attributes: Messages<KeyValueView>) -> String {
        var members: [String: String] = [:]
        for attribute in attributes { members[attribute.key] = json(attribute.value) }
        let keys = members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let list = keys.map { "\(JSONText.quoted($0, forWeb: true)):\(members[$0] ?? "null")" }
        return "{\(list.joined(separator: ","))}"
    }

    private static func json(_ value: AnyValueView) -> String {
        switch value.content {
        case .empty, .stringIndex: "null"
        case .bool, .int, .array, .keyValues: value.text
        case .double(let double) where double.isFinite: value.text
        case .string, .double, .bytes: JSONText.quoted(value.text, forWeb: true)
        }
    }
}
