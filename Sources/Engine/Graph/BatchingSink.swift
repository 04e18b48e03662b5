internal import Delivery
internal import Logging
internal import Pipeline
internal import Telemetry

/// The end of a pipeline on one lane that joins batches in front of the queue of an exporter.
///
/// What waits here has been accepted, and belongs to the account of the destination: another branch of the
/// same pipeline may have delivered it already.
final class BatchingSink: DestinationSink, DrainableSink {
    private let node: StepNode<QueueBatcher>
    let account: DeliveryAccount

    /// Joins batches for `queue`, which counts in `account` too.
    init(_ batcher: QueueBatcher, before queue: any Sink, account: DeliveryAccount, place: Place) {
        self.account = account
        node = StepNode(
            batcher, next: JoinedSink(queue, account: account), lane: place.lane, clock: place.clock,
            ledger: StepLedger(), logger: place.logger)
    }

    /// Where the sink stands.
    struct Place {
        let lane: Lane
        let clock: any PipelineClock
        let logger: Logger
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        account.enter(.batching, items)
        do throws(Rejection) {
            return try node.consume(batch)
        } catch {
            account.move(items, from: .batching, to: .refused)
            throw error
        }
    }

    func drain() -> Bool { node.drain() }

    /// What is given up is counted at the destination, not among what processors kept.
    func abandon() -> Int {
        account.move(node.abandon(), from: .batching, to: .lost)
        return 0
    }
}

/// The way from a batcher to the queue: what goes is the queue's, what comes back is the batcher's again.
private final class JoinedSink: Sink {
    private let queue: any Sink
    private let account: DeliveryAccount

    init(_ queue: any Sink, account: DeliveryAccount) {
        self.queue = queue
        self.account = account
    }

    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let items = batch.itemCount
        account.enter(.batching, -items)
        do throws(Rejection) {
            let receipt = try queue.consume(batch)
            if case .pending(let pending) = receipt {
                pending.whenResolved { [account] refusal in
                    if let refusal { account.tookBack(items, refusal) }
                }
            }
            return receipt
        } catch {
            account.tookBack(items, error)
            throw error
        }
    }
}

extension DeliveryAccount {
    /// The queue refused what had waited before it: that waits again, or it has failed.
    fileprivate func tookBack(_ items: Int, _ refusal: Rejection) {
        switch refusal {
        case .later: move(items, from: .refused, to: .batching)
        case .never: move(items, from: .refused, to: .failed)
        }
    }
}
