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
    /// Bytes of the dimensions of a span; what has more is counted in the overflow.
    static let keyLimit = 64 << 10

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

    /// What all spans of a resource have in common, read once.
    struct OfResource {
        /// What comes first in every key.
        fileprivate var prefix = EncodedAttributes()
        /// What stands for each named dimension that a span lacks; `nil` where that is too long for a key.
        fileprivate var named: [EncodedAttributes?] = []
        fileprivate var matches = GlobMatches()
        /// The same as attributes, for spans that have no matches of their own.
        fileprivate var matching = EncodedAttributes()
        fileprivate var isTooLong = false
    }

    /// Reads what spans take from their resource.
    func read(_ resource: Draft) -> OfResource {
        var shared = OfResource()
        if hasServiceName {
            let fits = resource.withAttribute(Self.serviceName) {
                shared.prefix.append(Self.serviceName, $0, upTo: Self.keyLimit)
            }
            if fits == false { shared.isTooLong = true }
        }
        shared.prefix.append(instance)
        shared.named = named.map { dimension in
            var value = EncodedAttributes()
            let fits = resource.withAttribute(dimension.key) {
                value.append(dimension.key, $0, upTo: Self.keyLimit)
            }
            return fits.map { $0 ? value : nil } ?? dimension.standIn
        }
        collect(resource, into: &shared.matches)
        shared.matches.sort()
        for (_, attribute) in shared.matches.list { shared.matching.append(attribute) }
        shared.isTooLong = shared.isTooLong || shared.matches.areTooMany
        return shared
    }

    /// Writes the dimensions of a span, or of one of its events, in the order that makes them a key; `false`
    /// when they are longer than `keyLimit`, and then a part of them was written.
    func write(
        _ span: Draft, event: Draft?, isAdjusted: Bool, _ resource: OfResource, scope: EncodedAttributes,
        to list: inout EncodedAttributes
    ) -> Bool {
        guard !resource.isTooLong else { return false }
        let end = list.byteCount + Self.keyLimit
        guard list.append(resource.prefix, upTo: end) else { return false }
        if hasSpanName {
            guard span.withData(5, { list.append(Self.spanName, text: $0, upTo: end) }) else { return false }
        }
        let (kind, code) = (span.bits(6), span.withData(15) { Self.statusCode($0) })
        if kind < kinds.count { list.append(kinds[Int(kind)]) }
        if code < codes.count { list.append(codes[Int(code)]) }
        guard list.append(scope, upTo: end) else { return false }
        if !sampling.isEmpty { list.append(sampling[isAdjusted ? 1 : 0]) }
        for (dimension, common) in zip(named, resource.named) {
            let fits =
                span.withAttribute(dimension.key) { list.append(dimension.key, $0, upTo: end) }
                ?? event?.withAttribute(dimension.key) { list.append(dimension.key, $0, upTo: end) }
                ?? common.map { list.append($0, upTo: end) } ?? false
            guard fits else { return false }
        }
        return globs.isEmpty || writeMatches(span, event, resource, upTo: end, to: &list)
    }

    /// Writes the attributes that a glob matches, in the order of their names: the same attributes in
    /// another order are the same series.
    private func writeMatches(
        _ span: Draft, _ event: Draft?, _ resource: OfResource, upTo end: Int,
        to list: inout EncodedAttributes
    ) -> Bool {
        var own = GlobMatches()
        collect(span, into: &own)
        if let event { collect(event, into: &own) }
        guard !own.areTooMany else { return false }
        guard !own.list.isEmpty else { return list.append(resource.matching, upTo: end) }
        own.sort()
        var rest = resource.matches.list[...]
        for (name, attribute) in own.list {
            while let first = rest.first, first.name <= name {
                rest.removeFirst()
                guard first.name == name || list.append(first.attribute, upTo: end) else { return false }
            }
            guard list.append(attribute, upTo: end) else { return false }
        }
        return rest.allSatisfy { list.append($0.attribute, upTo: end) }
    }

    /// Adds the attributes of a draft that a glob matches.
    private func collect(_ draft: Draft, into matches: inout GlobMatches) {
        guard !globs.isEmpty else { return }
        draft.forEachAttribute { key, value in
            guard !matches.areTooMany else { return }
            let name = String(decoding: key, as: UTF8.self)
            guard !taken.contains(name), globs.contains(where: { $0.matches(name) }) else { return }
            matches.add(name, key, value)
        }
    }

    /// The code of a Status (trace.v1).
    private static func statusCode(_ status: UnsafeRawBufferPointer) -> UInt64 {
        guard !status.isEmpty else { return 0 }
        // Nearly all encoders write a status without a message as its code alone.
        if status.count == 2, status[0] == 0x18 { return UInt64(status[1]) }
        return WireMessage(Bytes(copying: status)).unsigned(3)
    }
}

/// Attributes that globs match, the first of each name.
private struct GlobMatches {
    /// So many belong to one key at most.
    private static let limit = 512

    private(set) var list: [(name: String, attribute: EncodedAttributes)] = []
    private var names: Set<String> = []
    private var byteCount = 0
    /// Whether they are too many, or too long, for a key.
    private(set) var areTooMany = false

    mutating func add(_ name: String, _ key: UnsafeRawBufferPointer, _ value: LentValue) {
        guard !names.contains(name) else { return }
        byteCount += key.count + value.memory.count
        guard byteCount <= SpanDimensions.keyLimit, list.count < Self.limit else {
            areTooMany = true
            return
        }
        var attribute = EncodedAttributes()
        attribute.append(key: key, value)
        names.insert(name)
        list.append((name, attribute))
    }

    /// Puts them in the order of their names.
    mutating func sort() { list.sort { $0.name < $1.name } }
}

extension EncodedAttributes {
    /// One attribute that is a text.
    static func text(_ key: String, _ text: String) -> EncodedAttributes {
        var list = EncodedAttributes()
        list.append(AttributeKey(key), .string(text))
        return list
    }

    /// Adds attributes if there are `end` bytes at most then; returns whether it did.
    fileprivate mutating func append(_ other: EncodedAttributes, upTo end: Int) -> Bool {
        guard byteCount + other.byteCount <= end else { return false }
        append(other)
        return true
    }

    /// Likewise one attribute, without the few bytes of lengths around it.
    fileprivate mutating func append(_ key: AttributeKey, _ value: LentValue, upTo end: Int) -> Bool {
        guard byteCount + key.name.utf8.count + value.memory.count <= end else { return false }
        append(key, value)
        return true
    }

    fileprivate mutating func append(
        _ key: AttributeKey, text: UnsafeRawBufferPointer, upTo end: Int
    ) -> Bool {
        guard byteCount + key.name.utf8.count + text.count <= end else { return false }
        append(key, text: text)
        return true
    }
}
