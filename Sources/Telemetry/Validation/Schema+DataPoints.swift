// opentelemetry.proto.metrics.v1: the data points and what is inside of them.
extension Schema {
    static let metricPoints: [MessageShape] = [
        MessageShape(
            .numberPoint, "NumberDataPoint",
            [
                FieldShape(2, "start_time_unix_nano", .fixed64),
                FieldShape(3, "time_unix_nano", .fixed64),
                FieldShape(4, "as_double", .fixed64),
                .many(5, "exemplars", .exemplar),
                FieldShape(6, "as_int", .fixed64),
                .attributes(7),
                FieldShape(8, "flags", .varint),
            ]),
        MessageShape(
            .histogramPoint, "HistogramDataPoint",
            [
                FieldShape(2, "start_time_unix_nano", .fixed64),
                FieldShape(3, "time_unix_nano", .fixed64),
                FieldShape(4, "count", .fixed64),
                FieldShape(5, "sum", .fixed64),
                FieldShape(6, "bucket_counts", .fixed64s),
                FieldShape(7, "explicit_bounds", .fixed64s),
                .many(8, "exemplars", .exemplar),
                .attributes(9),
                FieldShape(10, "flags", .varint),
                FieldShape(11, "min", .fixed64),
                FieldShape(12, "max", .fixed64),
            ]),
        MessageShape(
            .exponentialPoint, "ExponentialHistogramDataPoint",
            [
                .attributes(1),
                FieldShape(2, "start_time_unix_nano", .fixed64),
                FieldShape(3, "time_unix_nano", .fixed64),
                FieldShape(4, "count", .fixed64),
                FieldShape(5, "sum", .fixed64),
                FieldShape(6, "scale", .varint),
                FieldShape(7, "zero_count", .fixed64),
                .single(8, "positive", .buckets),
                .single(9, "negative", .buckets),
                FieldShape(10, "flags", .varint),
                .many(11, "exemplars", .exemplar),
                FieldShape(12, "min", .fixed64),
                FieldShape(13, "max", .fixed64),
                FieldShape(14, "zero_threshold", .fixed64),
            ]),
        MessageShape(
            .buckets, "ExponentialHistogramDataPoint.Buckets",
            [
                FieldShape(1, "offset", .varint),
                FieldShape(2, "bucket_counts", .varints),
            ]),
        MessageShape(
            .summaryPoint, "SummaryDataPoint",
            [
                FieldShape(2, "start_time_unix_nano", .fixed64),
                FieldShape(3, "time_unix_nano", .fixed64),
                FieldShape(4, "count", .fixed64),
                FieldShape(5, "sum", .fixed64),
                .many(6, "quantile_values", .quantile),
                .attributes(7),
                FieldShape(8, "flags", .varint),
            ]),
        MessageShape(
            .quantile, "SummaryDataPoint.ValueAtQuantile",
            [
                FieldShape(1, "quantile", .fixed64),
                FieldShape(2, "value", .fixed64),
            ]),
        MessageShape(
            .exemplar, "Exemplar",
            [
                FieldShape(2, "time_unix_nano", .fixed64),
                FieldShape(3, "as_double", .fixed64),
                FieldShape(4, "span_id", .spanID),
                FieldShape(5, "trace_id", .traceID),
                FieldShape(6, "as_int", .fixed64),
                .attributes(7, "filtered_attributes"),
            ]),
    ]
}
