internal import OTTL
public import Pipeline
public import Settings
public import Telemetry

/// Changes telemetry by statements of the OpenTelemetry Transformation Language.
///
/// The groups of a signal run one after another over a batch, and the statements of a group one after another
/// on each piece of telemetry of its context. Metrics that a statement adds pass all statements of its group
/// and those after it.
public struct TransformProcessor: PassingStep {
    public static let name = "transform"
    public static let summary = "Changes telemetry by statements of OTTL."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let differences = [
        "flatten_data and flatten need no feature gate. A batch whose copies of resources and scopes would "
            + "take more than four times its size and 16 MiB is refused, and its records are counted in "
            + "apus_processor_transform_unflattened_items.",
        "There is no context exemplar; profiles are not supported, and naming them is an error.",
        "A scope takes up to 1,000 metrics that statements add, made of one another in up to 16 generations; "
            + "in all they take up to four times the size of the batch, 64 MiB of that at most, and 16 MiB.",
        "A batch that its statements make larger by more than four times its size and 64 MiB is refused, and "
            + "its items are counted in apus_processor_transform_overgrown_items. What statements on items "
            + "write to a resource, a scope, a metric or a span counts until that is over, even where others "
            + "replace it; and what they write to one item may be 256 MiB or as much as that.",
        "convert_summary_… functions and merge_histogram_buckets work in the contexts metric and "
            + "datapoint; in the latter on that data point alone.",
        "Aggregations other than sum are an error for histograms, as its documentation says; its code makes "
            + "sums.",
        "convert_exponential_histogram_to_histogram makes one bucket more than there are bounds, as OTLP "
            + "wants it; the last one is empty.",
        "A statement that cannot be evaluated is counted in apus_processor_statement_failures, each on its "
            + "own unless the first 119 characters are the same, and logged every 10 s at most.",
    ]

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        var errorMode = ErrorMode.ignore
        var traceStatements = TransformStatements<TracePlace>()
        var metricStatements = TransformStatements<MetricPlace>()
        var logStatements = TransformStatements<LogPlace>()
        var flattenData = false

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "error_mode", \.errorMode,
                "What happens when a statement cannot be evaluated: the next one follows and it is reported "
                    + "(ignore), or is not reported (silent), or the batch is refused (propagate)."),
            Field(
                "trace_statements", \.traceStatements,
                "What is done to traces: OTTL statements, or groups of them. Their paths begin with span, "
                    + "spanevent, scope or resource."),
            Field(
                "metric_statements", \.metricStatements,
                "What is done to metrics; paths begin with metric, datapoint, scope or resource."),
            Field(
                "log_statements", \.logStatements,
                "What is done to logs; paths begin with log, scope or resource."),
            Field(
                "flatten_data", \.flattenData,
                "Whether each log record has a resource and a scope of its own while statements run."),
            .unsupported(
                "profile_statements",
                "profiles refer to a dictionary that they share, and pass as they are; change them where "
                    + "they are made"),
        ]
    }

    private let id: ComponentID
    private let groups: [Signal: [TransformGroup]]
    private let flattens: Bool
    private let errorMode: ErrorMode
    private let surroundings: Surroundings
    private let unflattened: Counter
    private let overgrown: Counter
    private let cacheResets: Counter
    private var report: FailureReport

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        id = context.id
        groups = [
            .traces: configuration.traceStatements.groups, .metrics: configuration.metricStatements.groups,
            .logs: configuration.logStatements.groups,
        ]
        flattens = configuration.flattenData
        errorMode = configuration.errorMode
        surroundings = Surroundings(in: context)
        report = FailureReport(in: context)
        let labels: Metrics.Labels = [("processor", context.id.description)]
        unflattened = context.metrics.counter(
            "apus_processor_transform_unflattened_items",
            "Log records that were refused because copies of their resources would have taken too much.",
            labels: labels)
        overgrown = context.metrics.counter(
            "apus_processor_transform_overgrown_items",
            "Items of batches that were refused because statements would have made them too large.",
            labels: labels)
        cacheResets = context.metrics.counter(
            "apus_processor_transform_cache_resets",
            "How often a shared cache had too many entries and began anew.", labels: labels)
    }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        guard let groups = groups[batch.signal], !groups.isEmpty else { return output.emit(batch) }
        var batch = batch
        let before = batch.itemCount
        var run = TransformRun(errorMode, surroundings, batch)
        defer { report.add(run.tally) }
        if flattens, batch.signal == .logs {
            try flattened(&batch) { batch in
                groups.reduce(false) { $1.run(on: &batch, &run) || $0 } && !run.isOver
            }
        } else {
            for group in groups {
                if group.flattens {
                    try flattened(&batch) { group.run(on: &$0, &run) && !run.isOver }
                } else {
                    _ = group.run(on: &batch, &run)
                }
            }
        }
        if run.isOvergrown { overgrown.add(before) }
        if run.cacheResets > 0 { cacheResets.add(run.cacheResets) }
        try run.check(id)
        let after = batch.itemCount
        if after > before { output.add(after - before) }
        if after < before { output.remove(before - after, .filtered, rule: "aggregated") }
        output.emit(batch)
    }

    /// Does something to a batch of which each record has its own resource and scope; one that does not
    /// change, or is refused, stays as it was.
    private func flattened(_ batch: inout Batch, _ body: (inout Batch) -> Bool) throws(Rejection) {
        var flat = batch
        guard flat.flatten() else {
            unflattened.add(batch.itemCount)
            throw .never(
                reason: "the processor \(id) cannot give each of \(batch.itemCount) log records a resource "
                    + "of its own: the copies would take more than \(batch.flatteningLimit) bytes; send "
                    + "smaller batches or resources, or do without flatten_data and flatten")
        }
        guard body(&flat) else { return }
        flat.regroup(by: [])
        batch = flat
    }
}
