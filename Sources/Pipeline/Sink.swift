public import Telemetry

/// The place a batch goes next, on one lane.
///
/// Sinks belong to the lane they were built on and are called on its event loop only; that is why they may
/// keep state without a lock and are not `Sendable`.
public protocol Sink: AnyObject {
    /// Takes the batch, or refuses all of it.
    func consume(_ batch: consuming Batch) throws(Rejection) -> Receipt
}
