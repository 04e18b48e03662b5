internal import Delivery
internal import Pipeline

/// The conservation ledger of one pipeline: where every item is that it ever accepted.
///
/// `accepted = removed + held + rejected + lost + emitted`, and for each destination
/// `emitted = delivered + rejected + failed + expired + lost + overflowed + batching + queued + in flight`.
/// The terms are counted where they happen, so a sum that does not balance is a defect of Apus and is shown
/// as such.
final class PipelineLedger: Sendable {
    let id: PipelineID
    /// Items whose senders were told that they are accepted.
    let accepted = Counter()
    /// Items whose senders wait for their answer, and items that were answered after a wait.
    private let asked = Counter()
    private let answered = Counter()
    /// Items whose senders were told to keep them.
    let refused = Counter()
    /// Items refused here while other pipelines of the same receiver took them.
    let overflowed = Counter()
    let steps: [StepLedger]
    let destinations: [(id: ComponentID, account: DeliveryAccount)]

    init(id: PipelineID, steps: [StepLedger], destinations: [(id: ComponentID, account: DeliveryAccount)]) {
        self.id = id
        self.steps = steps
        self.destinations = destinations
    }

    /// Items that processors keep before a destination: what came in and has not ended or been handed over.
    ///
    /// After a stop it is 0; anything else means that the ledger and the pipeline disagree.
    func held(before account: DeliveryAccount) -> Int {
        let ended = steps.reduce(0) { $0 + $1.removedItems + $1.rejected.value + $1.lost.value }
        let waiting = asked.value - answered.value
        return accepted.value + waiting - ended - (account.offered - account.items(in: .refused))
    }

    /// Whether a processor of the pipeline may keep items.
    var mayHold: Bool { !steps.isEmpty }

    /// Publishes where the items of the pipeline are.
    func publish(in metrics: Metrics) {
        let pipeline: Metrics.Labels = [("pipeline", id.description)]
        metrics.observe(
            "apus_pipeline_accepted_items", "Items the pipeline has accepted.", kind: .counter,
            labels: pipeline
        ) { [weak self] in Double(self?.accepted.value ?? 0) }
        metrics.observe(
            "apus_pipeline_refused_items", "Items the pipeline has sent back.", kind: .counter,
            labels: pipeline
        ) { [weak self] in Double(self?.refused.value ?? 0) }
        for (destination, account) in destinations {
            let labels = pipeline + [("destination", destination.description)]
            metrics.observe("apus_pipeline_held_items", "Items that processors keep.", labels: labels) {
                [weak self] in
                Double(self?.held(before: account) ?? 0)
            }
            for place in DeliveryAccount.Place.allCases {
                metrics.observe(
                    "apus_delivery_items", "Items handed to a destination, by where they are.",
                    labels: labels + [("place", place.rawValue)]
                ) { [weak account] in Double(account?.items(in: place) ?? 0) }
            }
        }
    }

    func entered(_ receipt: Receipt, items: Int) {
        switch receipt {
        case .accepted:
            accepted.add(items)
        case .pending(let pending):
            asked.add(items)
            pending.whenResolved { [self] refusal in
                (refusal == nil ? accepted : refused).add(items)
                answered.add(items)
            }
        }
    }
}
