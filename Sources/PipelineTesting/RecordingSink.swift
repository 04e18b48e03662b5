public import Pipeline
internal import Synchronization
public import Telemetry

/// The end of a pipeline that keeps what arrives, and answers as the test wants.
public final class RecordingSink: Sink, Sendable {
    private struct State {
        var batches: [Batch] = []
        var refusals: [Rejection] = []
        var pending: [PendingReceipt] = []
        var watchers: [(items: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var isHolding = false

        var items: Int { batches.reduce(0) { $0 + $1.itemCount } }

        mutating func take(
            _ batch: Batch
        ) -> (Rejection?, Receipt, [CheckedContinuation<Void, Never>]) {
            guard refusals.isEmpty else { return (refusals.removeFirst(), .accepted, []) }
            batches.append(batch)
            let items = items
            let satisfied = watchers.filter { $0.items <= items }
            watchers.removeAll { $0.items <= items }
            guard isHolding else { return (nil, .accepted, satisfied.map { $0.continuation }) }
            let receipt = PendingReceipt()
            pending.append(receipt)
            return (nil, .pending(receipt), satisfied.map { $0.continuation })
        }
    }

    private let state = Mutex(State())

    public init() {}

    /// What was taken so far, in order.
    public var batches: [Batch] { state.withLock { $0.batches } }

    /// The number of items in `batches`.
    public var itemCount: Int { state.withLock { $0.items } }

    /// Takes out what was taken so far, and with it the claims of whoever wants to know what becomes of it.
    public func takeBatches() -> [Batch] {
        state.withLock { state in
            defer { state.batches = [] }
            return state.batches
        }
    }

    /// Refuses the next `count` batches.
    public func refuse(next count: Int = 1, with rejection: Rejection) {
        state.withLock { $0.refusals += Array(repeating: rejection, count: count) }
    }

    /// Takes batches from now on, but leaves the answer open until `answer` is called.
    public func hold() { state.withLock { $0.isHolding = true } }

    /// Answers everything that `hold` left open, and goes back to answering at once.
    public func answer(_ answer: PendingReceipt.Answer = nil) {
        let pending = state.withLock { state in
            state.isHolding = false
            defer { state.pending = [] }
            return state.pending
        }
        for receipt in pending { receipt.resolve(answer) }
    }

    /// Takes out the answer to the batch `number`, from 1, of those that `hold` left open.
    public func takeAnswer(_ number: Int) -> PendingReceipt? {
        state.withLock { state in
            state.pending.indices.contains(number - 1) ? state.pending.remove(at: number - 1) : nil
        }
    }

    /// Returns when at least `count` items have arrived.
    public func waitForItems(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.items < count { state.watchers.append((count, continuation)) }
                return state.items >= count
            }
            if isThere { continuation.resume() }
        }
    }

    public func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        let batch = batch
        let (refusal, receipt, satisfied) = state.withLock { $0.take(batch) }
        for continuation in satisfied { continuation.resume() }
        if let refusal { throw refusal }
        return receipt
    }
}
