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
    /// Items of those that the pipeline has not accepted: one destination took them and another refused them
    /// late, so their senders were told to keep them.
    let divided = Balance()
    /// Items that a destination has refused while the answers of others are open.
    private let undecided: [ObjectIdentifier: Balance]
    private let closed = Atomic<Bool>(false)

    init(_ destinations: [(id: ComponentID, account: DeliveryAccount)]) {
        self.destinations = destinations
        undecided = Dictionary(
            destinations.map { (ObjectIdentifier($0.account), Balance()) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Notes what became of `items` that were handed over.
    func handed(_ receipt: Receipt, items: Int) {
        emitted.add(items)
        guard case .pending(let pending) = receipt else { return }
        pending.whenResolved { [emitted] refusal in
            if refusal != nil { emitted.add(-items) }
        }
    }

    /// What the destinations of one batch said before the call returned.
    struct Early {
        let refused: [DeliveryAccount]
        /// Whether another one has taken it.
        let isTaken: Bool
        /// Items of senders that hear of each refusal from their claims.
        let returned: Int
    }

    /// The answer of all destinations to a batch of `items`, when those that come late are there.
    ///
    /// Until then its sender knows nothing, so what was refused waits. When some have it and others refuse it
    /// late, its sender is told that it was refused and still has it: for the ledger it was handed over and
    /// given back by those that refused it.
    func answer(
        _ items: Int, _ early: Early, _ late: [(account: DeliveryAccount?, receipt: PendingReceipt)]
    ) -> PendingReceipt {
        let whole = PendingReceipt()
        let answers = LateAnswers(late.count, after: early)
        for account in early.refused { wait(items, at: account) }
        for (account, receipt) in late {
            receipt.whenResolved { [self] answer in
                if answer != nil, let account { wait(items, at: account) }
                guard let end = answers.record(answer, of: account) else { return }
                for account in end.refused {
                    undecided[ObjectIdentifier(account)]?.add(-items)
                    if end.refusal == nil {
                        account.gaveUp(items, returned: early.returned, from: .waiting)
                    } else {
                        account.move(items, from: .waiting, to: end.isTaken ? .returned : .refused)
                    }
                }
                if end.refusal != nil, end.isTaken {
                    // What `handed` takes back.
                    emitted.add(items)
                    divided.add(items)
                }
                whole.resolve(end.refusal)
            }
        }
        return whole
    }

    private func wait(_ items: Int, at account: DeliveryAccount) {
        account.move(items, from: .refused, to: .waiting)
        undecided[ObjectIdentifier(account)]?.add(items)
    }

    /// Items that wait for the answer of the destination of an account itself, not only for that of others.
    func itemsAwaitingAnswer(of account: DeliveryAccount) -> Int {
        account.items(in: .waiting) - (undecided[ObjectIdentifier(account)]?.value ?? 0)
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

/// Collects what several destinations of one batch say late.
private final class LateAnswers: Sendable {
    struct Result {
        var left: Int
        var isTaken: Bool
        /// The first one of those that came late.
        var refusal: Rejection?
        var refused: [DeliveryAccount]
    }

    private let state: Mutex<Result>

    init(_ count: Int, after early: PipelineTail.Early) {
        state = Mutex(Result(left: count, isTaken: early.isTaken, refused: early.refused))
    }

    /// Notes the answer of one of them; returns all when it is the last one.
    func record(_ answer: PendingReceipt.Answer, of account: DeliveryAccount?) -> Result? {
        state.withLock { state in
            state.left -= 1
            state.refusal = state.refusal ?? answer
            if answer == nil {
                state.isTaken = true
            } else if let account {
                state.refused.append(account)
            }
            return state.left == 0 ? state : nil
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
