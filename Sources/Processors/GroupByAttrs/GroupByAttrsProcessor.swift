public import Pipeline
public import Settings
public import Telemetry

/// Moves attributes of records to their resources, and puts together what then has the same resource and
/// scope.
///
/// It is for formats that know no resources: records that say `host.name` themselves become records of that
/// host. A value that the resource had is overwritten. Without keys it compacts: many small groups with the
/// same resource and scope become one, which later processors and backends handle faster.
///
/// Every group has its own copy of the resource, so a key whose values all differ makes a batch grow. The
/// copies of one batch take up to four times its size and 1 MiB; records beyond that stay as they are.
public struct GroupByAttrsProcessor: Processor {
    public static let name = "groupbyattrs"
    public static let summary =
        "Moves attributes of records to their resources, and joins "
        + "equal resources and scopes."
    public static let signals: [Signal] = [.traces, .metrics, .logs]
    public static let differences = [
        "Schema URLs, dropped counts and metadata of metrics are kept; there they are lost.",
        "Scopes with different attributes, and metrics with different units or temporalities, "
            + "stay apart; there "
            + "they are joined under the first.",
        "A batch in which nothing moves and nothing can be joined stays as it is.",
        "Groups repeat up to four times the size of a batch and 1 MiB in resources; records beyond that keep "
            + "their attributes and are counted in apus_processor_groupbyattrs_unmoved_items.",
        "Telemetry of several senders that wait for its delivery is not mixed.",
    ]

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var keys: [String] = []

        public init() {}

        public static let fields: [Field<Self>] = [
            Field(
                "keys", \.keys,
                "Attributes of records that are moved to resources; without any, groups are only joined."
            ) { keys in
                if keys.contains("") { return "must not have an empty key" }
                return Set(keys).count < keys.count ? "must not name a key twice" : nil
            }
        ]
    }

    private let keys: [AttributeKey]
    private let meters: [Signal: Meters]

    private struct Meters {
        let grouped: Counter
        let notGrouped: Counter
        let groups: Histogram
    }

    private let stayed: Counter

    public init(_ configuration: Configuration, in context: Context) throws(ComponentError) {
        keys = configuration.keys.map { AttributeKey($0) }
        let labels: Metrics.Labels = [("processor", context.id.description)]
        let metrics = context.metrics
        stayed = metrics.counter(
            "apus_processor_groupbyattrs_unmoved_items",
            "Items that kept their attributes because the groups of their batch had become too large.",
            labels: labels)
        let names: [(Signal, String)] = [(.traces, "span"), (.logs, "log"), (.metrics, "metric")]
        meters = Dictionary(
            uniqueKeysWithValues: names.map { signal, name in
                let prefix = "otelcol_processor_groupbyattrs_"
                return (
                    signal,
                    Meters(
                        grouped: metrics.counter(
                            "\(prefix)num_grouped_\(name)s", "Items whose attributes were moved.",
                            labels: labels),
                        notGrouped: metrics.counter(
                            "\(prefix)num_non_grouped_\(name)s", "Items that had none of the attributes.",
                            labels: labels),
                        groups: metrics.histogram(
                            "\(prefix)\(name)_groups", "Resources of a batch afterwards.",
                            bounds: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000], labels: labels))
                )
            })
    }

    public mutating func process(_ batch: inout Batch) throws(Rejection) {
        guard batch.itemCount > 0 else { return }
        let result = batch.regroup(by: keys)
        guard let meters = meters[batch.signal] else { return }
        meters.grouped.add(result.moved)
        meters.notGrouped.add(result.left)
        stayed.add(result.stayed)
        meters.groups.observe(Double(result.groups))
    }
}
