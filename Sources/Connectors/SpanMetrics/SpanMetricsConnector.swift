public import Pipeline
public import Telemetry

/// Makes metrics of spans: how many there are, how long they took, and how many events they have.
///
/// The series belong to all lanes. They survive a change of the configuration, unless what they are made of
/// changes: then what was counted is sent and counting begins anew. What the pipelines behind refuse for now
/// stays here, and is sent when they have room; meanwhile counting goes on, within `max_state_size`.
public struct SpanMetricsConnector: Connector {
    public static let name = "span_metrics"
    public static let aliases = ["spanmetrics"]
    public static let summary = "Counts spans and how long they take, by service, name, kind and status."
    public static let signals: [Signal] = [.traces, .metrics]
    public static let conversions: [(from: Signal, to: Signal)] = [(.traces, .metrics)]
    public static let differences = [
        "aggregation_cardinality_limit is 2000 unless written; there it is off. What is beyond counts in one "
            + "series with the attribute otel.metric.overflow, for each metric and resource.",
        "max_state_size bounds the memory of all series; there it has no bound. Spans of a resource that "
            + "would take more than a sixteenth of it are not counted: four times its attributes, or twice "
            + "them and twice those of resource_metrics_key_attributes.",
        "Spans whose dimensions have more than 64 KiB, or more than 512 attributes that a glob matches, "
            + "count in the series with the attribute otel.metric.overflow.",
        "resource_metrics_cache_size counts resources; one that others take the place of is sent before, "
            + "there it may be lost.",
        "When the pipelines behind refuse metrics for now, they are sent later; there they are lost.",
        "At the end everything that was not sent is sent, and series go on over a change of the "
            + "configuration; there they are lost and begin anew.",
        "The first point of a sum says what was counted; there it says 0, and the count comes an interval "
            + "later.",
        "add_resource_attributes is true, as there while the feature gate "
            + "connector.spanmetrics.excludeResourceMetrics is off. When it is false, all spans share one "
            + "resource, so that no series has two writers.",
        "dimensions_cache_size is a limit of series; there it has no effect any more.",
        "Scopes of include_instrumentation_scope tell series apart.",
        "Values of dimensions tell series apart by their type too: 1 is not \"1\".",
    ]

    private let rules: SpanMetricsRules
    private let clock: any PipelineClock
    private let share: Share<SpanMetricsState>
    private let meters: SpanMetricsMeters
    private var reader: SpanReader

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        let rules = try SpanMetricsRules(configuration, instanceID: context.instanceID)
        self.rules = rules
        clock = context.clock
        let state = Siblings.object(for: context, variant: rules.stateText) { SpanMetricsState() }
        share = Share(state)
        meters = SpanMetricsMeters(context, state)
        reader = SpanReader(rules) { [clock] in clock.random() }
    }

    public mutating func begin() { share.begin() }

    public mutating func consume(
        _ batch: consuming Batch, into outlets: ConnectorOutlets
    ) throws(Rejection) -> Receipt {
        let moment = Moment(clock)
        reader.read(batch) { [rules, share, meters] block in
            meters.count(share.state.add(block, rules, at: moment))
        }
        meters.withoutService.add(reader.skipped)
        return .accepted
    }

    public var deadline: Instant? { share.state.deadline(rules) }

    public mutating func release(into output: inout Output) {
        for batch in share.state.flush(rules, at: Moment(clock)) { output.emit(batch) }
    }

    public mutating func drain(into output: inout Output) {
        guard share.stop() else { return }
        for batch in share.state.drain(rules, at: Moment(clock)) { output.emit(batch) }
    }
}

/// The collector's own metrics about a `span_metrics` connector.
struct SpanMetricsMeters {
    let withoutService: Counter
    private let withoutRoom: Counter
    private let overflowed: Counter
    private let evicted: Counter
    private let tooLarge: Counter

    init(_ context: Context, _ state: SpanMetricsState) {
        let labels: Metrics.Labels = [("connector", context.id.description)]
        let prefix = "apus_connector_span_metrics_"
        func skipped(_ reason: String) -> Counter {
            context.metrics.counter(
                prefix + "skipped_spans", "Spans that were not counted.",
                labels: labels + [("reason", reason)])
        }
        func counter(_ name: String, _ help: String) -> Counter {
            context.metrics.counter(prefix + name, help, labels: labels)
        }
        withoutService = skipped("no service.name")
        withoutRoom = skipped("no room")
        tooLarge = skipped("resource too large")
        overflowed = counter(
            "overflowed", "Spans and events that were counted in the series for what is beyond the limit.")
        evicted = counter("evicted_resources", "Resources that others took the place of.")
        context.metrics.observe(
            prefix + "series", "Series that are kept.", labels: labels
        ) { [weak state] in Double(state?.seriesCount ?? 0) }
        context.metrics.observe(
            prefix + "state_bytes", "Memory that series take, about.", unit: "By", labels: labels
        ) { [weak state] in Double(state?.byteCount ?? 0) }
    }

    func count(_ outcome: SpanAggregate.Outcome) {
        if outcome.skipped > 0 { withoutRoom.add(outcome.skipped) }
        if outcome.overflowed > 0 { overflowed.add(outcome.overflowed) }
        if outcome.evicted > 0 { evicted.add(outcome.evicted) }
        if outcome.tooLarge > 0 { tooLarge.add(outcome.tooLarge) }
    }
}
