internal import Pipeline
internal import Synchronization
internal import Telemetry

/// What went through one processor of one pipeline, over all lanes.
final class StepLedger: Sendable {
    let incoming: SeriesCounter
    let outgoing: SeriesCounter
    /// Items made of others.
    private let added: SeriesCounter
    /// Items taken out on purpose, in the order of `Removal.allCases`.
    private let removed: [SeriesCounter]
    /// The same items by rule, where a processor named one: made with the first item of the rule, then kept.
    private let removedByRule = Mutex<[Rule: Counter]>([:])
    private let makeCounter: @Sendable (Rule) -> Counter
    /// Items the next step refused for good after this step had accepted them.
    let rejected = Counter()
    /// Items that were still here when the time to stop was over.
    let lost = Counter()

    init(processor: ComponentID, signal: Signal, metrics: Metrics) {
        let labels: Metrics.Labels = [("otel_signal", signal.rawValue), ("processor", processor.description)]
        incoming = SeriesCounter(
            metrics.counter(
                "otelcol_processor_incoming_items", "Items passed to the processor.", labels: labels))
        outgoing = SeriesCounter(
            metrics.counter(
                "otelcol_processor_outgoing_items", "Items emitted from the processor.", labels: labels))
        added = SeriesCounter(
            metrics.counter(
                "apus_processor_added_items", "Items the processor made of others.", labels: labels))
        removed = Removal.allCases.map { reason in
            SeriesCounter(
                metrics.counter(
                    "apus_processor_removed_items", "Items the processor took out on purpose.",
                    labels: labels + [("reason", reason.rawValue)]))
        }
        makeCounter = { rule in
            metrics.counter(
                "apus_processor_removed_items_by_rule",
                "Items the processor took out on purpose, by its rule.",
                labels: labels + [("reason", rule.reason.rawValue), ("rule", rule.name)])
        }
    }

    /// A ledger nobody reads, for what is accounted for elsewhere.
    init() {
        incoming = SeriesCounter(Counter())
        outgoing = SeriesCounter(Counter())
        added = SeriesCounter(Counter())
        removed = Removal.allCases.map { _ in SeriesCounter(Counter()) }
        makeCounter = { _ in Counter() }
    }

    /// What one call has made of a batch.
    struct Tally: Sendable {
        let outgoing: Int
        let added: Int
        let removed: [(reason: Removal, rule: String?, items: Int)]

        init(_ output: borrowing Output) {
            outgoing = output.batches.reduce(0) { $0 + $1.itemCount }
            added = output.added
            removed = output.removed
        }
    }

    func count(_ output: borrowing Output) { count(Tally(output)) }

    func count(_ tally: Tally) {
        if tally.outgoing > 0 { outgoing.add(tally.outgoing) }
        if tally.added > 0 { added.add(tally.added) }
        for (reason, rule, items) in tally.removed {
            counter(of: reason).add(items)
            if let rule { counter(of: Rule(reason: reason, name: rule)).add(items) }
        }
    }

    /// Items taken out, by reason.
    var removedByReason: [Removal: Int] {
        Dictionary(uniqueKeysWithValues: zip(Removal.allCases, removed.map { $0.value }))
    }

    /// Items that have come in and will not go out, less those that were added here.
    var ended: Int { removed.reduce(0) { $0 + $1.value } + rejected.value + lost.value - added.value }

    /// What a processor has against items; rules come from configurations and from code, so there are few.
    private struct Rule: Hashable {
        let reason: Removal
        let name: String
    }

    private func counter(of rule: Rule) -> Counter {
        removedByRule.withLock { counters in
            if let counter = counters[rule] { return counter }
            let counter = makeCounter(rule)
            counters[rule] = counter
            return counter
        }
    }

    private func counter(of reason: Removal) -> SeriesCounter {
        switch reason {
        case .filtered: removed[0]
        case .sampledOut: removed[1]
        case .expired: removed[2]
        }
    }
}

/// A count of one place that also adds to a published series, which several places may share.
struct SeriesCounter: Sendable {
    private let own = Counter()
    private let series: Counter

    init(_ series: Counter) { self.series = series }

    func add(_ amount: Int) {
        own.add(amount)
        series.add(amount)
    }

    /// The count of this place alone.
    var value: Int { own.value }
}
