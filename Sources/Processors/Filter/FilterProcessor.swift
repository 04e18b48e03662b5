internal import OTTL
public import Pipeline
public import Telemetry

/// Drops telemetry for which a condition holds.
///
/// Conditions are asked from the outside to the inside: of a resource, its scopes, and there of spans and
/// their events, metrics and their data points, or log records. What is dropped goes with everything inside,
/// and a scope, a resource or a metric that loses all it had goes too; a span stays without its events.
///
/// What was dropped stands in the ledger by condition.
public struct FilterProcessor: PassingStep {
    public static let name = "filter"
    public static let summary =
        "Drops spans, span events, metrics, data points and log records by conditions."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let differences = [
        "error_mode is ignore unless it is set, as there since version 0.150.",
        "Each condition of a list is asked in its own context, as its documentation says; its code asks all "
            + "in the innermost one.",
        "What was dropped is counted by condition in apus_processor_removed_items_by_rule; span events are "
            + "counted in apus_processor_filter_removed_span_events.",
        "Metrics, scopes and resources that are empty when they come stay.",
        "Expressions (match_type: expr) and profiles are not supported, and naming them is an error.",
        "A condition that cannot be evaluated is counted in apus_processor_statement_failures, each on its "
            + "own unless the first 119 characters are the same, and logged every 10 s at most.",
    ]

    private let id: ComponentID
    private var plans: [Signal: FilterPlan]
    private let surroundings: Surroundings
    private let filtered: [Signal: Counter]
    private let events: Counter
    private var report: FailureReport

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        id = context.id
        plans = try Self.plans(configuration)
        surroundings = Surroundings(in: context)
        report = FailureReport(in: context)
        let labels: Metrics.Labels = [("filter", context.id.description)]
        let metrics = context.metrics
        filtered = Dictionary(
            uniqueKeysWithValues: [(.traces, "spans"), (.metrics, "datapoints"), (.logs, "logs")].map {
                (signal: Signal, name) in
                (
                    signal,
                    metrics.counter(
                        "otelcol_processor_filter_\(name)_filtered", "Items that were dropped.",
                        labels: labels)
                )
            })
        events = metrics.counter(
            "apus_processor_filter_removed_span_events",
            "Span events that were dropped while their span stayed.", labels: labels)
    }

    private static func plans(
        _ settings: Configuration
    ) throws(ComponentError) -> [Signal: FilterPlan] {
        let (metrics, logs) = (settings.metrics, settings.logs)
        var plans: [Signal: FilterPlan] = [:]
        for (signal, rules, include, exclude, key) in [
            (
                Signal.traces, settings.traceConditions.rules + settings.traces.rules,
                settings.spans.include, settings.spans.exclude, "spans"
            ),
            (
                .metrics, settings.metricConditions.rules + metrics.rules, metrics.include?.settings,
                metrics.exclude?.settings, "metrics"
            ),
            (
                .logs, settings.logConditions.rules + logs.rules, logs.include?.settings,
                logs.exclude?.settings, "logs"
            ),
        ] {
            let older = try OlderSelection(
                include: include, exclude: exclude, of: key, isMetrics: signal == .metrics,
                first: rules.count)
            plans[signal] = FilterPlan(
                rules, older: older.names.isEmpty ? nil : older, errorMode: settings.errorMode)
        }
        return plans
    }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        guard var plan = plans[batch.signal], !plan.isEmpty else { return output.emit(batch) }
        var batch = batch
        let before = batch.itemCount
        var run = FilterRun(plan, surroundings, batch.origin)
        batch.rewrite(plan.places) { draft in run.look(at: draft, &plan) }
        report.add(run.tally)
        try run.tally.check(id)
        plans[batch.signal]?.older = plan.older
        for (number, items) in run.dropped.enumerated() where items > 0 {
            output.remove(items, .filtered, rule: plan.names[number])
        }
        let rest = before - batch.itemCount - run.dropped.reduce(0, +)
        if rest > 0 { output.remove(rest, .filtered) }
        filtered[batch.signal]?.add(before - batch.itemCount)
        if run.events > 0 { events.add(run.events) }
        output.emit(batch)
    }
}

/// One batch on its way through a filter.
private struct FilterRun {
    /// Items that each rule dropped.
    var dropped: [Int]
    /// Span events that were dropped alone.
    var events = 0
    var tally = FailureTally()
    private let surroundings: Surroundings
    private let hasOlder: Bool
    /// The draft that was looked at last.
    private var current: ObjectIdentifier?
    /// What it is asked for, unless there is nothing; `known` keeps it alive for as long as the run.
    private var asked: Unmanaged<Asked>?
    /// All drafts that were looked at so far: the few of the rewriter.
    private var known: [(draft: ObjectIdentifier, asked: Asked?)] = []

    /// A draft as conditions see it, and the conditions.
    private final class Asked {
        let frame: Frame
        let first: FilterPlan.Rule
        let more: [FilterPlan.Rule]

        init(_ frame: Frame, _ level: FilterPlan.Level) {
            self.frame = frame
            first = level.first
            more = level.more
        }

        /// The number of the first rule that holds; `nil` when none does.
        func match(_ tally: inout FailureTally) -> Int? {
            if let rule = first.match(frame, &tally) { return rule }
            for index in more.indices where !tally.isOver {
                if let rule = more[index].match(frame, &tally) { return rule }
            }
            return nil
        }
    }

    init(_ plan: FilterPlan, _ surroundings: Surroundings, _ origin: Origin?) {
        dropped = [Int](repeating: 0, count: plan.names.count)
        hasOlder = plan.older != nil
        var surroundings = surroundings
        surroundings.origin = origin
        self.surroundings = surroundings
    }

    @inline(__always)
    mutating func look(at draft: Draft, _ plan: inout FilterPlan) {
        guard !tally.isOver else { return }
        if current != ObjectIdentifier(draft) { turn(to: draft, plan) }
        if hasOlder, let rule = plan.older?.rule(for: draft) { return drop(draft, rule) }
        guard let asked else { return }
        // Counting references to it for every span would cost as much as the condition.
        let rule = asked._withUnsafeGuaranteedRef { $0.match(&tally) }
        if let rule { drop(draft, rule) }
    }

    private mutating func turn(to draft: Draft, _ plan: FilterPlan) {
        current = ObjectIdentifier(draft)
        if let place = known.firstIndex(where: { $0.draft == current }) {
            asked = known[place].asked.map { Unmanaged.passUnretained($0) }
            return
        }
        let new = plan.level(at: draft.kind.place).map { Asked(Frame(draft, surroundings), $0) }
        known.append((ObjectIdentifier(draft), new))
        asked = new.map { Unmanaged.passUnretained($0) }
    }

    private mutating func drop(_ draft: Draft, _ rule: Int) {
        dropped[rule] += draft.itemCount
        if draft.kind == .event { events += 1 }
        draft.drop()
    }
}
