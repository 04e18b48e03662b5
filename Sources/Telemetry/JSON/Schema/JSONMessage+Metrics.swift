extension JSONMessage {
    /// The messages of opentelemetry/proto/metrics/v1/metrics.proto, down to the metric.
    var metricFields: [JSONField]? {
        switch self {
        case .metricsData: [JSONField("resourceMetrics", 1, .resourceMetrics, .repeated)]
        case .resourceMetrics:
            [
                JSONField("resource", 1, .resource), JSONField("scopeMetrics", 2, .scopeMetrics, .repeated),
                JSONField("schemaUrl", 3, .string),
            ]
        case .scopeMetrics:
            [
                JSONField("scope", 1, .scope), JSONField("metrics", 2, .metric, .repeated),
                JSONField("schemaUrl", 3, .string),
            ]
        case .metric:
            [
                JSONField("name", 1, .string), JSONField("description", 2, .string),
                JSONField("unit", 3, .string), JSONField("gauge", 5, .gauge, .oneof),
                JSONField("sum", 7, .sum, .oneof), JSONField("histogram", 9, .histogram, .oneof),
                JSONField("exponentialHistogram", 10, .exponentialHistogram, .oneof),
                JSONField("summary", 11, .summary, .oneof), JSONField("metadata", 12, .keyValue, .repeated),
            ]
        case .gauge: [JSONField("dataPoints", 1, .numberPoint, .repeated)]
        case .sum:
            [
                JSONField("dataPoints", 1, .numberPoint, .repeated),
                JSONField("aggregationTemporality", 2, .enumeration), JSONField("isMonotonic", 3, .bool),
            ]
        case .histogram:
            [
                JSONField("dataPoints", 1, .histogramPoint, .repeated),
                JSONField("aggregationTemporality", 2, .enumeration),
            ]
        case .exponentialHistogram:
            [
                JSONField("dataPoints", 1, .exponentialPoint, .repeated),
                JSONField("aggregationTemporality", 2, .enumeration),
            ]
        case .summary: [JSONField("dataPoints", 1, .summaryPoint, .repeated)]
        default: nil
        }
    }

    /// The messages of opentelemetry/proto/metrics/v1/metrics.proto, data points and what they are made of.
    var pointFields: [JSONField]? {
        switch self {
        case .numberPoint:
            [
                JSONField("startTimeUnixNano", 2, .fixed64), JSONField("timeUnixNano", 3, .fixed64),
                JSONField("asDouble", 4, .double, .oneof), JSONField("exemplars", 5, .exemplar, .repeated),
                JSONField("asInt", 6, .sfixed64, .oneof), JSONField("attributes", 7, .keyValue, .repeated),
                JSONField("flags", 8, .uint32),
            ]
        case .histogramPoint:
            [
                JSONField("startTimeUnixNano", 2, .fixed64), JSONField("timeUnixNano", 3, .fixed64),
                JSONField("count", 4, .fixed64), JSONField("sum", 5, .double, .explicit),
                JSONField("bucketCounts", 6, .fixed64, .repeated),
                JSONField("explicitBounds", 7, .double, .repeated),
                JSONField("exemplars", 8, .exemplar, .repeated),
                JSONField("attributes", 9, .keyValue, .repeated), JSONField("flags", 10, .uint32),
                JSONField("min", 11, .double, .explicit), JSONField("max", 12, .double, .explicit),
            ]
        case .exponentialPoint: exponentialPointFields
        case .buckets: [JSONField("offset", 1, .sint32), JSONField("bucketCounts", 2, .uint64, .repeated)]
        case .summaryPoint:
            [
                JSONField("startTimeUnixNano", 2, .fixed64), JSONField("timeUnixNano", 3, .fixed64),
                JSONField("count", 4, .fixed64), JSONField("sum", 5, .double),
                JSONField("quantileValues", 6, .quantile, .repeated),
                JSONField("attributes", 7, .keyValue, .repeated), JSONField("flags", 8, .uint32),
            ]
        case .quantile: [JSONField("quantile", 1, .double), JSONField("value", 2, .double)]
        case .exemplar:
            [
                JSONField("timeUnixNano", 2, .fixed64), JSONField("asDouble", 3, .double, .oneof),
                JSONField("spanId", 4, .spanID), JSONField("traceId", 5, .traceID),
                JSONField("asInt", 6, .sfixed64, .oneof),
                JSONField("filteredAttributes", 7, .keyValue, .repeated),
            ]
        default: nil
        }
    }

    private var exponentialPointFields: [JSONField] {
        [
            JSONField("attributes", 1, .keyValue, .repeated),
            JSONField("startTimeUnixNano", 2, .fixed64), JSONField("timeUnixNano", 3, .fixed64),
            JSONField("count", 4, .fixed64), JSONField("sum", 5, .double, .explicit),
            JSONField("scale", 6, .sint32), JSONField("zeroCount", 7, .fixed64),
            JSONField("positive", 8, .buckets), JSONField("negative", 9, .buckets),
            JSONField("flags", 10, .uint32), JSONField("exemplars", 11, .exemplar, .repeated),
            JSONField("min", 12, .double, .explicit), JSONField("max", 13, .double, .explicit),
            JSONField("zeroThreshold", 14, .double),
        ]
    }
}
