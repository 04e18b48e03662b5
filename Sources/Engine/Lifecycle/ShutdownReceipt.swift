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
        /// Items that ended in a connector on purpose.
        public let filtered: Int
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

        init(
            _ pipeline: PipelineID?, _ destination: ComponentID, unaccounted: Int,
            items: (DeliveryAccount.Place) -> Int
        ) {
            self.pipeline = pipeline
            self.destination = destination
            delivered = items(.delivered)
            filtered = items(.filtered)
            rejected = items(.rejected) + items(.failed)
            dropped = items(.expired) + items(.overflowed)
            spilled = items(.spilled)
            deadLettered = items(.deadLettered)
            returned = items(.returned)
            lost = items(.lost) + items(.inFlight) + items(.queued) + items(.batching)
            self.unaccounted = unaccounted
        }

        /// The lines of one pipeline, those of destinations that it had before last.
        ///
        /// What processors disagree about with their ledger stands in the first line.
        static func lines(of ledger: PipelineLedger) -> [Line] {
            (ledger.destinations + ledger.formerDestinations).enumerated().map { index, id in
                let unaccounted = ledger.unplaced(at: id) + (index == 0 ? ledger.held : 0)
                return Line(ledger.id, id, unaccounted: unaccounted) { ledger.items(in: $0, of: id) }
            }
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
        let accepted = ledgers.flatMap { Line.lines(of: $0) }
        let found = recovered.filter { $0.account.offered > 0 }.map { id, account in
            Line(nil, id, unaccounted: 0) { account.items(in: $0) }
        }
        lines = accepted + found
        lostInProcessors = lostInSteps
        self.took = took
    }

    /// Items lost altogether.
    public var lost: Int { lostInProcessors + lines.reduce(0) { $0 + $1.lost } }

    public var description: String {
        let texts = lines.map { line in
            let rare = [
                ("filtered", line.filtered), ("spilled", line.spilled),
                ("dead-lettered", line.deadLettered), ("returned", line.returned),
            ].filter { $0.1 > 0 }.map { ", \($0.0) \($0.1)" }.joined()
            return "\(line.source) → \(line.destination): delivered \(line.delivered), "
                + "rejected \(line.rejected), dropped \(line.dropped), lost \(line.lost)\(rare)"
        }
        return (texts + ["kept in processors and lost: \(lostInProcessors)"]).joined(separator: "; ")
    }
}
