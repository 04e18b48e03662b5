internal import Delivery
internal import Pipeline
internal import Synchronization

/// The ledgers of all pipelines that run or have something left to deliver.
final class LedgerBook: Sendable {
    private let metrics: Metrics
    private let ledgers = Mutex<[PipelineID: PipelineLedger]>([:])

    init(metrics: Metrics) {
        self.metrics = metrics
    }

    /// The ledger of a pipeline, if there is one.
    func known(_ pipeline: PipelineID) -> PipelineLedger? { ledgers.withLock { $0[pipeline] } }

    /// Opens the ledgers of the pipelines that are new in `graph`, and notes where those of all lead to.
    func open(_ graph: Graph) {
        for ledger in graph.components.ledgers.values { open(ledger) }
        for (key, step) in graph.components.newSteps {
            graph.components.ledgers[key.pipeline]?.add(key.processor, step)
        }
        for (id, tail) in graph.components.tails {
            guard let ledger = graph.components.ledgers[id] else { continue }
            guard ledger.use(tail) else { continue }
            for destination in tail.destinations { publish(destination.id, of: ledger) }
        }
    }

    /// Takes a ledger in and publishes it, unless it is here already.
    func open(_ ledger: PipelineLedger) {
        let isNew = ledgers.withLock { $0.updateValue(ledger, forKey: ledger.id) == nil }
        if isNew { publish(ledger) }
    }

    /// All of them, by the id of their pipeline.
    var all: [PipelineLedger] {
        ledgers.withLock { Array($0.values) }.sorted { $0.id.description < $1.id.description }
    }

    /// Closes the ledger of a pipeline that is gone.
    func remove(_ pipeline: PipelineID) {
        _ = ledgers.withLock { $0.removeValue(forKey: pipeline) }
        metrics.remove(whereLabel: "pipeline", is: pipeline.description)
    }

    /// Publishes the places of a destination that a pipeline feeds now.
    private func publish(_ destination: ComponentID, of ledger: PipelineLedger) {
        let labels: Metrics.Labels = [
            ("pipeline", ledger.id.description), ("destination", destination.description),
        ]
        for place in DeliveryAccount.Place.allCases {
            metrics.observe(
                "apus_delivery_items", "Items handed to a destination, by where they are.",
                labels: labels + [("place", place.rawValue)]
            ) { [weak ledger] in Double(ledger?.items(in: place, of: destination) ?? 0) }
        }
    }

    private func publish(_ ledger: PipelineLedger) {
        let labels: Metrics.Labels = [("pipeline", ledger.id.description)]
        metrics.observe(
            "apus_pipeline_accepted_items", "Items the pipeline has accepted.", kind: .counter,
            labels: labels
        ) { [weak ledger] in Double(ledger?.accepted.value ?? 0) }
        metrics.observe(
            "apus_pipeline_refused_items", "Items the pipeline has sent back.", kind: .counter,
            labels: labels
        ) { [weak ledger] in Double(ledger?.refused.value ?? 0) }
        metrics.observe(
            "apus_pipeline_overflowed_items",
            "Items sent back whose senders had their answer all the same, since other pipelines took "
                + "what they were offered.",
            kind: .counter, labels: labels
        ) { [weak ledger] in Double(ledger?.overflowed.value ?? 0) }
        metrics.observe("apus_pipeline_held_items", "Items that processors keep.", labels: labels) {
            [weak ledger] in
            Double(ledger?.held ?? 0)
        }
    }
}
