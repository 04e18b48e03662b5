internal import Pipeline
internal import Telemetry

/// The beginning of a pipeline on one lane: what comes in is counted here.
final class PipelineEntry: BranchSink, Tappable {
    private let next: any Sink
    private let ledger: PipelineLedger
    var taps: [TapFeed] = []

    init(next: any Sink, ledger: PipelineLedger) {
        self.next = next
        self.ledger = ledger
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        ledger.bytes.add(batch.byteCount)
        for tap in taps { tap.observe(batch) }
        do throws(Rejection) {
            let receipt = try next.consume(batch)
            ledger.entered(receipt, items: items)
            return receipt
        } catch {
            ledger.refused.add(items)
            throw error
        }
    }

    func gaveUp(_ batch: borrowing Batch, while others: Receipt) {
        let lost = batch.itemCount - batch.surelyClaimedItems
        others.whenKnown { [ledger] refusal in
            if refusal == nil { ledger.overflowed.add(lost) }
        }
    }
}
