extension FunctionSet {
    /// What statements of the processor `transform` may use in a context: the standard functions, and those
    /// that only metrics, spans or log records have.
    public static func transform(in context: OTTLContext) -> FunctionSet {
        switch context {
        case .metric: metricEditors
        case .datapoint: pointEditors
        case .span: spanEditors
        case .log: logConverters
        case .resource, .scope, .spanevent: .standard
        }
    }

    /// What conditions of the processor `filter` may use in a context.
    public static func filter(in context: OTTLContext) -> FunctionSet {
        context == .metric ? metricTests : .standard
    }

    /// The functions that are not standard, for the reference page.
    static let ofContexts: [(title: String, processor: String, functions: [Function])] = [
        ("Only for metrics", "transform", ofMetrics), ("Only for spans", "transform", SpanNameEditor.all),
        ("Only for log records", "transform", LogFormatConverters.all),
        ("Only for metrics, in conditions", "filter", MetricTests.all),
    ]

    private static let ofWholeMetrics =
        MetricConversions.all + MetricExtractions.ofMetrics + MetricAggregations.all
        + HistogramEditors.ofMetrics
    private static let ofMetrics = ofWholeMetrics + MetricExtractions.ofSummaries + HistogramEditors.ofPoints

    private static let metricEditors = standard.adding(ofMetrics)
    private static let pointEditors = standard.adding(
        ofWholeMetrics.map { $0.refused("it works on whole metrics: put it in a group of its own") }
            + MetricExtractions.ofSummaries + HistogramEditors.ofPoints)
    private static let spanEditors = standard.adding(SpanNameEditor.all)
    private static let logConverters = standard.adding(LogFormatConverters.all)
    private static let metricTests = standard.adding(MetricTests.all)
}
