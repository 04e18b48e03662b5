internal import Pipeline
internal import Telemetry

/// Shares one batch among several sinks; nothing is copied.
///
/// The batch is refused only when every branch refuses it. When one takes it and another does not, the sender
/// has its answer, and what the other branch could not take is accounted for there: a destination in trouble
/// neither blocks nor duplicates what goes to the others. A sender that waits for more than the queues learns
/// of it from its claim, or from the answer that it waits for; what it sends again, the others have twice.
final class FanOut: Sink {
    private let branches: [any Sink]
    private let tail: PipelineTail?

    /// `tail` is that of the pipeline whose destinations the branches are, if they are.
    init(_ branches: [any Sink], tail: PipelineTail? = nil) {
        self.branches = branches
        self.tail = tail
    }

    /// The cheapest sink that reaches all of `sinks`.
    static func to(_ sinks: [any Sink], tail: PipelineTail? = nil) -> any Sink {
        if sinks.count == 1, let only = sinks.first { return only }
        return FanOut(sinks, tail: tail)
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        var pending: [(branch: any Sink, receipt: PendingReceipt)] = []
        var refusals: [(branch: any Sink, why: Rejection)] = []
        let shared = batch
        for branch in branches {
            do throws(Rejection) {
                if case .pending(let receipt) = try branch.consume(shared) {
                    pending.append((branch, receipt))
                }
            } catch {
                refusals.append((branch, error))
            }
        }
        if let first = refusals.first, refusals.count == branches.count {
            throw refusals.first { if case .later = $0.why { true } else { false } }?.why ?? first.why
        }
        for refusal in refusals { shared.claims.miss(refusal.why) }
        guard let tail, !pending.isEmpty else {
            let others = Receipt.all(pending.map { $0.receipt })
            for refusal in refusals { (refusal.branch as? any BranchSink)?.gaveUp(shared, while: others) }
            return others
        }
        let early = PipelineTail.Early(
            refused: refusals.compactMap { ($0.branch as? any DestinationSink)?.account },
            isTaken: pending.count + refusals.count < branches.count,
            returned: shared.surelyClaimedItems)
        let late = pending.map {
            (account: ($0.branch as? any DestinationSink)?.account, receipt: $0.receipt)
        }
        return .pending(tail.answer(items, early, late))
    }
}
