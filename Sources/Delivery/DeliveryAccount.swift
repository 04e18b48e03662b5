public import Pipeline

/// What became of the items that one pipeline handed to one destination.
///
/// Each item is in exactly one place at any time, so the places always add up to what was offered.
public final class DeliveryAccount: Sendable {
    /// Where an item can be.
    public enum Place: String, CaseIterable, Sendable {
        /// Not taken; the sender has been told and still has the data.
        case refused
        /// Given up for want of room although the sender was told that the data is accepted: other
        /// destinations took it, or newer data took its place in the queue (`overflow: drop_oldest`).
        case overflowed
        /// Waiting for room in a full queue, or refused here while another destination has not answered yet;
        /// the sender has no answer yet.
        case waiting
        /// Waiting for more in front of the queue (`sending_queue.batch`); the sender has its answer.
        case batching
        case queued
        case inFlight = "in_flight"
        case delivered
        /// Ended in a connector on purpose, such as what no route takes.
        case filtered
        /// Rejected item by item by the other side (OTLP partial success).
        case rejected
        /// Given up because the other side refused the batch for good.
        case failed
        /// Given up because `max_elapsed_time` was over.
        case expired
        /// Given back to senders who waited for delivery, were told that there is none, and have the data.
        case returned
        /// Kept on disk because the other side refused it for good (`on_permanent_error: dead_letter`).
        case deadLettered = "dead_lettered"
        /// On disk when the time to shut down was over; it is sent after the next start.
        case spilled
        /// Still undelivered when the time to shut down was over, or not readable from the disk any more.
        case lost
    }

    /// The pipeline the items came through; `nil` for those that were found on disk.
    public let pipeline: PipelineID?
    private let balances: [Place: Balance]

    public init(pipeline: PipelineID? = nil) {
        self.pipeline = pipeline
        balances = Dictionary(uniqueKeysWithValues: Place.allCases.map { ($0, Balance()) })
    }

    /// Items in `place` now.
    public func items(in place: Place) -> Int { balances[place]?.value ?? 0 }

    /// Everything that was ever offered.
    public var offered: Int { balances.values.reduce(0) { $0 + $1.value } }

    /// Brings `items` in at `place`.
    public func enter(_ place: Place, _ items: Int) { balances[place]?.add(items) }

    /// Moves `items` on.
    public func move(_ items: Int, from: Place, to: Place) {
        balances[from]?.add(-items)
        balances[to]?.add(items)
    }
}
