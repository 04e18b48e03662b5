public import Pipeline
public import Telemetry

/// Keeps a part of the spans or log records, the same ones wherever the same sampler is used.
///
/// `hash_seed` decides by a hash of the trace id or of an attribute; `proportional` and `equalizing` decide
/// by the randomness that OpenTelemetry defines (`rv` in the tracestate, or the last seven bytes of the
/// trace id), and take into account how a span was sampled before (`th`). What is kept is told how: in the
/// tracestate `ot=th:…;rv:…`, in log records as `sampling.threshold` and `sampling.randomness`. Spans
/// overrule with the attribute `sampling.priority`.
///
/// What was dropped stands in the ledger by rule.
public struct ProbabilisticSampler: PassingStep {
    public static let name = "probabilistic_sampler"
    public static let summary = "Keeps a percentage of spans or log records, consistently by trace id."
    public static let signals: [Signal] = [.traces, .logs]
    public static let differences = [
        "A log record whose sampling_priority is 0 is dropped, and one above 100 counts as 100, as its "
            + "documentation says; its code ignores both.",
        "What goes wrong with single items is counted by rule in "
            + "apus_processor_removed_items_by_rule and not "
            + "logged.",
    ]

    private let sampler: Sampler
    private var metrics: SamplerMetrics

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        sampler = Sampler(configuration)
        metrics = SamplerMetrics(configuration, context)
    }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        var batch = batch
        var dropped: [Sampler.Rule: Int] = [:]
        var tally = SamplerMetrics.Tally()
        batch.rewrite(.record) { draft in
            let verdict = sampler.decide(draft)
            tally.count(verdict)
            if let rule = verdict.rule {
                dropped[rule, default: 0] += 1
                draft.drop()
            }
        }
        metrics.add(tally, batch.signal)
        for rule in Sampler.Rule.allCases {
            if let items = dropped[rule] { output.remove(items, .sampledOut, rule: rule.rawValue) }
        }
        output.emit(batch)
    }
}

/// Counts decisions by what they were made by, with otelcol's names.
struct SamplerMetrics {
    /// The decisions about one batch.
    struct Tally {
        var counts: [Key: Int] = [:]

        struct Key: Hashable {
            let policy: Sampler.Policy
            let isSampled: Bool
        }

        mutating func count(_ verdict: Sampler.Verdict) {
            counts[Key(policy: verdict.policy, isSampled: verdict.rule == nil), default: 0] += 1
        }
    }

    private let attribute: String
    private let metrics: Metrics
    private let processor: String
    /// The counters that were needed so far.
    private var counters: [Series: Counter] = [:]

    private struct Series: Hashable {
        let signal: Signal
        let key: Tally.Key
    }

    init(_ settings: ProbabilisticSampler.Configuration, _ context: Context) {
        attribute = settings.fromAttribute
        metrics = context.metrics
        processor = context.id.description
    }

    mutating func add(_ tally: Tally, _ signal: Signal) {
        for (key, count) in tally.counts { counter(of: Series(signal: signal, key: key)).add(count) }
    }

    private mutating func counter(of series: Series) -> Counter {
        if let counter = counters[series] { return counter }
        let what = series.signal == .traces ? "traces" : "logs"
        let counter = metrics.counter(
            "otelcol_processor_probabilistic_sampler_count_\(what)_sampled",
            "Items that were decided about, by what and with which result.",
            labels: [
                ("policy", name(series.key.policy)), ("processor", processor),
                ("sampled", "\(series.key.isSampled)"),
            ])
        counters[series] = counter
        return counter
    }

    private func name(_ policy: Sampler.Policy) -> String {
        switch policy {
        case .traceIDHash: "trace_id_hash"
        case .traceID: "trace_id_w3c"
        case .randomness: "sampling_randomness"
        case .priority: "sampling_priority"
        case .missing: "missing_randomness"
        case .attribute: attribute
        }
    }
}
