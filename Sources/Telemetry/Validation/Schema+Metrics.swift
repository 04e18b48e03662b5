// opentelemetry.proto.metrics.v1: the way down to the data points.
extension Schema {
    static let metrics: [MessageShape] = metricContainers + metricPoints

    private static let metricContainers: [MessageShape] = [
        MessageShape(.metricsData, "MetricsData", [.many(1, "resource_metrics", .resourceMetrics)]),
        MessageShape(
            .resourceMetrics, "ResourceMetrics",
            [
                .single(1, "resource", .resource),
                .many(2, "scope_metrics", .scopeMetrics),
                FieldShape(3, "schema_url", .text),
            ]),
        MessageShape(
            .scopeMetrics, "ScopeMetrics",
            [
                .single(1, "scope", .scope),
                .many(2, "metrics", .metric),
                FieldShape(3, "schema_url", .text),
            ]),
        // The five kinds of data share a slot: a metric has one of them, once.
        MessageShape(
            .metric, "Metric",
            [
                FieldShape(1, "name", .text),
                FieldShape(2, "description", .text),
                FieldShape(3, "unit", .text),
                .single(5, "gauge", .gauge, slot: 5),
                .single(7, "sum", .sum, slot: 5),
                .single(9, "histogram", .histogram, slot: 5),
                .single(10, "exponential_histogram", .exponentialHistogram, slot: 5),
                .single(11, "summary", .summary, slot: 5),
                .attributes(12, "metadata"),
            ]),
        MessageShape(.gauge, "Gauge", [.items(1, "data_points", .numberPoint)]),
        MessageShape(
            .sum, "Sum",
            [
                .items(1, "data_points", .numberPoint),
                FieldShape(2, "aggregation_temporality", .varint),
                FieldShape(3, "is_monotonic", .varint),
            ]),
        MessageShape(
            .histogram, "Histogram",
            [
                .items(1, "data_points", .histogramPoint),
                FieldShape(2, "aggregation_temporality", .varint),
            ]),
        MessageShape(
            .exponentialHistogram, "ExponentialHistogram",
            [
                .items(1, "data_points", .exponentialPoint),
                FieldShape(2, "aggregation_temporality", .varint),
            ]),
        MessageShape(.summary, "Summary", [.items(1, "data_points", .summaryPoint)]),
    ]
}
