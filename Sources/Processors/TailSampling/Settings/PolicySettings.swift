public import Settings

extension TailSampling {
    /// The types of policies.
    public enum PolicyType: String, SettingChoice {
        case alwaysSample = "always_sample"
        case latency
        case numericAttribute = "numeric_attribute"
        case probabilistic
        case statusCode = "status_code"
        case stringAttribute = "string_attribute"
        case rateLimiting = "rate_limiting"
        case bytesLimiting = "bytes_limiting"
        case spanCount = "span_count"
        case traceState = "trace_state"
        case traceFlags = "trace_flags"
        case booleanAttribute = "boolean_attribute"
        case ottlCondition = "ottl_condition"
        case and, not, drop, composite
    }

    /// The keys of a policy that is not made of others.
    public struct SimplePolicy: SettingGroup {
        public var name = ""
        public var type: PolicyType?
        public var latency: Latency?
        public var numericAttribute: NumericAttribute?
        public var probabilistic: Probabilistic?
        public var statusCode: StatusCodes?
        public var stringAttribute: StringAttribute?
        public var rateLimiting: RateLimiting?
        public var bytesLimiting: BytesLimiting?
        public var spanCount: SpanCount?
        public var traceState: TraceStateMatch?
        public var booleanAttribute: BooleanAttribute?
        public var ottlCondition: Conditions?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("name", \.name, "What the policy is called in metrics and in the ledger.", required: true) {
                $0.isEmpty ? "must not be empty" : nil
            },
            Field(
                "type", \.type, "What the policy looks at; its settings have the same name.", required: true),
            Field("latency", \.latency, "Traces by how long they took."),
            Field("numeric_attribute", \.numericAttribute, "Traces by a number in an attribute."),
            Field("probabilistic", \.probabilistic, "A percentage of all traces."),
            Field("status_code", \.statusCode, "Traces by how spans ended."),
            Field("string_attribute", \.stringAttribute, "Traces by a text in an attribute."),
            Field("rate_limiting", \.rateLimiting, "Traces up to a rate of spans."),
            Field("bytes_limiting", \.bytesLimiting, "Traces up to a rate of bytes."),
            Field("span_count", \.spanCount, "Traces by how many spans they have."),
            Field("trace_state", \.traceState, "Traces by the tracestate of spans."),
            Field("boolean_attribute", \.booleanAttribute, "Traces by a yes or no in an attribute."),
            Field("ottl_condition", \.ottlCondition, "Traces by conditions of the transformation language."),
        ]

        /// The sections that are written, by the type that they belong to.
        private var sections: [(type: PolicyType, isWritten: Bool)] {
            [
                (.latency, latency != nil), (.numericAttribute, numericAttribute != nil),
                (.probabilistic, probabilistic != nil), (.statusCode, statusCode != nil),
                (.stringAttribute, stringAttribute != nil), (.rateLimiting, rateLimiting != nil),
                (.bytesLimiting, bytesLimiting != nil), (.spanCount, spanCount != nil),
                (.traceState, traceState != nil), (.booleanAttribute, booleanAttribute != nil),
                (.ottlCondition, ottlCondition != nil),
            ]
        }

        public func check() -> [Problem] {
            guard let type else { return [] }
            return sections.compactMap { TailSampling.problem(of: $0.type, $0.isWritten, in: type) }
        }

        /// Whether it remembers what it has sampled.
        var isStateful: Bool { type == .rateLimiting || type == .bytesLimiting }
    }

    /// What is wrong with a section being there or not.
    static func problem(of section: PolicyType, _ isWritten: Bool, in type: PolicyType) -> Problem? {
        if section == type {
            return isWritten ? nil : Problem("type", "needs the key '\(section.rawValue)'")
        }
        guard isWritten else { return nil }
        return Problem(
            section.rawValue,
            "belongs to policies of the type \(section.rawValue), and this one has the type \(type.rawValue)")
    }

    /// A policy inside of another one.
    public struct InnerPolicy: SettingGroup {
        public var simple = SimplePolicy()

        public init() {}

        public static let fields: [Field<Self>] = [Field(embedding: \.simple)]

        public func check() -> [Problem] {
            switch simple.type {
            case .and, .not, .drop, .composite:
                [Problem("type", "cannot be '\(simple.type?.rawValue ?? "")' inside of another policy")]
            default: []
            }
        }
    }

    /// The keys of `and`.
    public struct And: SettingGroup {
        public var parts: [InnerPolicy] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("and_sub_policy", \.parts, "Policies that all have to sample the trace.", required: true)
        ]

        public func check() -> [Problem] {
            parts.isEmpty ? [Problem("and_sub_policy", "needs at least one policy")] : []
        }
    }

    /// The keys of `drop`.
    public struct Drop: SettingGroup {
        public var parts: [InnerPolicy] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("drop_sub_policy", \.parts, "Policies that all have to match the trace.", required: true)
        ]

        public func check() -> [Problem] {
            parts.isEmpty ? [Problem("drop_sub_policy", "needs at least one policy")] : []
        }
    }

    /// The keys of `not`.
    public struct Not: SettingGroup {
        public var part: InnerPolicy?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("not_sub_policy", \.part, "The policy whose opposite is meant.", required: true)
        ]
    }
}
