internal import Patterns
internal import Pipeline
internal import Telemetry
internal import Wire

/// The dimensions that a metric is made of, ready to be written for each span.
struct SpanDimensions: Sendable {
    /// Names of the dimensions that come by themselves.
    static let ownNames = ["service.name", "span.name", "span.kind", "status.code", "collector.instance.id"]
    static let serviceName: AttributeKey = "service.name"
    private static let spanName: AttributeKey = "span.name"

    /// An attribute and what stands in its place.
    private struct Named: Sendable {
        let key: AttributeKey
        let standIn: EncodedAttributes
    }

    private let hasSpanName: Bool
    private let hasServiceName: Bool
    /// By number; empty where the dimension is excluded or the number has no name.
    private let kinds: [EncodedAttributes]
    private let codes: [EncodedAttributes]
    private let instance: EncodedAttributes
    private let sampling: [EncodedAttributes]
    private let named: [Named]
    private let globs: [Glob]
    /// Names that globs need not add again.
    private let taken: Set<String>

    init(
        _ settings: [DimensionSettings], excluding excluded: Set<String>, instanceID: String,
        showsSampling: Bool
    ) throws(PatternError) {
        func own(_ name: String, _ values: [String]) -> [EncodedAttributes] {
            values.map { excluded.contains(name) || $0.isEmpty ? .init() : .text(name, $0) }
        }
        hasServiceName = !excluded.contains("service.name")
        hasSpanName = !excluded.contains("span.name")
        kinds = own(
            "span.kind",
            ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"].map { "SPAN_KIND_" + $0 })
        codes = own("status.code", ["UNSET", "OK", "ERROR"].map { "STATUS_CODE_" + $0 })
        instance = own("collector.instance.id", [instanceID])[0]
        sampling = showsSampling ? own("sampling.method", ["counted", "extrapolated"]) : []
        named = settings.compactMap { dimension in
            dimension.name.map { name in
                Named(
                    key: AttributeKey(name),
                    standIn: dimension.defaultValue.map { .text(name, $0) } ?? .init())
            }
        }
        var globs: [Glob] = []
        for pattern in settings.compactMap({ $0.glob }) { globs.append(try Glob(pattern)) }
        self.globs = globs
        taken = Set(Self.ownNames + named.map { $0.key.name })
    }

    /// What all spans of a resource have in common.
    func prefix(of resource: Draft) -> EncodedAttributes {
        var prefix = EncodedAttributes()
        if hasServiceName {
            _ = resource.withAttribute(Self.serviceName) { prefix.append(Self.serviceName, $0) }
        }
        prefix.append(instance)
        return prefix
    }

    /// Writes the dimensions of a span, or of one of its events, after `prefix` and `scope`.
    func write(
        _ span: Draft, event: Draft?, isAdjusted: Bool, prefix: EncodedAttributes, scope: EncodedAttributes,
        to list: inout EncodedAttributes
    ) {
        list.append(prefix)
        if hasSpanName { span.withData(5) { list.append(Self.spanName, text: $0) } }
        let (kind, code) = (span.bits(6), span.withData(15) { Self.statusCode($0) })
        if kind < kinds.count { list.append(kinds[Int(kind)]) }
        if code < codes.count { list.append(codes[Int(code)]) }
        list.append(scope)
        if !sampling.isEmpty { list.append(sampling[isAdjusted ? 1 : 0]) }
        let resource = span.resource
        for dimension in named {
            if span.withAttribute(dimension.key, { list.append(dimension.key, $0) }) != nil { continue }
            if event?.withAttribute(dimension.key, { list.append(dimension.key, $0) }) != nil { continue }
            if resource.withAttribute(dimension.key, { list.append(dimension.key, $0) }) != nil { continue }
            list.append(dimension.standIn)
        }
        if !globs.isEmpty { writeMatching([span, event, resource].compactMap { $0 }, to: &list) }
    }

    /// Writes the attributes that a glob matches, in the order of their names: the same attributes in
    /// another order are the same series.
    private func writeMatching(_ drafts: [Draft], to list: inout EncodedAttributes) {
        var found: [(name: String, attribute: EncodedAttributes)] = []
        for draft in drafts {
            draft.forEachAttribute { key, value in
                let name = String(decoding: key, as: UTF8.self)
                guard !taken.contains(name), !found.contains(where: { $0.name == name }),
                    globs.contains(where: { $0.matches(name) })
                else { return }
                var attribute = EncodedAttributes()
                attribute.append(key: key, value)
                found.append((name, attribute))
            }
        }
        for (_, attribute) in found.sorted(by: { $0.name < $1.name }) { list.append(attribute) }
    }

    /// The code of a Status (trace.v1).
    private static func statusCode(_ status: UnsafeRawBufferPointer) -> UInt64 {
        guard !status.isEmpty else { return 0 }
        // Nearly all encoders write a status without a message as its code alone.
        if status.count == 2, status[0] == 0x18 { return UInt64(status[1]) }
        return WireMessage(Bytes(copying: status)).unsigned(3)
    }
}

extension EncodedAttributes {
    /// One attribute that is a text.
    static func text(_ key: String, _ text: String) -> EncodedAttributes {
        var list = EncodedAttributes()
        list.append(AttributeKey(key), .string(text))
        return list
    }
}
