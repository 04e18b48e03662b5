public import Telemetry

/// The place a batch goes next, on one lane.
///
/// Sinks belong to the lane they were built on and are called on its event loop only; that is why they may
/// keep state without a lock and are not `Sendable`.
public protocol Sink: AnyObject {
    /// Takes the batch, or refuses all of it.
    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt
}

/// A place among several that get the same batch, or parts of it, which can say that data ended there
/// although the sender was told it was accepted.
public protocol BranchSink: Sink {
    /// It refused `batch`, while others took what they were offered, or will if `others` says so.
    func gaveUp(_ batch: borrowing Batch, while others: Receipt)
}
