internal import Pipeline
internal import Synchronization
internal import Telemetry

/// One batch on its way through a queue.
struct QueueEntry: Sendable {
    let batch: Batch
    let account: DeliveryAccount
    let lane: Int
    /// Resolved with the result when the sender waits for it.
    let result: PendingReceipt?

    var items: Int { batch.itemCount }
}

/// Opens once; whoever waits goes on then.
final class Gate: Sendable {
    private let receipt = PendingReceipt()

    func open() { receipt.resolve(nil) }

    func wait() async {
        await withCheckedContinuation { continuation in
            receipt.whenResolved { _ in continuation.resume() }
        }
    }
}
