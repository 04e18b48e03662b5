public import Telemetry

/// What Prometheus says of all series that are made of one metric.
public struct SeriesFamily: Sendable, Hashable {
    /// The name of the series; those of histograms and summaries add `_bucket`, `_sum` and `_count`.
    public let name: String
    /// The type; `info` and `stateset` only where the metric says that it was one (`prometheus.type`).
    public let type: MetricType
    public let help: String
    /// The word of Prometheus for the unit, such as `seconds`; empty when there is none.
    public let unit: String

    /// A family that is not made of a metric.
    init(name: String, type: MetricType, help: String, unit: String) {
        self.name = name
        self.type = type
        self.help = help
        self.unit = unit
    }

    /// Names a metric and finds its type.
    public init(_ metric: MetricView, _ settings: SeriesSettings) throws(SeriesRefusal) {
        let (type, kind) = try Self.types(of: metric)
        let ownUnit = metric.unit
        guard let name = settings.metricNamer.name(of: metric.name, unit: ownUnit, kind) else { throw .name }
        self.name = name
        self.type = type
        help = metric.details
        unit = Units.word(of: ownUnit, allowsUTF8: !settings.labelNamer.escapes)
    }

    private static func types(
        of metric: MetricView
    ) throws(SeriesRefusal) -> (MetricType, MetricNamer.Kind) {
        switch metric.content {
        case .gauge: (said(of: metric), .gauge)
        case .sum(_, _, isMonotonic: true): (.counter, .monotonicSum)
        case .sum: (said(of: metric), .other)
        case .histogram, .exponentialHistogram: (.histogram, .other)
        case .summary: (.summary, .other)
        case .empty: throw .data
        }
    }

    /// What a metric with plain values was before it came to OTLP.
    private static func said(of metric: MetricView) -> MetricType {
        let type = metric.metadata[SeriesSource.typeAttribute]?.string.flatMap { MetricType(word: $0) }
        switch type {
        case .unknown?: return .unknown
        case .info?: return .info
        case .stateSet?: return .stateSet
        default: return .gauge
        }
    }
}
