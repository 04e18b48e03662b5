public import Settings

/// How batches wait and are tried again before an exporter sends them, with otelcol's keys and defaults.
///
/// Exporters embed it, so that its keys stand beside theirs.
public struct DeliverySettings: SettingGroup, Equatable {
    public var timeout = Duration.seconds(5)
    public var sendingQueue = QueueSettings()
    public var retry = RetrySettings()

    public init() {}

    /// Defaults with another time for one attempt.
    public init(timeout: Duration) {
        self.timeout = timeout
    }

    public static var fields: [Field<DeliverySettings>] {
        [
            Field("timeout", \.timeout, "Time one attempt may take; 0 is no limit.") {
                $0 < .zero ? "must not be negative" : nil
            },
            Field("sending_queue", \.sendingQueue, "How much may wait, and what happens when that is full."),
            Field("retry_on_failure", \.retry, "When and how often a batch is tried again."),
        ]
    }

    /// The time for one attempt; `nil` is no limit.
    public var attemptTimeout: Duration? { timeout > .zero ? timeout : nil }
}

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
    }

    public var enabled = true
    public var numConsumers = 10
    public var queueSize = 1000
    public var sizer = Sizer.requests
    public var blockOnOverflow = false
    public var overflow: Overflow?
    public var waitForResult = false
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
            .unsupported("storage", "a queue on disk is not part of this version"),
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
        return problems + batchProblems()
    }

    private func batchProblems() -> [Problem] {
        guard let batching, batching.sizer.rawValue == sizer.rawValue, batching.minSize > queueSize else {
            return []
        }
        return [Problem("batch::min_size", "must not be more than queue_size, which counts the same")]
    }

    /// How batches are joined before they get into the queue; `nil` when they are not.
    public var batching: QueueBatchSettings? { enabled ? batch.value : nil }

    /// What happens to a batch that finds the queue full, whichever key says it.
    public var overflowPolicy: Overflow { overflow ?? (blockOnOverflow ? .block : .dropNewest) }
}

/// `retry_on_failure`: when and how often a batch is tried again.
public struct RetrySettings: SettingGroup, Equatable {
    public var enabled = true
    public var initialInterval = Duration.seconds(5)
    public var maxInterval = Duration.seconds(30)
    public var maxElapsedTime = Duration.seconds(300)
    public var multiplier = 1.5
    public var randomizationFactor = 0.5

    public init() {}

    public static var fields: [Field<RetrySettings>] {
        [
            Field("enabled", \.enabled, "Whether a batch is tried again after a failure that may pass."),
            Field("initial_interval", \.initialInterval, "Time before the second attempt.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field("max_interval", \.maxInterval, "Longest time between two attempts.") {
                $0 <= .zero ? "must be more than 0" : nil
            },
            Field("max_elapsed_time", \.maxElapsedTime, "Time after which a batch is given up; 0 is never.") {
                $0 < .zero ? "must not be negative" : nil
            },
            Field("multiplier", \.multiplier, "Factor by which the time between attempts grows.") {
                $0 < 1 ? "must be at least 1" : nil
            },
            Field(
                "randomization_factor", \.randomizationFactor,
                "Share by which the time between attempts is varied, from 0 to 1."
            ) { (0...1).contains($0) ? nil : "must be from 0 to 1" },
        ]
    }

    public func check() -> [Problem] {
        guard enabled, initialInterval > maxInterval else { return [] }
        return [Problem("initial_interval", "must not be more than max_interval")]
    }
}
