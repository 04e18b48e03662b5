internal import Delivery
internal import Pipeline
internal import Synchronization
internal import Telemetry

/// The destinations that the last step of a pipeline feeds, and what it has handed them.
///
/// A pipeline gets a new tail whenever its destinations change, so what was handed over and what the
/// destinations have taken can be compared to the item: both began at the same moment.
final class PipelineTail: Sendable {
    let destinations: [(id: ComponentID, account: DeliveryAccount)]
    /// Items handed to the destinations; each of them got all of these.
    let emitted = Balance()
    private let closed = Atomic<Bool>(false)

    init(_ destinations: [(id: ComponentID, account: DeliveryAccount)]) {
        self.destinations = destinations
    }

    /// Notes what became of `items` that were handed over.
    func handed(_ receipt: Receipt, items: Int) {
        emitted.add(items)
        guard case .pending(let pending) = receipt else { return }
        pending.whenResolved { [emitted] refusal in
            if refusal != nil { emitted.add(-items) }
        }
    }

    /// Items that a destination's account cannot place.
    func unplaced(_ account: DeliveryAccount) -> Int {
        emitted.value - (account.offered - account.items(in: .refused))
    }

    /// Notes that nothing feeds the tail any more: the steps that led to it are gone, too.
    func close() { closed.store(true, ordering: .releasing) }

    /// Whether nothing more comes and every item has got to a place where it stays.
    var isSettled: Bool {
        closed.load(ordering: .acquiring)
            && destinations.allSatisfy { destination in
                [.waiting, .batching, .queued, .inFlight].allSatisfy {
                    destination.account.items(in: $0) == 0
                }
            }
    }
}

/// The end of the steps of a pipeline on one lane: what leaves it is counted here.
final class TailSink: Sink {
    private let next: any Sink
    private let tail: PipelineTail

    init(next: any Sink, tail: PipelineTail) {
        self.next = next
        self.tail = tail
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        let receipt = try next.consume(batch)
        tail.handed(receipt, items: items)
        return receipt
    }
}
