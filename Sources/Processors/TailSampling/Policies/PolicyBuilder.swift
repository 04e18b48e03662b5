internal import Patterns
internal import Pipeline

/// Makes policies of their settings, for one lane.
struct PolicyBuilder {
    let store: TraceStore
    let context: Context
    let invertsPlainly: Bool

    /// All policies, those that drop first, since nothing overrules them.
    func build(_ policies: [TailSampling.Policy]) throws(ComponentError) -> [(
        name: String, isDrop: Bool, any TracePolicy
    )] {
        var result: [(name: String, isDrop: Bool, any TracePolicy)] = []
        let ordered =
            policies.filter { $0.simple.type == .drop } + policies.filter { $0.simple.type != .drop }
        for policy in ordered {
            result.append((policy.simple.name, policy.simple.type == .drop, try build(policy)))
        }
        return result
    }

    private func build(_ policy: TailSampling.Policy) throws(ComponentError) -> any TracePolicy {
        let path = policy.simple.name
        if let and = policy.and { return AndPolicy(parts: try build(and.parts, path)) }
        if let drop = policy.drop { return DropPolicy(parts: try build(drop.parts, path)) }
        if let part = policy.not?.part { return NotPolicy(part: try build(part.simple, path)) }
        if let composite = policy.composite { return try build(composite, path) }
        return try build(policy.simple, "")
    }

    private func build(_ composite: TailSampling.Composite, _ path: String) throws(ComponentError)
        -> any TracePolicy
    {
        var parts: [CompositePolicy.Part] = []
        for part in composite.ordered {
            let name = part.simple.name
            let policy: any TracePolicy =
                if let and = part.and {
                    AndPolicy(parts: try build(and.parts, "\(path)/\(name)"))
                } else {
                    try build(part.simple, path)
                }
            parts.append(.init(name: name, policy: policy, limit: composite.limit(of: part)))
        }
        return CompositePolicy(
            parts: parts, total: Int(composite.maxTotalSpansPerSecond), count: store.seconds(of: path))
    }

    private func build(_ parts: [TailSampling.InnerPolicy], _ path: String) throws(ComponentError)
        -> [any TracePolicy]
    {
        var result: [any TracePolicy] = []
        for part in parts { result.append(try build(part.simple, path)) }
        return result
    }

    /// `path` is where a policy is, so that what it remembers is not mixed up with that of others.
    private func build(_ policy: TailSampling.SimplePolicy, _ path: String) throws(ComponentError)
        -> any TracePolicy
    {
        let bucket = "\(path)/\(policy.name)"
        if let settings = policy.latency { return LatencyPolicy(settings: settings) }
        if let settings = policy.numericAttribute {
            return AttributePolicy(settings, plainWords: invertsPlainly)
        }
        if let settings = policy.booleanAttribute {
            return AttributePolicy(settings, plainWords: invertsPlainly)
        }
        if let settings = policy.stringAttribute {
            do throws(PatternError) {
                return try AttributePolicy(settings, plainWords: invertsPlainly)
            } catch {
                throw ComponentError("the policy '\(policy.name)': \(error)", key: "policies")
            }
        }
        if let settings = policy.probabilistic { return ProbabilisticPolicy(settings) }
        if let settings = policy.statusCode { return StatusPolicy(settings) }
        if let settings = policy.rateLimiting {
            return RatePolicy(settings: settings, bucket: store.bucket(of: "spans \(bucket)"))
        }
        if let settings = policy.bytesLimiting {
            return BytesPolicy(settings: settings, bucket: store.bucket(of: "bytes \(bucket)"))
        }
        if let settings = policy.spanCount { return SpanCountPolicy(settings: settings) }
        if let settings = policy.traceState { return TraceStatePolicy(settings) }
        if let settings = policy.ottlCondition {
            return ConditionPolicy(settings, context.clock, context.logger)
        }
        return policy.type == .traceFlags ? TraceFlagsPolicy() : AlwaysPolicy()
    }
}
