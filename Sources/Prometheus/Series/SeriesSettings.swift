/// How series of Prometheus are made of metrics of OTLP.
public struct SeriesSettings: Sendable {
    public var metricNamer: MetricNamer
    public var labelNamer: LabelNamer
    /// Labels that every series gets that has none of the name.
    public var constantLabels: LabelSet
    public var resourceAttributes: ResourceSelection
    /// Whether name, version, schema URL and attributes of the scope become labels.
    public var includesScope: Bool

    public init(
        namespace: String = "", strategy: TranslationStrategy = .underscoreEscapingWithSuffixes,
        constantLabels: LabelSet = LabelSet(), resourceAttributes: ResourceSelection = .none,
        includesScope: Bool = true
    ) {
        metricNamer = MetricNamer(namespace: namespace, strategy: strategy)
        labelNamer = LabelNamer(escapes: strategy.escapes)
        self.constantLabels = constantLabels
        self.resourceAttributes = resourceAttributes
        self.includesScope = includesScope
    }
}

/// Why something of OTLP has no place in Prometheus.
public enum SeriesRefusal: Error, Hashable, Sendable {
    /// Nothing of the name of the metric can be kept.
    case name
    /// The metric has no data, or data of a kind that is not known.
    case data
    /// The scale of an exponential histogram is below -4, the coarsest that there is.
    case scale
    /// An exponential histogram has more buckets than are possible, or buckets beyond any number.
    case buckets
    /// The count of an exponential histogram is not that of its buckets, or beyond any number; Prometheus
    /// takes nothing of a page with such a one.
    case count

    /// What is wrong, in words that stand alone.
    public var reason: String {
        switch self {
        case .name: "nothing of the name of a metric can be kept"
        case .data: "a metric has no data that is known"
        case .scale: "the scale of an exponential histogram is below -4"
        case .buckets: "an exponential histogram has more than \(NativeHistogram.bucketLimit) buckets"
        case .count: "the count of an exponential histogram is not that of its buckets"
        }
    }
}
