public import Settings

/// `sending_queue.batch`: how batches are joined before they get into the queue, with otelcol's keys.
///
/// It is switched on by being written. Profiles are not joined: each refers to a dictionary of its own.
public struct QueueBatchSettings: SettingGroup, Equatable {
    /// What `min_size` and `max_size` count.
    public enum Sizer: String, CaseIterable, SettingChoice {
        case items, bytes
    }

    /// `partition`: which telemetry is never put into the same batch.
    public struct Partition: SettingGroup, Equatable {
        public var metadataKeys: [String] = []
        public var metadataCardinalityLimit = 1000

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "metadata_keys", \.metadataKeys,
                "Request headers by whose values batches are kept apart; the receiver needs include_metadata."
            ),
            Field(
                "metadata_cardinality_limit", \.metadataCardinalityLimit,
                "Combinations of metadata values at a time and lane; one more is told to try again later."
            ) { $0 < 1 ? "must be at least 1" : nil },
        ]

        public func check() -> [Problem] {
            MetadataKeys.problems(of: metadataKeys, field: "metadata_keys")
        }
    }

    public var flushTimeout = Duration.milliseconds(200)
    public var minSize = 8192
    public var maxSize = 0
    public var sizer = Sizer.items
    public var partition = Partition()

    public init() {}

    public static let fields: [Field<Self>] = [
        Field("flush_timeout", \.flushTimeout, "Longest time an item waits for a batch to fill up.") {
            $0 <= .zero ? "must be more than 0" : nil
        },
        Field(
            "min_size", \.minSize,
            "Size from which a batch goes at once, in the unit of `sizer`; 0 is every batch.",
            check: notNegative),
        Field(
            "max_size", \.maxSize,
            "Size at which a batch is cut; 0 is no limit, otherwise at least `min_size`.",
            check: notNegative),
        Field("sizer", \.sizer, "What sizes count: items (spans, points, records) or bytes."),
        Field("partition", \.partition, "Which telemetry is never put into the same batch."),
    ]

    public func check() -> [Problem] {
        guard maxSize > 0, maxSize < minSize else { return [] }
        return [Problem("max_size", "must not be less than min_size")]
    }

    private static let notNegative: @Sendable (Int) -> String? = { $0 < 0 ? "must not be negative" : nil }
}
