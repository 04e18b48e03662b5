public import Delivery
public import Pipeline
public import Telemetry

/// The collector at one moment: its components, its pipelines and where every item is.
public struct CollectorSnapshot: Sendable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    /// Time since the process began to work.
    public let uptime: Duration
    /// Whether every receiver runs.
    public let isReady: Bool
    public let components: [ComponentSnapshot]
    public let pipelines: [PipelineSnapshot]
    public let receivers: [ReceiverSnapshot]
    public let queues: [QueueSnapshot]
}

/// One component that runs.
public struct ComponentSnapshot: Sendable {
    public let kind: ComponentKind
    public let id: ComponentID
    /// The canonical name of its type, such as `otlp_grpc` for the id `otlp/backend`.
    public let type: String
    /// Counts the instances that this id has had since the process began, from 1: a component that was kept
    /// through a change of the configuration keeps its number.
    public let instance: Int
    public let status: ComponentStatus
    /// When it got this status, in nanoseconds since 1970-01-01T00:00:00Z.
    public let since: UInt64
    /// Earlier statuses, oldest first; at most `StatusBoard.historyLength`.
    public let history: [StatusChange]
    /// Pipelines that it is part of; none for extensions.
    public let pipelines: [PipelineID]
}

/// A status that a component got.
public struct StatusChange: Sendable, Equatable {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    public let time: UInt64
    public let status: ComponentStatus

    public init(time: UInt64, status: ComponentStatus) {
        self.time = time
        self.status = status
    }
}

/// One pipeline: its parts, and what went through it since the process began or it was added.
public struct PipelineSnapshot: Sendable {
    public let id: PipelineID
    /// Receivers, and connectors that feed it.
    public let receivers: [ComponentID]
    public let steps: [StepSnapshot]
    /// Exporters, and connectors that it feeds.
    public let destinations: [DestinationSnapshot]
    /// Items whose senders were told that they are accepted.
    public let accepted: Int
    /// Their size in OTLP, in bytes.
    public let acceptedBytes: Int
    /// Items whose senders were told to keep them.
    public let refused: Int
    /// Items that processors keep now.
    public let held: Int
}

/// One processor of one pipeline.
public struct StepSnapshot: Sendable {
    public let id: ComponentID
    public let incoming: Int
    public let outgoing: Int
    /// Items taken out on purpose, by reason.
    public let removed: [Removal: Int]
    /// Items that the next step refused for good.
    public let rejected: Int
    /// Items that were given up when the pipeline stopped.
    public let lost: Int
}

/// One destination of one pipeline: an exporter, or a connector.
public struct DestinationSnapshot: Sendable {
    public let id: ComponentID
    /// Where the items are that the pipeline handed to the destination.
    public let items: [DeliveryAccount.Place: Int]
    /// Items that the ledger cannot place; anything but 0 is a defect.
    public let unplaced: Int
}

/// What came in through one receiver.
public struct ReceiverSnapshot: Sendable {
    public let id: ComponentID
    public let signal: Signal
    /// What the data came over, such as `grpc` or `http`.
    public let transport: String
    public let accepted: Int
    public let refused: Int
}

/// The queue in front of one exporter for one signal.
public struct QueueSnapshot: Sendable {
    public let exporter: ComponentID
    public let signal: Signal
    /// What it holds, in the unit of its sizer.
    public let size: Int
    public let capacity: Int
    /// `requests`, `items` or `bytes`.
    public let unit: String
    /// Batches that are being sent.
    public let inFlight: Int
    /// Items sent, and items that could not be sent, since the process began.
    public let sent: Int
    public let sendFailed: Int
    /// Bytes of the queue on disk; 0 without a disk.
    public let bytesOnDisk: Int
    /// Batches refused for good that are kept.
    public let deadLetters: Int
}
