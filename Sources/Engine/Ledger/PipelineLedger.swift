internal import Delivery
internal import Pipeline

/// The conservation ledger of one pipeline: where every item is that it ever accepted.
///
/// `accepted = removed + held + rejected + lost + emitted`, and for each destination
/// `emitted = delivered + rejected + failed + expired + lost + overflowed + queued + in flight`. The terms
/// are counted where they happen, so a sum that does not balance is a defect of Apus and is shown as such.
final class PipelineLedger: Sendable {
    let id: PipelineID
    /// Items whose senders were told that they are accepted.
    let accepted = Counter()
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

    func entered(_ receipt: Receipt, items: Int) {
        switch receipt {
        case .accepted:
            accepted.add(items)
        case .pending(let pending):
            pending.whenResolved { [self] refusal in (refusal == nil ? accepted : refused).add(items) }
        }
    }
}
