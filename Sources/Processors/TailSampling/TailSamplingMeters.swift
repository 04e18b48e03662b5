internal import Pipeline

/// The series of one policy, with otelcol's names; those that never count anything are never published.
final class PolicyMeters {
    private let metrics: Metrics
    private let labels: Metrics.Labels
    private var traces: [Counter?] = [nil, nil, nil]
    private var spans: [Counter?] = [nil, nil, nil]
    private let time: Counter
    private let times: Counter
    /// Nanoseconds that do not make a microsecond yet.
    private var rest: UInt64 = 0

    init(_ policy: String, _ context: Context) {
        metrics = context.metrics
        let name = context.id.name.map { "\($0).\(policy)" } ?? policy
        labels = [("policy", name), ("processor", context.id.description)]
        let prefix = TailSamplingMeters.prefix
        time = metrics.counter(
            "\(prefix)sampling_policy_execution_time_sum", "Microseconds that the policy took.",
            labels: labels)
        times = metrics.counter(
            "\(prefix)sampling_policy_execution_count", "How often the policy was asked.", labels: labels)
    }

    func count(_ vote: Vote, spans: Int, nanoseconds: UInt64) {
        let (index, labels) = TailSamplingMeters.decision(vote)
        if self.traces[index] == nil {
            let prefix = TailSamplingMeters.prefix
            self.traces[index] = metrics.counter(
                "\(prefix)count_traces_sampled", "Traces by what the policy said.",
                labels: self.labels + labels)
            self.spans[index] = metrics.counter(
                "\(prefix)count_spans_sampled", "Spans of traces by what the policy said.",
                labels: self.labels + labels)
        }
        traces[index]?.add(1)
        self.spans[index]?.add(spans)
        times.add(1)
        rest += nanoseconds
        if rest >= 1000 {
            time.add(Int(clamping: rest / 1000))
            rest %= 1000
        }
    }
}

/// The series of the processor, with otelcol's names.
struct TailSamplingMeters {
    static let prefix = "otelcol_processor_tail_sampling_"

    let errors: Counter
    private let newTraces: Counter
    private let sampled: Counter
    private let notSampled: Counter
    private let dropped: Counter
    private let earlySampled: Counter
    private let earlyNotSampled: Counter
    private let tooEarly: Counter
    private let tooLarge: Counter
    private let lateAge: Histogram
    private let removalAge: Histogram
    private let timer: Histogram

    init(_ context: Context, _ store: TraceStore) {
        let own: Metrics.Labels = [("processor", context.id.description)]
        let metrics = context.metrics
        func counter(_ name: String, _ help: String, _ labels: Metrics.Labels = []) -> Counter {
            metrics.counter(Self.prefix + name, help, labels: own + labels)
        }
        func histogram(_ name: String, _ help: String, _ bounds: [Double]) -> Histogram {
            metrics.histogram(Self.prefix + name, help, bounds: bounds, labels: own)
        }
        errors = counter("sampling_policy_evaluation_error", "Policies that could not say anything.")
        newTraces = counter("new_trace_id_received", "Traces that began to wait.")
        let traces = ("global_count_traces_sampled", "Traces by what was decided about them.")
        sampled = counter(traces.0, traces.1, Self.decision(.sampled).labels)
        notSampled = counter(traces.0, traces.1, Self.decision(.notSampled).labels)
        dropped = counter(traces.0, traces.1, Self.decision(.dropped).labels)
        let early = ("early_releases_from_cache_decision", "Spans that a cached decision was there for.")
        earlySampled = counter(early.0, early.1, [("sampled", "true")])
        earlyNotSampled = counter(early.0, early.1, [("sampled", "false")])
        tooEarly = counter(
            "sampling_trace_dropped_too_early", "Traces that were given up because there was no room.")
        tooLarge = counter(
            "traces_dropped_too_large", "Traces that were not sampled because of maximum_trace_size_bytes.")
        let seconds: [Double] = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800]
        lateAge = histogram(
            "sampling_late_span_age", "Seconds from a decision to spans that came after it.", seconds)
        removalAge = histogram(
            "sampling_trace_removal_age", "Seconds from the first span of a trace to its decision.", seconds)
        timer = histogram(
            "sampling_decision_timer_latency", "Milliseconds that a round of decisions took.",
            [1, 2, 5, 10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 2000])
        guard let pipeline = context.pipeline else { return }
        let labels: Metrics.Labels = [("pipeline", pipeline.description)] + own
        metrics.observe(
            Self.prefix + "sampling_traces_on_memory", "Traces that wait for a decision.", labels: labels
        ) { [weak store] in Double(store?.traceCount ?? 0) }
        metrics.observe(
            "apus_processor_tail_sampling_held_bytes",
            "Bytes of the requests of which something waits, and what is known of their traces.",
            labels: labels
        ) { [weak store] in Double(store?.heldBytes ?? 0) }
    }

    /// The labels of a decision.
    static func decision(_ vote: Vote) -> (index: Int, labels: Metrics.Labels) {
        switch vote {
        case .sampled, .invertSampled: (0, [("decision", "sampled"), ("sampled", "true")])
        case .notSampled, .invertNotSampled: (1, [("decision", "not_sampled"), ("sampled", "false")])
        case .dropped: (2, [("decision", "dropped"), ("sampled", "false")])
        }
    }

    func began(_ traces: Int) { if traces > 0 { newTraces.add(traces) } }

    func decided(_ decision: TraceDecision) {
        switch decision.verdict {
        case .sampled: sampled.add(1)
        case .notSampled: notSampled.add(1)
        case .dropped: dropped.add(1)
        }
    }

    func ended(after age: Duration) { removalAge.observe(Self.seconds(age)) }

    func late(_ known: KnownDecision, spans: Int, at now: Instant) {
        guard known.isCached else { return lateAge.observe(Self.seconds(now - known.time)) }
        (known.decision.verdict == .sampled ? earlySampled : earlyNotSampled).add(spans)
    }

    func hadNoRoom() { tooEarly.add(1) }

    func wasTooLarge() { tooLarge.add(1) }

    func round(took duration: Duration) { timer.observe(Self.seconds(duration) * 1000) }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
