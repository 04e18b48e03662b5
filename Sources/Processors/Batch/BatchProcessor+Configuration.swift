internal import Delivery
internal import Pipeline
public import Settings

extension BatchProcessor {
    /// The keys of the `batch` processor.
    public struct Configuration: SettingGroup {
        public var sendBatchSize = 8192
        public var timeout = Duration.milliseconds(200)
        public var sendBatchMaxSize = 0
        public var metadataKeys: [String] = []
        public var metadataCardinalityLimit = 1000

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "send_batch_size", \.sendBatchSize,
                "Items (spans, points, records) after which a batch is sent at once; 0 is every batch.",
                check: Self.notNegative),
            Field(
                "timeout", \.timeout,
                "Longest time an item waits for a batch to fill up; 0 sends at once and only cuts."
            ) { $0 < .zero ? "must not be negative" : nil },
            Field(
                "send_batch_max_size", \.sendBatchMaxSize,
                "Items after which a batch is cut; 0 is no limit, otherwise at least send_batch_size.",
                check: Self.notNegative),
            Field(
                "metadata_keys", \.metadataKeys,
                "Request headers by whose values batches are kept apart; the receiver needs include_metadata."
            ),
            Field(
                "metadata_cardinality_limit", \.metadataCardinalityLimit,
                "Combinations of metadata values at a time and lane; one more is refused. 0 is no limit.",
                check: Self.notNegative),
        ]

        public func check() -> [Problem] {
            var problems: [Problem] = []
            if sendBatchMaxSize > 0, sendBatchMaxSize < sendBatchSize {
                problems.append(Problem("send_batch_max_size", "must not be less than send_batch_size"))
            }
            return problems + MetadataKeys.problems(of: metadataKeys, field: "metadata_keys")
        }

        var rules: BatchRules {
            BatchRules(
                limits: Batcher.Limits(minimum: sendBatchSize, maximum: sendBatchMaxSize, timeout: timeout),
                keys: metadataKeys, capacity: metadataCardinalityLimit, idleTime: .seconds(300))
        }

        private static let notNegative: @Sendable (Int) -> String? = { $0 < 0 ? "must not be negative" : nil }
    }
}
