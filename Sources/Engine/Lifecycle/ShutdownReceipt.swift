internal import Delivery
public import Pipeline

/// What became of everything that was ever accepted, given at the end of a run.
public struct ShutdownReceipt: Sendable, Equatable, CustomStringConvertible {
    /// One destination of one pipeline.
    public struct Line: Sendable, Equatable {
        /// `nil` for what an earlier process had accepted and left on disk.
        public let pipeline: PipelineID?
        public let destination: ComponentID
        public let delivered: Int
        /// Items the destination refused for good, whole batches or item by item.
        public let rejected: Int
        /// Items given up after retries or because a queue was full while other destinations had room.
        public let dropped: Int
        /// Items left on disk for the next start.
        public let spilled: Int
        /// Items refused for good and kept on disk.
        public let deadLettered: Int
        /// Items whose senders waited for delivery and know that there was none.
        public let returned: Int
        /// Items still undelivered at the end of the time to stop.
        public let lost: Int
        /// Items the ledger cannot place; anything but 0 is a defect of Apus.
        public let unaccounted: Int

        /// Where the items came from, for people.
        public var source: String { pipeline?.description ?? "found on disk" }

        init(_ pipeline: PipelineID?, _ destination: ComponentID, _ account: DeliveryAccount, held: Int) {
            self.pipeline = pipeline
            self.destination = destination
            delivered = account.items(in: .delivered)
            rejected = account.items(in: .rejected) + account.items(in: .failed)
            dropped = account.items(in: .expired) + account.items(in: .overflowed)
            spilled = account.items(in: .spilled)
            deadLettered = account.items(in: .deadLettered)
            returned = account.items(in: .returned)
            lost =
                account.items(in: .lost) + account.items(in: .inFlight) + account.items(in: .queued)
                + account.items(in: .batching)
            unaccounted = held
        }
    }

    public let lines: [Line]
    /// Items that processors still kept at the end.
    public let lostInProcessors: Int
    public let took: Duration

    init(
        _ ledgers: [PipelineLedger], recovered: [(id: ComponentID, account: DeliveryAccount)],
        lostInSteps: Int, took: Duration
    ) {
        let accepted = ledgers.flatMap { ledger in
            ledger.destinations.map { Line(ledger.id, $0, $1, held: ledger.held(before: $1)) }
        }
        let found = recovered.filter { $0.account.offered > 0 }.map { Line(nil, $0, $1, held: 0) }
        lines = accepted + found
        lostInProcessors = lostInSteps
        self.took = took
    }

    /// Items lost altogether.
    public var lost: Int { lostInProcessors + lines.reduce(0) { $0 + $1.lost } }

    public var description: String {
        let texts = lines.map { line in
            let rare = [
                ("spilled", line.spilled), ("dead-lettered", line.deadLettered), ("returned", line.returned),
            ].filter { $0.1 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
            return "\(line.source) → \(line.destination): delivered \(line.delivered), "
                + "rejected \(line.rejected), dropped \(line.dropped), lost \(line.lost)\(rare)"
        }
        return (texts + ["kept in processors and lost: \(lostInProcessors)"]).joined(separator: "; ")
    }
}
