internal import Telemetry

/// What one span, or one of its events, adds to a measure.
struct SpanObservation {
    /// Index of the measure.
    let measure: Int
    /// Where its dimensions are in the block.
    let key: Range<Int>
    let hash: UInt64
    let nanoseconds: UInt64
    /// How many spans it stands for.
    let weight: UInt64
    /// The trace and the span, when exemplars are wanted and the span says both.
    let ids: SpanIDs?
}

/// The ids of a span, as they are in memory.
struct SpanIDs {
    let trace: (UInt64, UInt64)
    let span: UInt64

    /// Reads the ids of a span; `nil` when it has no trace id.
    init?(_ span: Draft) {
        let trace = span.withData(1) { id -> (UInt64, UInt64) in
            guard id.count == 16 else { return (0, 0) }
            return (
                id.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
                id.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            )
        }
        guard trace != (0, 0) else { return nil }
        self.trace = trace
        self.span = span.withData(2) { id in
            id.count == 8 ? id.loadUnaligned(fromByteOffset: 0, as: UInt64.self) : 0
        }
    }
}

/// What a number of spans of one resource add: read beside the lock that guards the series.
struct SpanBlock {
    /// A block is handed over when it has so many observations, or so many bytes of dimensions.
    private static let limit = (observations: 256, bytes: 256 << 10)

    var resource = SpanResource()
    var dimensions = EncodedAttributes()
    var observations: [SpanObservation] = []

    var isFull: Bool {
        observations.count >= Self.limit.observations || dimensions.byteCount >= Self.limit.bytes
    }

    mutating func removeAll() {
        dimensions.removeAll()
        observations.removeAll(keepingCapacity: true)
    }
}

/// A resource, and what makes it out.
struct SpanResource {
    /// The attributes that make it out, in the order of their names.
    var key: [UInt8] = []
    /// All of its attributes, as metrics show them.
    var attributes = EncodedAttributes()

    init() {}

    init(_ draft: Draft, keys: Set<String>?) {
        var parts: [(name: String, bytes: [UInt8])] = []
        draft.forEachAttribute { key, value in
            var attribute = EncodedAttributes()
            attribute.append(key: key, value)
            attributes.append(attribute)
            let name = String(decoding: key, as: UTF8.self)
            if keys?.contains(name) ?? true { parts.append((name, attribute.bytes)) }
        }
        for part in parts.sorted(by: { $0.name < $1.name }) { key += part.bytes }
    }
}

/// Reads spans into blocks; belongs to one lane.
struct SpanReader {
    private let rules: SpanMetricsRules
    private let random: () -> Double
    private var block = SpanBlock()
    private var adjusted = AdjustedCount()
    private var hasService = false
    private var prefixes: [EncodedAttributes] = []
    private var scope = EncodedAttributes()
    /// Of the span that was read last, for its events.
    private var weight: (count: UInt64, isAdjusted: Bool) = (1, false)
    private var ids: SpanIDs?
    private var nanoseconds: UInt64 = 0
    /// Spans of resources without a service name.
    private(set) var skipped = 0

    init(_ rules: SpanMetricsRules, random: @escaping () -> Double) {
        self.rules = rules
        self.random = random
    }

    private var places: Places {
        var places: Places = [.resource, .record]
        if rules.measures.contains(where: { $0.isOfEvents }) { places.insert(.event) }
        if !rules.scopes.isEmpty { places.insert(.scope) }
        return places
    }

    /// Reads a batch and hands over its blocks.
    mutating func read(_ batch: Batch, _ take: (SpanBlock) -> Void) {
        skipped = 0
        var batch = batch
        batch.rewrite(places) { draft in
            switch draft.kind {
            case .resource:
                handOver(take)
                begin(draft)
            case .scope: beginScope(draft)
            case .span: count(draft, take)
            case .event: count(event: draft, take)
            default: break
            }
        }
        handOver(take)
    }

    private mutating func handOver(_ take: (SpanBlock) -> Void) {
        guard !block.observations.isEmpty else { return }
        take(block)
        block.removeAll()
    }

    private mutating func begin(_ resource: Draft) {
        hasService = resource.has(SpanDimensions.serviceName)
        guard hasService else { return }
        prefixes = rules.measures.map { $0.dimensions.prefix(of: resource) }
        scope = EncodedAttributes()
        block.resource =
            rules.keepsResources ? SpanResource(resource, keys: rules.resourceKeys) : SpanResource()
    }

    private mutating func beginScope(_ draft: Draft) {
        scope = EncodedAttributes()
        let name = draft.text(1)
        guard !name.isEmpty, rules.scopes.contains(name) else { return }
        scope = .text("span.instrumentation.scope.name", name)
        let version = draft.text(2)
        if !version.isEmpty { scope.append(.text("span.instrumentation.scope.version", version)) }
    }

    private mutating func count(_ span: Draft, _ take: (SpanBlock) -> Void) {
        guard hasService else {
            skipped += 1
            return
        }
        let (start, end) = (span.bits(7), span.bits(8))
        nanoseconds = end > start ? end - start : 0
        ids = rules.exemplars > 0 ? SpanIDs(span) : nil
        weight = span.withData(3) { adjusted.of($0, random: random) }
        for (index, measure) in rules.measures.enumerated() where !measure.isOfEvents {
            add(span, event: nil, measure, index)
        }
        if block.isFull { handOver(take) }
    }

    private mutating func count(event: Draft, _ take: (SpanBlock) -> Void) {
        guard hasService, let span = event.parent, let index = rules.measures.indices.last else { return }
        add(span, event: event, rules.measures[index], index)
        if block.isFull { handOver(take) }
    }

    private mutating func add(
        _ span: Draft, event: Draft?, _ measure: SpanMetricsRules.Measure, _ index: Int
    ) {
        let start = block.dimensions.byteCount
        measure.dimensions.write(
            span, event: event, isAdjusted: weight.isAdjusted, prefix: prefixes[index], scope: scope,
            to: &block.dimensions)
        let key = start..<block.dimensions.byteCount
        let hash = block.dimensions.bytes.withUnsafeBytes {
            SeriesHash.of(UnsafeRawBufferPointer(rebasing: $0[key]))
        }
        block.observations.append(
            SpanObservation(
                measure: index, key: key, hash: hash, nanoseconds: nanoseconds, weight: weight.count, ids: ids
            ))
    }
}
