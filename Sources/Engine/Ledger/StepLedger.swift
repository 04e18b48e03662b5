internal import Pipeline
internal import Telemetry

/// What went through one processor of one pipeline, over all lanes.
final class StepLedger: Sendable {
    let incoming: Counter
    let outgoing: Counter
    /// Items taken out on purpose, in the order of `Removal.allCases`.
    private let removed: [Counter]
    /// Items the next step refused for good after this step had accepted them.
    let rejected = Counter()
    /// Items that were still here when the time to stop was over.
    let lost = Counter()

    init(processor: ComponentID, signal: Signal, metrics: Metrics) {
        let labels: Metrics.Labels = [("otel_signal", signal.rawValue), ("processor", processor.description)]
        incoming = metrics.counter(
            "otelcol_processor_incoming_items", "Items passed to the processor.", labels: labels)
        outgoing = metrics.counter(
            "otelcol_processor_outgoing_items", "Items emitted from the processor.", labels: labels)
        removed = Removal.allCases.map { reason in
            metrics.counter(
                "apus_processor_removed_items", "Items the processor took out on purpose.",
                labels: labels + [("reason", reason.rawValue)])
        }
    }

    /// A ledger nobody reads, for what is accounted for elsewhere.
    init() {
        incoming = Counter()
        outgoing = Counter()
        removed = Removal.allCases.map { _ in Counter() }
    }

    func count(_ output: borrowing Output) {
        for batch in output.batches { outgoing.add(batch.itemCount) }
        for (reason, items) in output.removed { counter(of: reason).add(items) }
    }

    /// Items taken out for whatever reason.
    var removedItems: Int { removed.reduce(0) { $0 + $1.value } }

    private func counter(of reason: Removal) -> Counter {
        switch reason {
        case .filtered: removed[0]
        case .sampledOut: removed[1]
        case .expired: removed[2]
        }
    }
}
