internal import NIOCore
public import Pipeline
public import Settings
public import Telemetry

/// Sends telemetry to the best of several levels of pipelines that takes it.
///
/// A level that refuses has failed: the batch goes to the next one, and so does what comes after it. After
/// `retry_interval` one batch is offered to the failed level again; when it is taken, the level is back.
///
/// An answer may come late. A batch is kept, and its senders wait, until the level has it as far as they and
/// its destinations ask: in the queue of a destination that has one, at the destination where there is none
/// or where it has `wait_for_result`. A refusal up to there goes to the next level; what a queue has taken is
/// that queue's, and its failures are seen here only when it is full. With a queue in front that has
/// `wait_for_result` or is on disk, and for senders with `ack: delivered`, a level has a batch only when its
/// destinations do, whatever queues they have.
public struct FailoverConnector: QueuedConnector {
    public static let name = "failover"
    public static let summary = "Sends telemetry to the first of several levels of pipelines that takes it."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let conversions = [Signal.traces, .metrics, .logs].map { (from: $0, to: $0) }
    public static let differences = [
        "When every level has failed, each batch is offered to all of them, the best first; there it is "
            + "refused until retry_interval is over.",
        "A level that refuses a batch for good has failed only when another level takes that batch.",
        "A late refusal counts too, where the destination has no sending_queue or has wait_for_result: the "
            + "batch goes to the next level before its sender is answered.",
        "A level of several pipelines is left at the first refusal. Those of its pipelines that have the "
            + "batch already have it beside the next level, which apus_connector_failover_repeated_items "
            + "counts. The same goes for the delivered part of a batch that a destination has cut.",
        "What all levels refuse waits in the sending_queue and is offered again with the defaults of "
            + "retry_on_failure; there it is dropped.",
        "With a sending_queue here senders are answered when that has their data; wait_for_result is about "
            + "the destinations behind it. One on disk keeps a batch until these have it, so num_consumers "
            + "bounds how many are on their way.",
        "What a level refuses for good is kept where its exporter has on_permanent_error: dead_letter, and "
            + "goes to the next level all the same: when that delivers it, the dead letter is a copy, and "
            + "replaying it sends it twice.",
        "Which levels have failed is known to all lanes, and still known after a change of the settings.",
    ]

    private let levels: FailoverLevels
    private let loops: [any EventLoop]

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        levels = FailoverLevels(configuration, in: context)
        loops = context.eventLoops
    }

    public static func problems(of configuration: Configuration, at place: ConnectorPlace) -> [Problem] {
        LevelChecks(configuration).problems(at: place)
    }

    public static func delivery(of configuration: Configuration) -> DeliverySettings? {
        guard let queue = configuration.queue else { return nil }
        var settings = DeliverySettings()
        settings.sendingQueue = queue
        return settings
    }

    public mutating func consume(
        _ batch: consuming Batch, into outlets: ConnectorOutlets
    ) throws(Rejection) -> Receipt {
        guard batch.itemCount > 0 else { return .accepted }
        return try FailoverAttempt(batch, levels, outlets, on: loops[outlets.lane]).begin()
    }
}
