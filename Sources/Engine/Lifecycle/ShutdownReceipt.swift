internal import Delivery
public import Pipeline

/// What became of everything that was ever accepted, given at the end of a run.
public struct ShutdownReceipt: Sendable, Equatable, CustomStringConvertible {
    /// One destination of one pipeline.
    public struct Line: Sendable, Equatable {
        public let pipeline: PipelineID
        public let destination: ComponentID
        public let delivered: Int
        /// Items the destination refused for good, whole batches or item by item.
        public let rejected: Int
        /// Items given up after retries or because a queue was full while other destinations had room.
        public let dropped: Int
        /// Items still undelivered at the end of the time to stop.
        public let lost: Int
        /// Items the ledger cannot place; anything but 0 is a defect of Apus.
        public let unaccounted: Int
    }

    public let lines: [Line]
    /// Items that processors still kept at the end.
    public let lostInProcessors: Int
    public let took: Duration

    init(_ ledgers: [PipelineLedger], lostInSteps: Int, took: Duration) {
        lines = ledgers.flatMap { ledger in
            ledger.destinations.map { id, account in
                Line(
                    pipeline: ledger.id, destination: id, delivered: account.items(in: .delivered),
                    rejected: account.items(in: .rejected) + account.items(in: .failed),
                    dropped: account.items(in: .expired) + account.items(in: .overflowed),
                    lost: account.items(in: .lost) + account.items(in: .inFlight)
                        + account.items(in: .queued) + account.items(in: .batching),
                    unaccounted: ledger.held(before: account))
            }
        }
        lostInProcessors = lostInSteps
        self.took = took
    }

    /// Items lost altogether.
    public var lost: Int { lostInProcessors + lines.reduce(0) { $0 + $1.lost } }

    public var description: String {
        let texts = lines.map { line in
            "\(line.pipeline) → \(line.destination): delivered \(line.delivered), rejected \(line.rejected), "
                + "dropped \(line.dropped), lost \(line.lost)"
        }
        return (texts + ["kept in processors and lost: \(lostInProcessors)"]).joined(separator: "; ")
    }
}
