public import Pipeline
public import Telemetry

/// Makes metrics of the requests between services: it pairs the span of the client with that of the server.
///
/// Pairs are found whatever lanes their spans come on. Spans that wait and series survive a change of the
/// configuration, unless what the series are made of changes. What the pipelines behind refuse for now stays
/// here, and is sent when they have room.
public struct ServiceGraphConnector: Connector {
    public static let name = "service_graph"
    public static let aliases = ["servicegraph"]
    public static let summary = "Counts requests between services, their failures and how long they take."
    public static let signals: [Signal] = [.traces, .metrics]
    public static let conversions: [(from: Signal, to: Signal)] = [(.traces, .metrics)]
    public static let differences = [
        "aggregation_cardinality_limit and max_state_size bound the series; there they have no bound.",
        "Names of services, databases and peers, and values of dimensions, are cut after 4096 bytes.",
        "A span that ends before it begins took no time; there it took centuries.",
        "A series begins with its first request; there all begin with the collector.",
        "When the store is full, spans that have waited too long make room; there the new one is dropped.",
        "At the end everything that was not sent is sent, and spans and series go on over a change of the "
            + "configuration; there they are lost and begin anew.",
        "When the pipelines behind refuse metrics for now, they are sent later; there a flush is lost.",
        "A bucket needs a unit, as in 100ms; there a number without one is nanoseconds.",
        "Spans that are dropped and requests without another end are told by the collector's own metrics, "
            + "with the same names as there.",
    ]

    private let rules: ServiceGraphRules
    private let clock: any PipelineClock
    private let share: Share<ServiceGraphState>
    private let meters: ServiceGraphMeters
    private var reader: EdgeReader

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        rules = ServiceGraphRules(configuration)
        clock = context.clock
        let state = Siblings.object(for: context, variant: rules.stateText) { ServiceGraphState() }
        share = Share(state)
        meters = ServiceGraphMeters(context, state)
        reader = EdgeReader(rules)
    }

    public mutating func begin() { share.begin() }

    public mutating func consume(
        _ batch: consuming Batch, into outlets: ConnectorOutlets
    ) throws(Rejection) -> Receipt {
        let moment = Moment(clock)
        reader.read(batch) { [rules, share, meters] ends in
            meters.count(share.state.add(ends, rules, at: moment))
        }
        if reader.skipped > 0 { meters.withoutService.add(reader.skipped) }
        return .accepted
    }

    public var deadline: Instant? { share.state.deadline(rules) }

    public mutating func release(into output: inout Output) {
        let (batches, outcome) = share.state.release(rules, at: Moment(clock))
        meters.count(outcome)
        for batch in batches { output.emit(batch) }
    }

    public mutating func drain(into output: inout Output) {
        guard share.stop() else { return }
        let (batches, outcome) = share.state.drain(rules, at: Moment(clock))
        meters.count(outcome)
        for batch in batches { output.emit(batch) }
    }
}

/// The collector's own metrics about a `service_graph` connector.
struct ServiceGraphMeters {
    let withoutService: Counter
    private let newEdges: Counter
    private let expiredEdges: Counter
    private let dropped: Counter
    private let overflowed: Counter

    init(_ context: Context, _ state: ServiceGraphState) {
        let labels: Metrics.Labels = [("connector", context.id.description)]
        func counter(_ name: String, _ help: String) -> Counter {
            context.metrics.counter(name, help, labels: labels)
        }
        newEdges = counter("otelcol_connector_servicegraph_total_edges", "Requests of which a span came.")
        expiredEdges = counter(
            "otelcol_connector_servicegraph_expired_edges",
            "Requests whose other end did not come in time.")
        dropped = counter(
            "otelcol_connector_servicegraph_dropped_spans", "Spans that there was no room for.")
        overflowed = counter(
            "apus_connector_service_graph_overflowed",
            "Requests that were counted in the series for what is beyond the limit.")
        withoutService = counter(
            "apus_connector_service_graph_skipped_spans", "Spans of resources without service.name.")
        let prefix = "apus_connector_service_graph_"
        context.metrics.observe(
            prefix + "waiting_edges", "Requests that wait for their other end.", labels: labels
        ) { [weak state] in Double(state?.edgeCount ?? 0) }
        context.metrics.observe(prefix + "series", "Series that are kept.", labels: labels) { [weak state] in
            Double(state?.seriesCount ?? 0)
        }
        context.metrics.observe(
            prefix + "state_bytes", "Memory that requests and series take, about.", unit: "By",
            labels: labels
        ) { [weak state] in Double(state?.byteCount ?? 0) }
    }

    func count(_ outcome: ServiceGraphAggregate.Outcome) {
        if outcome.newEdges > 0 { newEdges.add(outcome.newEdges) }
        if outcome.expiredEdges > 0 { expiredEdges.add(outcome.expiredEdges) }
        if outcome.dropped > 0 { dropped.add(outcome.dropped) }
        if outcome.overflowed > 0 { overflowed.add(outcome.overflowed) }
    }
}
