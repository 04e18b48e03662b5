public import Pipeline
public import Telemetry

/// Items that did not get where they were meant to go, for whoever wants to know why.
public struct DroppedItems: Sendable {
    public let items: Int
    /// Where they went instead.
    public let place: DeliveryAccount.Place
    /// What was in the way, for people.
    public let reason: String
    /// The pipeline they came through; `nil` for those that were found on disk.
    public let pipeline: PipelineID?
    /// The telemetry, where it is in memory.
    public let batch: Batch?

    public init(
        items: Int, place: DeliveryAccount.Place, reason: String, pipeline: PipelineID?, batch: Batch?
    ) {
        self.items = items
        self.place = place
        self.reason = reason
        self.pipeline = pipeline
        self.batch = batch
    }
}
