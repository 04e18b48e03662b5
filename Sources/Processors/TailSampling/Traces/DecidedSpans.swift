internal import Pipeline
internal import Telemetry

/// Collects what was decided in one call: what goes on, in batches of a reasonable size, and what is gone, by
/// rule.
struct DecidedSpans {
    /// Bytes from which on what goes on is a batch of its own: 1 MiB.
    private static let batchSize = 1 << 20
    private static let policyKey: AttributeKey = "tailsampling.policy"
    private static let partKey: AttributeKey = "tailsampling.composite_policy"
    private static let cachedKey: AttributeKey = "tailsampling.cached_decision"

    let recordsPolicy: Bool
    private var ready = Batch(signal: .traces)
    private var batches: [Batch] = []
    private var gone: [String: Int] = [:]
    private(set) var spanCount = 0

    init(recordsPolicy: Bool) { self.recordsPolicy = recordsPolicy }

    /// Spans about whose trace was decided, now or, if they are `late`, before.
    mutating func add(_ parts: [HeldPart], _ decision: TraceDecision, late: KnownDecision? = nil) {
        guard !parts.isEmpty else { return }
        guard decision.verdict == .sampled else {
            return remove(parts, rule: late == nil ? decision.rule : "late, \(decision.rule)")
        }
        var batch = parts.batch
        if recordsPolicy { record(decision, isCached: late?.isCached ?? false, in: &batch) }
        spanCount += batch.itemCount
        ready.append(batch)
        if ready.byteCount >= Self.batchSize { finishBatch() }
    }

    /// Spans that end here.
    mutating func remove(_ parts: [HeldPart], rule: String) {
        spanCount += parts.spanCount
        gone[rule, default: 0] += parts.spanCount
    }

    /// Spans that end here although they might have been sampled: whoever waits for them is told.
    mutating func lose(_ parts: [HeldPart], rule: String, reason: String) {
        remove(parts, rule: rule)
        for part in parts { part.claims.miss(.later(reason: reason, after: .seconds(1))) }
    }

    /// Hands everything to the engine.
    mutating func flush(into output: inout Output) {
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

    private func record(_ decision: TraceDecision, isCached: Bool, in batch: inout Batch) {
        batch.rewrite(.scope) { scope in
            if let policy = decision.policy { scope.set(Self.policyKey, .string(policy)) }
            if let part = decision.part { scope.set(Self.partKey, .string(part)) }
            if isCached { scope.set(Self.cachedKey, .bool(true)) }
        }
    }
}
