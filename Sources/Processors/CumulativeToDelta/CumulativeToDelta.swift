internal import Patterns
public import Pipeline
public import Telemetry

/// Turns cumulative sums and histograms into ones with delta temporality.
///
/// It remembers the last point of each series and sends the difference. What is not monotonic or is delta
/// already passes as it is. A point below the one before says that the series began anew: it is remembered
/// and not sent, but for histograms with explicit bounds and a lower count, which are sent whole then. `min`
/// and `max` of histograms go, since nobody knows them of a difference. A point older than the one before is
/// taken out and not remembered.
///
/// A difference is made once, so what the next step refuses stays with the engine and is not asked for again.
///
/// What it remembers is shared by all lanes, and the processor that replaces it after a change of the
/// configuration goes on with it.
public struct CumulativeToDelta: Holder {
    public static let name = "cumulative_to_delta"
    public static let aliases = ["cumulativetodelta"]
    public static let summary = "Turns cumulative sums and histograms into deltas."
    public static let signals: [Signal] = [.metrics]
    public static let differences = [
        "max_series bounds what is remembered; there it grows without a bound when max_staleness is 0.",
        "What is remembered survives a change of the configuration.",
        "An exponential histogram that begins anew goes on from there; there it waits until the old count is "
            + "exceeded.",
        "A point older than the one before is dropped and not remembered.",
        "When the next step has no room, differences stay in the collector and new telemetry is refused. One "
            + "that a destination gives up after it was taken in is lost, although with ack the sender is "
            + "told and sends the point again: that is no increase any more.",
        "Points that are not sent are counted by rule in apus_processor_removed_items_by_rule.",
    ]

    private let rules: Rules
    private let tracker: SeriesTracker
    private let clock: any PipelineClock
    private let evicted: Counter

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        rules = try Rules(configuration)
        clock = context.clock
        let pipeline = context.pipeline?.description ?? ""
        let tracker = Siblings.object(for: context, variant: pipeline) {
            SeriesTracker(start: context.clock.unixNanoseconds)
        }
        self.tracker = tracker
        let labels: Metrics.Labels = [("pipeline", pipeline), ("processor", context.id.description)]
        evicted = context.metrics.counter(
            "apus_processor_cumulative_to_delta_evicted_series",
            "Series that were forgotten because max_series had no room for them.", labels: labels)
        guard context.pipeline != nil else { return }
        context.metrics.observe(
            "apus_processor_cumulative_to_delta_series", "Series that are remembered.", labels: labels
        ) { [weak tracker] in Double(tracker?.seriesCount ?? 0) }
    }

    public mutating func take(_ batch: consuming Batch, into output: inout Output) throws(Rejection) {
        var batch = batch
        tracker.removeStale(rules.staleness, now: clock.unixNanoseconds)
        var conversion = SeriesConversion(rules, tracker)
        batch.rewrite([.resource, .scope, .metric, .record]) { conversion.look(at: $0) }
        evicted.add(tracker.removeOldest(limit: rules.limit))
        for (rule, items) in conversion.dropped.sorted(by: { $0.key < $1.key }) {
            output.remove(items, .filtered, rule: rule)
        }
        output.emit(batch)
    }

    // It keeps no telemetry of its own: as a step that may, it is not asked twice about the same points.
    public var deadline: Instant? { nil }
    public mutating func release(into output: inout Output) {}
    public mutating func drain(into output: inout Output) {}
}

extension CumulativeToDelta {
    /// The configuration, ready for use.
    struct Rules {
        let staleness: UInt64
        let limit: Int
        let initialValue: InitialValue
        private let included: TextMatcher?
        private let excluded: TextMatcher?
        private let includedTypes: [MetricType]
        private let excludedTypes: [MetricType]

        init(_ configuration: Configuration) throws(ComponentError) {
            let (seconds, attoseconds) = configuration.maxStaleness.components
            staleness = UInt64(max(seconds, 0)) * 1_000_000_000 + UInt64(max(attoseconds, 0) / 1_000_000_000)
            limit = configuration.maxSeries
            initialValue = configuration.initialValue
            included = try Self.matcher(configuration.include, "include")
            excluded = try Self.matcher(configuration.exclude, "exclude")
            includedTypes = configuration.include.metricTypes
            excludedTypes = configuration.exclude.metricTypes
        }

        private static func matcher(_ matching: Matching, _ key: String) throws(ComponentError)
            -> TextMatcher?
        {
            guard let type = matching.matchType, !matching.metrics.isEmpty else { return nil }
            do throws(PatternError) {
                return try TextMatcher(matching.metrics, type)
            } catch {
                throw ComponentError("is not a regular expression of RE2: \(error)", key: "\(key).metrics")
            }
        }

        /// Whether metrics of a name and type are converted.
        func convert(_ name: UnsafeRawBufferPointer, _ type: MetricType) -> Bool {
            if let included, !included.matches(name) { return false }
            if !includedTypes.isEmpty, !includedTypes.contains(type) { return false }
            if let excluded, excluded.matches(name) { return false }
            return !excludedTypes.contains(type)
        }
    }
}
