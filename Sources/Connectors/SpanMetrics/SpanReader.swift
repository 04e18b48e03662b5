internal import Telemetry

/// Reads spans into blocks; belongs to one lane.
struct SpanReader {
    private let rules: SpanMetricsRules
    private let random: () -> Double
    private var block = SpanBlock()
    private var adjusted = AdjustedCount()
    private var hasService = false
    /// What the measures take from the resource.
    private var shared: [SpanDimensions.OfResource] = []
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
        shared = rules.measures.map { $0.dimensions.read(resource) }
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
        let fits = measure.dimensions.write(
            span, event: event, isAdjusted: weight.isAdjusted, shared[index], scope: scope,
            to: &block.dimensions)
        if !fits { block.dimensions.truncate(to: start) }
        let key = start..<block.dimensions.byteCount
        let hash = block.dimensions.bytes.withUnsafeBytes {
            SeriesHash.of(UnsafeRawBufferPointer(rebasing: $0[key]))
        }
        block.observations.append(
            SpanObservation(
                measure: index, key: key, isTooLong: !fits, hash: hash, nanoseconds: nanoseconds,
                weight: weight.count, ids: ids))
    }
}
