public import Settings

extension TailSampling {
    /// When it is decided.
    public enum Strategy: String, SettingChoice {
        case traceComplete = "trace-complete"
        case spanIngest = "span-ingest"
    }

    /// How many decisions are remembered.
    public struct DecisionCache: SettingGroup {
        public var sampledCacheSize = 0
        public var nonSampledCacheSize = 0

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "sampled_cache_size", \.sampledCacheSize,
                "Sampled traces that are remembered, with about 150 bytes each: late spans go on at once.",
                check: size),
            Field(
                "non_sampled_cache_size", \.nonSampledCacheSize,
                "Traces that were not sampled and are remembered, with about 150 bytes each.", check: size),
        ]

        private static let size: @Sendable (Int) -> String? = {
            (0...1 << 30).contains($0) ? nil : "must be from 0 to 2^30"
        }
    }

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var decisionWait = Duration.seconds(30)
        public var decisionWaitAfterRootReceived = Duration.zero
        public var numTraces = 50_000
        public var maxHeldBytes = ByteCount.mebibytes(512)
        public var maximumTraceSizeBytes: ByteCount = 0
        public var blockOnOverflow = false
        public var expectedNewTracesPerSec = 0
        public var decisionCache = DecisionCache()
        public var samplingStrategy = Strategy.traceComplete
        public var sampleOnFirstMatch = false
        public var dropPendingTracesOnShutdown = false
        public var recordPolicy = false
        public var disableInvertDecisions = false
        public var policies: [Policy] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "decision_wait", \.decisionWait,
                "How long spans of a trace are waited for after the first one, until it is decided."
            ) { $0 < .zero ? "must not be negative" : nil },
            Field(
                "decision_wait_after_root_received", \.decisionWaitAfterRootReceived,
                "How long spans are waited for after one without a parent, where that is sooner; 0 does not "
                    + "look at it."
            ) { $0 < .zero ? "must not be negative" : nil },
            Field(
                "num_traces", \.numTraces,
                "Traces that wait at a time; with one more, the oldest is given up that its event loop has. "
                    + "As many decisions are remembered beside the caches, in max_held_bytes of their own."
            ) { (1...1 << 30).contains($0) ? nil : "must be from 1 to 2^30" },
            Field(
                "max_held_bytes", \.maxHeldBytes,
                "Bytes that all waiting traces take, with what is known of their spans; beyond it the oldest "
                    + "are given up that the event loop of the newest has. A request is kept until the last "
                    + "of its traces is decided."
            ) { $0.bytes == 0 ? "must be 1 or more" : nil },
            Field(
                "maximum_trace_size_bytes", \.maximumTraceSizeBytes,
                "Bytes after which a trace is not sampled, without waiting for more; 0 is no limit."),
            Field(
                "block_on_overflow", \.blockOnOverflow,
                "Whether senders are told to come back, and no trace is given up, when there is no room. The "
                    + "last request that is taken may exceed the limits."),
            Field(
                "expected_new_traces_per_sec", \.expectedNewTracesPerSec,
                "New traces per second for which tables are made large enough from the beginning.",
                check: { $0 < 0 ? "must not be negative" : nil }),
            Field("decision_cache", \.decisionCache, "Decisions that are remembered longer than num_traces."),
            Field(
                "sampling_strategy", \.samplingStrategy,
                "When it is decided: trace-complete after the wait about all spans; span-ingest when spans "
                    + "come, by these alone, and after the wait the trace is not sampled."),
            Field(
                "sample_on_first_match", \.sampleOnFirstMatch,
                "Whether no more policies are asked when one has sampled the trace."),
            Field(
                "drop_pending_traces_on_shutdown", \.dropPendingTracesOnShutdown,
                "Whether traces that wait are given up when the pipeline stops; otherwise it is decided by "
                    + "the spans that are there."),
            Field(
                "record_policy", \.recordPolicy,
                "Whether scopes are told what sampled them, in the attributes tailsampling.policy, "
                    + "tailsampling.composite_policy and tailsampling.cached_decision."),
            Field(
                "disable_invert_decisions", \.disableInvertDecisions,
                "Whether policies with invert_match vote like others, so that none of them overrules."),
            Field("policies", \.policies, "What samples traces; drop policies come first.", required: true),
            .unsupported(
                "num_shards", "traces are always spread by their ids, and limits are those of all together"),
            .unsupported("tail_storage", "traces wait in memory, up to max_held_bytes"),
        ]

        public func check() -> [Problem] {
            if policies.isEmpty { return [Problem("policies", "needs at least one policy")] }
            let names = policies.map { $0.simple.name }
            var problems = TailSampling.repeated(names).map {
                Problem("policies.\($0).name", "there is a policy '\(names[$0])' already")
            }
            guard samplingStrategy == .spanIngest else { return problems }
            for (index, policy) in policies.enumerated() where policy.isStateful {
                problems.append(
                    Problem(
                        "policies.\(index).type",
                        "remembers what it has sampled, which the sampling_strategy span-ingest cannot have"))
            }
            return problems
        }
    }
}
