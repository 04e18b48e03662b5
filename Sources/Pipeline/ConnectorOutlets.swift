public import Telemetry

/// The pipelines a connector feeds, on the lane it works on.
///
/// It belongs to that lane. A connector may keep it to send later, on the event loop of the lane: the engine
/// leads it along with every change of the pipelines.
public final class ConnectorOutlets {
    /// The position of the lane among the lanes of the process.
    public let lane: Int
    private var outlets: [PipelineID: Outlet]
    private var bySignal: [Signal: Outlet]
    private var filtered = 0

    /// `bySignal` reaches all pipelines of a signal at once, `outlets` one of them.
    public init(lane: Int, outlets: [PipelineID: Outlet], bySignal: [Signal: Outlet]) {
        self.lane = lane
        self.outlets = outlets
        self.bySignal = bySignal
    }

    /// Hands `batch` to every pipeline of its signal that this connector feeds.
    public func send(_ batch: consuming Batch) throws(Rejection) -> Receipt {
        guard let outlet = bySignal[batch.signal] else { return .accepted }
        return try outlet.send(batch, on: lane)
    }

    /// Hands `batch` to one pipeline.
    public func send(_ batch: consuming Batch, to pipeline: PipelineID) throws(Rejection) -> Receipt {
        guard let outlet = outlets[pipeline] else {
            throw .never(reason: "the connector does not feed the pipeline \(pipeline)")
        }
        return try outlet.send(batch, on: lane)
    }

    /// Hands each pipeline its part of a batch.
    ///
    /// Like a batch that is shared among pipelines it is refused only when no part was taken. Otherwise what
    /// a pipeline refuses ends there: its ledger says so, and senders with a claim are told.
    public func send(_ parts: [(pipeline: PipelineID, batch: Batch)]) throws(Rejection) -> Receipt {
        var pending: [PendingReceipt] = []
        var refused: [(part: Int, why: Rejection)] = []
        for (index, part) in parts.enumerated() {
            do throws(Rejection) {
                if case .pending(let receipt) = try send(part.batch, to: part.pipeline) {
                    pending.append(receipt)
                }
            } catch {
                refused.append((index, error))
            }
        }
        if let first = refused.first, refused.count == parts.count {
            throw refused.first { if case .later = $0.why { true } else { false } }?.why ?? first.why
        }
        let others = Receipt.all(pending)
        for (index, why) in refused {
            parts[index].batch.claims.miss(why)
            outlets[parts[index].pipeline]?.gaveUp(parts[index].batch, while: others, on: lane)
        }
        return others
    }

    /// Accounts for items that end in the connector on purpose, because they are to go nowhere.
    ///
    /// Said while `consume` runs, and only when it accepts the batch.
    public func filter(_ items: Int) { filtered += items }

    /// What was said by `filter` since the last call; for the engine.
    public func takeFiltered() -> Int {
        defer { filtered = 0 }
        return filtered
    }

    /// From now on everything goes where `other` leads; for the engine.
    public func lead(to other: ConnectorOutlets) {
        outlets = other.outlets
        bySignal = other.bySignal
    }
}
