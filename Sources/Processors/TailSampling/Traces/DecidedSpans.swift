internal import Pipeline
internal import Telemetry

/// Collects what was decided in one call: what goes on, in batches of a reasonable size, and what is gone, by
/// rule.
///
/// What goes on is written together, request by request: traces that came in one request share its resources
/// and scopes again.
struct DecidedSpans {
    /// Bytes from which on what goes on is a batch of its own: 1 MiB.
    private static let batchSize = 1 << 20
    /// Bytes of spans after which they are written, so that their requests are not kept for longer: 8 MiB.
    private static let roundBytes = 8 << 20
    /// Spans about which is decided before other work of the event loop gets its turn.
    private static let roundSpans = 20_000
    private static let policyKey: AttributeKey = "tailsampling.policy"
    private static let partKey: AttributeKey = "tailsampling.composite_policy"
    private static let cachedKey: AttributeKey = "tailsampling.cached_decision"

    /// What scopes are told, if they are.
    private struct Mark: Hashable {
        let decision: TraceDecision
        let isCached: Bool
    }

    private struct Key: Hashable {
        let request: ObjectIdentifier
        let mark: Mark?
    }

    /// Spans of one chunk that are written together.
    private struct Group {
        let mark: Mark?
        let origin: Origin?
        var selection: SpanSelection
        var claims: [HeldClaim]
        /// Keeps the request counted until the spans are written.
        let request: HeldRequest
    }

    private let recordsPolicy: Bool
    private var groups: [Group] = []
    private var places: [Key: Int] = [:]
    /// Bytes of what is in groups.
    private var waitingBytes = 0
    private var ready = Batch(signal: .traces)
    private var batches: [Batch] = []
    private var gone: [String: Int] = [:]
    private var (spanCount, byteCount) = (0, 0)

    init(recordsPolicy: Bool) { self.recordsPolicy = recordsPolicy }

    /// Whether that is enough for one call.
    var isFull: Bool { spanCount >= Self.roundSpans || byteCount >= Self.roundBytes }

    /// Spans about whose trace was decided, now or, if they are `late`, before.
    mutating func add(_ parts: [HeldPart], _ decision: TraceDecision, late: KnownDecision? = nil) {
        guard decision.verdict == .sampled else {
            return remove(parts, rule: late == nil ? decision.rule : "late, \(decision.rule)")
        }
        let mark = recordsPolicy ? Mark(decision: decision, isCached: late?.isCached ?? false) : nil
        for part in parts { add(part, mark) }
        if waitingBytes >= Self.roundBytes { write() }
    }

    private mutating func add(_ part: HeldPart, _ mark: Mark?) {
        spanCount += part.portion.spanCount
        byteCount += part.portion.byteCount
        waitingBytes += part.portion.byteCount
        let key = Key(request: ObjectIdentifier(part.request), mark: mark)
        guard let place = places[key] else {
            places[key] = groups.count
            groups.append(
                Group(
                    mark: mark, origin: part.origin, selection: SpanSelection(part.portion),
                    claims: part.claims, request: part.request))
            return
        }
        groups[place].selection.add(part.portion)
        groups[place].claims.join(part.claims)
    }

    /// Spans that end here.
    mutating func remove(_ parts: [HeldPart], rule: String) {
        guard !parts.isEmpty else { return }
        spanCount += parts.spanCount
        gone[rule, default: 0] += parts.spanCount
    }

    /// Spans that end here although they might have been sampled: whoever waits for them is told.
    mutating func lose(_ parts: [HeldPart], rule: String, reason: String) {
        remove(parts, rule: rule)
        for part in parts { part.miss(.later(reason: reason, after: .seconds(1))) }
    }

    /// Writes what goes on, and lets go of the requests that it came in.
    mutating func write() {
        for var group in groups {
            group.selection.sort()
            let claims = group.claims.isEmpty ? [] : group.claims.on(Array(group.selection.ordinals))
            var batch = group.selection.batch(origin: group.origin, claims: claims)
            if let mark = group.mark { Self.record(mark, in: &batch) }
            ready.append(batch)
            if ready.byteCount >= Self.batchSize { finishBatch() }
        }
        groups = []
        places = [:]
        waitingBytes = 0
    }

    /// Hands everything to the engine.
    mutating func flush(into output: inout Output) {
        write()
        finishBatch()
        for batch in batches { output.emit(batch) }
        for (rule, spans) in gone.sorted(by: { $0.key < $1.key }) {
            output.remove(spans, .sampledOut, rule: rule)
        }
        batches = []
        gone = [:]
    }

    private mutating func finishBatch() {
        if ready.itemCount > 0 { batches.append(ready) }
        ready = Batch(signal: .traces)
    }

    private static func record(_ mark: Mark, in batch: inout Batch) {
        batch.rewrite(.scope) { scope in
            if let policy = mark.decision.policy { scope.set(policyKey, .string(policy)) }
            if let part = mark.decision.part { scope.set(partKey, .string(part)) }
            if mark.isCached { scope.set(cachedKey, .bool(true)) }
        }
    }
}

extension [HeldClaim] {
    /// Adds those of another part of the same chunk, each once.
    fileprivate mutating func join(_ others: [HeldClaim]) {
        for other in others {
            let isThere = contains {
                $0.claimant === other.claimant && $0.spans.lowerBound == other.spans.lowerBound
            }
            if !isThere { append(other) }
        }
    }
}
