public import OTTL
internal import Patterns
public import Settings

// The sections of the policies, one for each type.

extension TailSampling {
    /// The keys of `latency`.
    public struct Latency: SettingGroup {
        public var thresholdMs: Int64 = 0
        public var upperThresholdMs: Int64 = 0

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "threshold_ms", \.thresholdMs, "Milliseconds that a trace has to take more than.",
                check: notNegative),
            Field(
                "upper_threshold_ms", \.upperThresholdMs,
                "Milliseconds that a trace may take at most; 0 is no limit.", check: notNegative),
        ]

        public func check() -> [Problem] {
            guard upperThresholdMs > 0, upperThresholdMs <= thresholdMs else { return [] }
            return [Problem("upper_threshold_ms", "must be more than threshold_ms")]
        }
    }

    /// The keys of `numeric_attribute`.
    public struct NumericAttribute: SettingGroup {
        public var key = ""
        public var minValue: Int64?
        public var maxValue: Int64?
        public var invertMatch = false

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("key", \.key, "The attribute of resources and spans.", required: true, check: notEmpty),
            Field("min_value", \.minValue, "The least whole number that matches."),
            Field("max_value", \.maxValue, "The greatest whole number that matches."),
            Field("invert_match", \.invertMatch, invertedSummary),
        ]

        public func check() -> [Problem] {
            if minValue == nil, maxValue == nil {
                return [Problem("", "needs a min_value, a max_value or both")]
            }
            guard let minValue, let maxValue, minValue > maxValue else { return [] }
            return [Problem("min_value", "must not be greater than max_value")]
        }
    }

    /// The keys of `boolean_attribute`.
    public struct BooleanAttribute: SettingGroup {
        public var key = ""
        public var value = false
        public var invertMatch = false

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("key", \.key, "The attribute of resources and spans.", required: true, check: notEmpty),
            Field("value", \.value, "The value that matches."),
            Field("invert_match", \.invertMatch, invertedSummary),
        ]
    }

    /// The keys of `string_attribute`.
    public struct StringAttribute: SettingGroup {
        static let defaultCache = 128

        public var key = ""
        public var values: [String] = []
        public var enabledRegexMatching = false
        public var cacheMaxSize = 0
        public var invertMatch = false

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("key", \.key, "The attribute of resources and spans.", required: true, check: notEmpty),
            Field("values", \.values, "Texts that match, or regular expressions (RE2).", required: true),
            Field(
                "enabled_regex_matching", \.enabledRegexMatching,
                "Whether values are regular expressions, of which one has to match anywhere in the text."),
            Field(
                "cache_max_size", \.cacheMaxSize,
                "Texts up to 256 bytes of which each event loop remembers whether an expression matched; 0 "
                    + "is \(defaultCache)."
            ) { $0 < 0 ? "must not be negative" : $0 > 1 << 20 ? "must not be more than 1048576" : nil },
            Field("invert_match", \.invertMatch, invertedSummary),
        ]

        public func check() -> [Problem] {
            if values.isEmpty { return [Problem("values", "needs at least one value")] }
            guard enabledRegexMatching else { return [] }
            return values.enumerated().compactMap { index, pattern in
                RegularExpression.problem(of: pattern).map { Problem("values.\(index)", $0) }
            }
        }
    }

    /// The keys of `probabilistic`.
    public struct Probabilistic: SettingGroup {
        public var hashSalt = ""
        public var samplingPercentage = 0.0

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "hash_salt", \.hashSalt,
                "What is hashed together with trace ids; collectors with the same one sample the same traces."
            ),
            Field(
                "sampling_percentage", \.samplingPercentage,
                "Percentage of traces that are sampled; 100 and more is all of them."
            ) { $0.isNaN || $0 < 0 ? "must not be negative" : nil },
        ]
    }

    /// How a span ended.
    public enum StatusCode: String, SettingChoice {
        case ok = "OK"
        case error = "ERROR"
        case unset = "UNSET"

        var number: Int {
            switch self {
            case .unset: 0
            case .ok: 1
            case .error: 2
            }
        }
    }

    /// The keys of `status_code`.
    public struct StatusCodes: SettingGroup {
        public var statusCodes: [StatusCode] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "status_codes", \.statusCodes, "Statuses of which one span has to have one.", required: true)
        ]

        public func check() -> [Problem] {
            statusCodes.isEmpty ? [Problem("status_codes", "needs at least one status")] : []
        }
    }

    /// The keys of `trace_state`.
    public struct TraceStateMatch: SettingGroup {
        public var key = ""
        public var values: [String] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("key", \.key, "The member of the tracestate of spans.", required: true, check: notEmpty),
            Field("values", \.values, "Values that match.", required: true),
        ]

        public func check() -> [Problem] {
            values.isEmpty ? [Problem("values", "needs at least one value")] : []
        }
    }

    /// The keys of `rate_limiting`.
    public struct RateLimiting: SettingGroup {
        public var spansPerSecond: Int64 = 0
        public var burstCapacity: Int64 = 0

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "spans_per_second", \.spansPerSecond,
                "Spans of sampled traces per second, of all event loops together.", required: true,
                check: notNegative),
            Field(
                "burst_capacity", \.burstCapacity,
                "Spans that may be sampled at once after a quiet time; larger traces never are. 0 is twice "
                    + "spans_per_second.", check: notNegative),
        ]
    }

    /// The keys of `bytes_limiting`.
    public struct BytesLimiting: SettingGroup {
        public var bytesPerSecond: Int64 = 0
        public var burstCapacity: Int64 = 0

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "bytes_per_second", \.bytesPerSecond,
                "Bytes of sampled traces per second, of all event loops together.", required: true,
                check: notNegative),
            Field(
                "burst_capacity", \.burstCapacity,
                "Bytes that may be sampled at once after a quiet time; larger traces never are. 0 is twice "
                    + "bytes_per_second.", check: notNegative),
        ]
    }

    /// The keys of `span_count`.
    public struct SpanCount: SettingGroup {
        public var minSpans: Int32 = 0
        public var maxSpans: Int32 = 0

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("min_spans", \.minSpans, "Spans that a trace has at least.") {
                $0 < 0 ? "must not be negative" : nil
            },
            Field("max_spans", \.maxSpans, "Spans that a trace has at most; 0 is no limit.") {
                $0 < 0 ? "must not be negative" : nil
            },
        ]

        public func check() -> [Problem] {
            guard maxSpans > 0, maxSpans < minSpans else { return [] }
            return [Problem("max_spans", "must not be less than min_spans")]
        }
    }

    /// The keys of `ottl_condition`.
    public struct Conditions: SettingGroup {
        public var errorMode = ErrorMode.propagate
        public var span: [ConditionText<OnSpans>] = []
        public var spanevent: [ConditionText<OnEvents>] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "error_mode", \.errorMode,
                "What a condition that cannot be evaluated does: ignore and silent go on to the next one, "
                    + "propagate ends the policy without a vote."),
            Field("span", \.span, "Conditions (OTTL) of which one has to hold for a span."),
            Field("spanevent", \.spanevent, "Conditions (OTTL) of which one has to hold for an event."),
        ]

        public func check() -> [Problem] {
            span.isEmpty && spanevent.isEmpty ? [Problem("", "needs at least one condition")] : []
        }
    }

    private static let notNegative: @Sendable (Int64) -> String? = { $0 < 0 ? "must not be negative" : nil }
    private static let notEmpty: @Sendable (String) -> String? = { $0.isEmpty ? "must not be empty" : nil }
    private static let invertedSummary =
        "Whether traces are sampled in which nothing matches, and others are not whatever other policies say."
}
