extension OTTLContext {
    /// The names with a number that statements of the context may use.
    var enumeration: [String: Int64] {
        switch self {
        case .resource, .scope: [:]
        case .span, .spanevent: Self.spans
        case .metric: Self.metrics
        case .datapoint: Self.metrics.merging(Self.points) { first, _ in first }
        case .log: Self.severities
        }
    }

    private static let spans: [String: Int64] = [
        "SPAN_KIND_UNSPECIFIED": 0, "SPAN_KIND_INTERNAL": 1, "SPAN_KIND_SERVER": 2,
        "SPAN_KIND_CLIENT": 3, "SPAN_KIND_PRODUCER": 4, "SPAN_KIND_CONSUMER": 5,
        "STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2,
    ]

    private static let metrics: [String: Int64] = [
        "AGGREGATION_TEMPORALITY_UNSPECIFIED": 0, "AGGREGATION_TEMPORALITY_DELTA": 1,
        "AGGREGATION_TEMPORALITY_CUMULATIVE": 2, "METRIC_DATA_TYPE_NONE": 0, "METRIC_DATA_TYPE_GAUGE": 1,
        "METRIC_DATA_TYPE_SUM": 2, "METRIC_DATA_TYPE_HISTOGRAM": 3,
        "METRIC_DATA_TYPE_EXPONENTIAL_HISTOGRAM": 4, "METRIC_DATA_TYPE_SUMMARY": 5,
    ]

    private static let points: [String: Int64] = ["FLAG_NONE": 0, "FLAG_NO_RECORDED_VALUE": 1]

    private static let severities: [String: Int64] = {
        var names: [String: Int64] = ["SEVERITY_NUMBER_UNSPECIFIED": 0]
        for (index, level) in ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"].enumerated() {
            for step in 0..<4 {
                let suffix = step == 0 ? "" : "\(step + 1)"
                names["SEVERITY_NUMBER_\(level)\(suffix)"] = Int64(index * 4 + step + 1)
            }
        }
        return names
    }()
}
