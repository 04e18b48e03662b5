internal import Pipeline
public import Settings

extension ProbabilisticSampler {
    /// By what is decided.
    public enum Mode: String, SettingChoice {
        case hashSeed = "hash_seed"
        case proportional, equalizing
    }

    /// What a log record is decided by in the mode hash_seed.
    public enum AttributeSource: String, SettingChoice {
        case traceID, record
    }

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var samplingPercentage = 0.0
        public var mode = Mode.hashSeed
        public var hashSeed: UInt32 = 0
        public var failClosed = true
        public var samplingPrecision = 4
        public var attributeSource = AttributeSource.traceID
        public var fromAttribute = ""
        public var samplingPriority = ""

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "sampling_percentage", \.samplingPercentage,
                "Percentage of items that are kept; 100 and more keeps all, 0 none.", required: true
            ) { percentage in
                guard percentage.isFinite, percentage >= 0 else { return "must be 0 or more" }
                let isTooSmall = percentage > 0 && percentage / 100 < Threshold.leastProbability
                return isTooSmall ? "is smaller than any probability that can be told to others" : nil
            },
            Field(
                "mode", \.mode,
                "hash_seed decides by a hash; proportional keeps this part of what comes in; "
                    + "equalizing keeps "
                    + "this part of what there was, counting what was dropped earlier."),
            Field(
                "hash_seed", \.hashSeed,
                "Goes into the hash; collectors behind the same load balancer need the same."),
            Field(
                "fail_closed", \.failClosed,
                "Whether items are dropped of which nothing can be decided by: without a trace id, or with "
                    + "sampling information that contradicts itself."),
            Field(
                "sampling_precision", \.samplingPrecision,
                "Hexadecimal digits of the threshold that items are told."
            ) { (1...14).contains($0) ? nil : "must be from 1 to 14" },
            Field(
                "attribute_source", \.attributeSource,
                "Whether log records are decided about by trace id, where they have one, or by "
                    + "from_attribute."
            ),
            Field(
                "from_attribute", \.fromAttribute,
                "Attribute that log records are decided by, if not by trace id."),
            Field(
                "sampling_priority", \.samplingPriority,
                "Attribute of log records that raises the percentage for them; 0 drops them."),
        ]
    }
}
