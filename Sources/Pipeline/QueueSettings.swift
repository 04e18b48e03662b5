public import Settings

/// `sending_queue`: how much may wait in front of an exporter and what happens when it is full.
public struct QueueSettings: SettingGroup, Equatable {
    /// What `queue_size` counts.
    public enum Sizer: String, CaseIterable, SettingChoice {
        case requests, items, bytes
    }

    /// What happens to a batch that finds the queue full.
    public enum Overflow: String, CaseIterable, SettingChoice {
        /// Its sender waits for room.
        case block
        /// It is not taken: its sender is refused, still has it and may try again.
        case dropNewest = "drop_newest"
        /// It is taken, and the batches that have waited longest are given up until it fits.
        ///
        /// Not together with `wait_for_result`, so nobody waits for what is given up.
        case dropOldest = "drop_oldest"
        /// It goes to `storage` and is sent in its turn; nothing else is written there.
        case spill
    }

    public var enabled = true
    public var numConsumers = 10
    public var queueSize = 1000
    public var sizer = Sizer.requests
    public var blockOnOverflow = false
    public var overflow: Overflow?
    public var waitForResult = false
    public var storage: String?
    public var batch = Presence(QueueBatchSettings())

    public init() {}

    public static var fields: [Field<QueueSettings>] {
        [
            Field(
                "enabled", \.enabled,
                "Whether batches wait in a queue; without one the sender waits for the result."),
            Field("num_consumers", \.numConsumers, "Batches that are sent at the same time.") {
                $0 < 1 ? "must be at least 1" : nil
            },
            Field(
                "queue_size", \.queueSize,
                "Room for batches that wait or are being sent, in the unit of `sizer`, for each signal."
            ) { $0 < 1 ? "must be at least 1" : nil },
            Field(
                "sizer", \.sizer,
                "What `queue_size` counts: requests, items (spans, points, records) or bytes."),
            Field(
                "block_on_overflow", \.blockOnOverflow,
                "Whether senders wait for room in a full queue; otherwise they are refused and may retry."
            ),
            Field(
                "overflow", \.overflow,
                "What a full queue does with a new batch; without it `block_on_overflow` decides."),
            Field(
                "wait_for_result", \.waitForResult,
                "Whether senders get their answer only after the batch is sent."),
            Field(
                "storage", \.storage,
                "The storage extension that keeps the queue on disk; without one it is in memory.",
                check: StorageReference.check),
            Field(
                "batch", \.batch,
                "How batches are joined before they get into the queue; writing the key switches it on."),
        ]
    }

    public func check() -> [Problem] {
        var problems: [Problem] = []
        if blockOnOverflow, let overflow, overflow != .block {
            let problem = "\(overflow.rawValue) contradicts block_on_overflow; leave one of them out"
            problems.append(Problem("overflow", problem))
        }
        if waitForResult, overflow == .dropOldest {
            // A sender that keeps what is given up, such as batch, would offer it again at once.
            let problem = "drop_oldest gives up data whose senders wait for the result; use block"
            problems.append(Problem("overflow", problem))
        }
        return problems + storageProblems + batchProblems
    }

    private var batchProblems: [Problem] {
        guard let batching, batching.sizer.rawValue == sizer.rawValue, batching.minSize > queueSize else {
            return []
        }
        return [Problem("batch::min_size", "must not be more than queue_size, which counts the same")]
    }

    private var storageProblems: [Problem] {
        guard storage != nil else {
            let problem = "spill needs a place on disk; name an extension in storage"
            return overflow == .spill ? [Problem("overflow", problem)] : []
        }
        var problems: [Problem] = []
        if !enabled { problems.append(Problem("storage", "a queue that is not enabled keeps nothing")) }
        if waitForResult {
            let problem = "senders do not wait for the result of a queue on disk; use ack: delivered"
            problems.append(Problem("wait_for_result", problem))
        }
        return problems
    }

    /// How batches are joined before they get into the queue; `nil` when they are not.
    public var batching: QueueBatchSettings? { enabled ? batch.value : nil }

    /// What happens to a batch that finds the queue full, whichever key says it.
    public var overflowPolicy: Overflow { overflow ?? (blockOnOverflow ? .block : .dropNewest) }
}
