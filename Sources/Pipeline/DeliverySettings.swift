public import Settings

/// How batches wait and are tried again before an exporter sends them, with otelcol's keys and defaults.
///
/// Exporters embed it, so that its keys stand beside theirs.
public struct DeliverySettings: SettingGroup, Equatable {
    public var timeout = Duration.seconds(5)
    public var sendingQueue = QueueSettings()
    public var retry = RetrySettings()
    public var onPermanentError = PermanentErrorPolicy.drop
    public var deadLetters = DeadLetterSettings()
    public var adaptiveConcurrency = AdaptiveConcurrencySettings()
    /// What the exporter calls `sending_queue`, for messages; no key itself.
    public var queueKey = "sending_queue"

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
            Field(
                "on_permanent_error", \.onPermanentError,
                "What happens to a batch that the other side refuses for good: drop or dead_letter."),
            Field("dead_letters", \.deadLetters, "How many refused batches are kept, and for how long."),
            Field(
                "adaptive_concurrency", \.adaptiveConcurrency,
                "How many batches are sent at a time, within num_consumers, as the other side allows."),
        ]
    }

    public func check() -> [Problem] {
        guard onPermanentError == .deadLetter, sendingQueue.storage == nil, deadLetters.storage == nil else {
            return []
        }
        let problem = "dead_letter needs a place on disk; name one in dead_letters.storage"
        return [Problem("on_permanent_error", problem)]
    }

    /// The time for one attempt; `nil` is no limit.
    public var attemptTimeout: Duration? { timeout > .zero ? timeout : nil }
}
