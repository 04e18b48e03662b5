internal import Patterns
internal import Pipeline
public import Settings

extension CumulativeToDelta {
    /// What becomes of the first point of a series.
    public enum InitialValue: String, SettingChoice {
        case auto, keep, drop
    }

    /// The kinds of metrics that can be converted; upper case is read too.
    public enum MetricType: String, SettingChoice {
        case sum, histogram, exponentialhistogram

        public static func read(
            _ tree: Tree, over existing: Self?, with reader: inout SettingReader
        ) -> Self? {
            if let type = tree.text.flatMap({ Self(rawValue: $0.lowercased()) }) { return type }
            reader.mismatch(tree, expected: kind)
            return nil
        }
    }

    /// Which metrics are meant.
    public struct Matching: SettingGroup {
        public var metrics: [String] = []
        public var metricTypes: [MetricType] = []
        public var matchType: MatchSettings.MatchType?

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("metrics", \.metrics, "Names of metrics."),
            Field("metric_types", \.metricTypes, "Kinds of metrics."),
            Field(
                "match_type", \.matchType,
                "Whether names have to be equal, or to match regular expressions (RE2)."),
            .unsupported(
                "regexp", "results are not cached, since an expression takes about as long as a look-up"),
        ]

        public func check() -> [Problem] {
            switch matchType {
            case nil where !metrics.isEmpty:
                return [
                    Problem(
                        "metrics",
                        "needs a match_type: "
                            + "strict or regexp")
                ]
            case .some where metrics.isEmpty: return [Problem("match_type", "needs metrics to match")]
            case .regexp:
                return metrics.enumerated().compactMap { index, pattern in
                    RegularExpression.problem(of: pattern).map { Problem("metrics.\(index)", $0) }
                }
            default: return []
            }
        }
    }

    /// The keys of the processor.
    public struct Configuration: SettingGroup {
        public var include = Matching()
        public var exclude = Matching()
        public var maxStaleness = Duration.zero
        public var initialValue = InitialValue.auto
        public var maxSeries = 500_000

        public init() {}

        public static let fields: [Field<Self>] = [
            Field("include", \.include, "The metrics that are converted; without it all are."),
            Field("exclude", \.exclude, "Metrics that are not converted, of those that are included."),
            Field(
                "max_staleness", \.maxStaleness,
                "How long a series is remembered after its last point; 0 is as long as there is room."
            ) { $0 < .zero ? "must not be negative" : nil },
            Field(
                "initial_value", \.initialValue,
                "What becomes of the first point of a series: keep sends it, drop only "
                    + "remembers it, auto sends it "
                    + "when the series began after the collector and before the point."),
            Field(
                "max_series", \.maxSeries,
                "Series that are remembered, with up to 1 KiB of memory each on average (a sum takes about "
                    + "200 bytes, a histogram 16 more for each bucket); beyond either, those without a point "
                    + "for the longest time are forgotten and begin anew."
            ) { $0 < 10 ? "must be 10 or more" : $0 > 1 << 40 ? "must be less than 2^40" : nil },
        ]
    }
}
