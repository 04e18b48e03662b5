internal import Pipeline
internal import Telemetry
internal import Wire

/// Decides about spans and log records, one by one.
struct Sampler {
    /// By what was decided, for the metric.
    enum Policy: Hashable {
        case traceIDHash, traceID, randomness, priority, missing, attribute
    }

    /// Why a record was not sampled, for the ledger.
    enum Rule: String, CaseIterable {
        case percentage, priority
        case noRandomness = "no randomness"
        case inconsistent = "inconsistent threshold"
        case unreadable = "unreadable sampling information"
        case inUse = "sampling information in use"
    }

    /// What was decided.
    struct Verdict {
        let policy: Policy
        /// `nil` when it was sampled.
        let rule: Rule?
    }

    private enum Method {
        case never
        case hash(Threshold)
        case equalizing(Threshold)
        case proportional(ratio: Double)
    }

    private static let priorityKey: AttributeKey = "sampling.priority"

    private let method: Method
    private let settings: ProbabilisticSampler.Configuration
    private let source: AttributeKey?
    private let priority: AttributeKey?

    init(_ settings: ProbabilisticSampler.Configuration) {
        self.settings = settings
        source = settings.fromAttribute.isEmpty ? nil : AttributeKey(settings.fromAttribute)
        priority = settings.samplingPriority.isEmpty ? nil : AttributeKey(settings.samplingPriority)
        // The percentage has the 32 bits of otelcol, or thresholds would differ in their last digits.
        let percentage = min(Float(settings.samplingPercentage), 100)
        let ratio = Double(percentage) / 100
        let accepted = UInt64(percentage * (16384 / 100))
        let rounded = Threshold(probability: ratio, precision: settings.samplingPrecision)
        switch settings.mode {
        case _ where percentage == 0: method = .never
        case .hashSeed: method = accepted == 0 ? .never : .hash(Threshold(bits: (16384 - accepted) << 42))
        case .equalizing: method = rounded.map { .equalizing($0) } ?? .never
        case .proportional: method = .proportional(ratio: ratio)
        }
    }

    /// Decides about a record and, when it is sampled, writes how; it is left to the caller to drop it.
    func decide(_ draft: Draft) -> Verdict {
        var (randomness, policy, rule): (Randomness?, Policy, Rule?) = (nil, .missing, nil)
        var information: SamplingInformation?
        var threshold = Threshold.never
        do throws(SamplingInformation.Fault) {
            information = try SamplingInformation(of: draft)
        } catch {
            rule = .unreadable
        }
        if case .never = method {
            // Only a priority can save it, whatever it says about itself.
            (randomness, policy, rule) = (.highest, .randomness, .percentage)
        } else {
            (randomness, policy) = find(draft, information)
            if rule == nil { rule = check(draft, &information, randomness) }
            if rule != nil {
                threshold = settings.failClosed ? .never : .always
            } else if let information {
                threshold = self.threshold(after: information)
            }
        }
        apply(priorityOf: draft, &threshold, &policy, &rule)
        guard threshold.samples(randomness ?? .highest) else {
            return Verdict(policy: policy, rule: rule ?? .percentage)
        }
        information?.write(threshold, to: draft)
        return Verdict(policy: policy, rule: nil)
    }

    /// What the record is decided by.
    private func find(
        _ draft: Draft, _ information: SamplingInformation?
    ) -> (randomness: Randomness?, policy: Policy) {
        var isHash = false
        if case .hash = method { isHash = true }
        if !isHash, let explicit = information?.randomness { return (explicit, .randomness) }
        let usesTraceID = draft.kind == .span || !isHash || settings.attributeSource == .traceID
        let traceIDField = draft.kind == .span ? 1 : 9
        if usesTraceID {
            let found: Randomness? = draft.withData(traceIDField) { id in
                guard id.contains(where: { $0 != 0 }) else { return nil }
                return isHash ? Randomness(hashing: id, seed: settings.hashSeed) : Randomness(traceID: id)
            }
            if let found { return (found, isHash ? .traceIDHash : .traceID) }
        }
        guard draft.kind == .logRecord, let source else { return (nil, .missing) }
        let hashed: Randomness? =
            draft.withAttribute(source) { value in
                let bytes: Bytes
                if let text = value.string {
                    bytes = Bytes(copying: text)
                } else if case .bytes(let data) = value.view.content {
                    bytes = data
                } else {
                    bytes = Bytes(utf8: value.view.text)
                }
                guard !bytes.isEmpty else { return nil }
                return bytes.withUnsafeBytes { Randomness(hashing: $0, seed: settings.hashSeed) }
            } ?? nil
        return hashed.map { ($0, .attribute) } ?? (nil, .missing)
    }

    /// Whether what the record says about its sampling can be used; notes what it is decided by from now on.
    private func check(
        _ draft: Draft, _ information: inout SamplingInformation?, _ randomness: Randomness?
    ) -> Rule? {
        if case .hash = method {
            // Who uses OpenTelemetry's sampling must not have it overwritten by a hash that nobody knows.
            if information?.randomness != nil || information?.threshold != nil {
                information = nil
                return .inUse
            }
            guard let randomness else { return .noRandomness }
            information?.set(randomness, in: draft)
            return nil
        }
        guard let randomness else { return .noRandomness }
        if let threshold = information?.threshold, !threshold.samples(randomness) {
            information?.clearThreshold(in: draft)
            return .inconsistent
        }
        return nil
    }

    private func threshold(after information: SamplingInformation) -> Threshold {
        switch method {
        case .never: return .never
        case .hash(let threshold), .equalizing(let threshold): return threshold
        case .proportional(let ratio):
            let former = information.threshold?.probability ?? 1
            return Threshold(probability: former * ratio, precision: settings.samplingPrecision) ?? .never
        }
    }

    /// Lets the record overrule the decision: a span with 0 or more than 0, a log record with a percentage.
    private func apply(
        priorityOf draft: Draft, _ threshold: inout Threshold, _ policy: inout Policy, _ rule: inout Rule?
    ) {
        guard let key = draft.kind == .span ? Self.priorityKey : priority,
            let value = draft.withAttribute(key, { number($0, orText: draft.kind == .span) }) ?? nil
        else { return }
        if value == 0 {
            (threshold, policy, rule) = (.never, .priority, .priority)
        } else if draft.kind == .span {
            if value > 0 { (threshold, policy) = (.always, .priority) }
        } else if let wanted = Threshold(
            probability: min(value / 100, 1), precision: settings.samplingPrecision),
            wanted.bits < threshold.bits
        {
            (threshold, policy) = (wanted, .priority)
        }
    }

    private func number(_ value: LentValue, orText: Bool) -> Double? {
        switch value.number {
        case 3: Double(Int64(bitPattern: value.bits))
        case 4: Double(bitPattern: value.bits)
        case 1 where orText: value.string.flatMap { GoNumber.double($0) }
        default: nil
        }
    }
}
