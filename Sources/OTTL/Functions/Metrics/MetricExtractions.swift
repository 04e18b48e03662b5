internal import Telemetry
internal import Wire

/// convert_summary_…, extract_count_metric, extract_percentile_metric, extract_sum_metric: metrics made of
/// others.
enum MetricExtractions {
    /// Functions that need the whole metric.
    static let ofMetrics: [Function] = [extractCount, extractSum, extractPercentile]
    /// Functions on summaries, which also work on one data point.
    static let ofSummaries: [Function] = [
        convertSummaryCount, convertSummarySum, convertSummaryQuantiles,
    ]

    private static let cumulative: UInt64 = 2

    private static let extractCount = Function(
        editor: "extract_count_metric",
        [Parameter("is_monotonic", .literalBool), Parameter("suffix", .literalString, isOptional: true)]
    ) { arguments throws(FunctionError) in
        let isMonotonic = arguments[0].literalBool ?? false
        let suffix = try arguments.literal(1, default: "_count")
        return { frame throws(EvaluationError) in
            let (data, temporality) = try distribution(of: frame, "extract_count_metric")
            var metric = try NewMetric(from: frame, suffix: suffix, .sum)
            // The unit of what is counted is not that of a count.
            metric.unit = Bytes(utf8: "1")
            (metric.temporality, metric.isMonotonic) = (temporality, isMonotonic)
            var points = try NewPoints(of: metric, for: frame)
            for point in data.points {
                try points.add(point.numberPoint(data.kind) { $0.write(fixed64: point.unsigned(4), 6) })
            }
            try points.finish(metric)
        }
    }.documented(
        "Adds a sum of the counts of a histogram, exponential histogram or summary.",
        example: #"extract_count_metric(true, ".count")"#)

    private static let extractSum = Function(
        editor: "extract_sum_metric",
        [Parameter("is_monotonic", .literalBool), Parameter("suffix", .literalString, isOptional: true)]
    ) { arguments throws(FunctionError) in
        let isMonotonic = arguments[0].literalBool ?? false
        let suffix = try arguments.literal(1, default: "_sum")
        return { frame throws(EvaluationError) in
            let (data, temporality) = try distribution(of: frame, "extract_sum_metric")
            var metric = try NewMetric(from: frame, suffix: suffix, .sum)
            (metric.temporality, metric.isMonotonic) = (temporality, isMonotonic)
            var points = try NewPoints(of: metric, for: frame)
            for point in data.points {
                guard let sum = point.double(5) ?? (data.kind == .summary ? 0 : nil) else { continue }
                try points.add(point.numberPoint(data.kind) { $0.write(double: sum, 4) })
            }
            try points.finish(metric)
        }
    }.documented(
        "Adds a sum of the sums of a histogram, exponential histogram or summary.",
        example: #"extract_sum_metric(true, ".sum")"#)

    /// The data of a histogram or a summary and its temporality.
    private static func distribution(
        of frame: Frame, _ name: String
    ) throws(EvaluationError) -> (MetricData, UInt64) {
        guard let data = MetricData(frame.metric), data.kind.isHistogram || data.kind == .summary else {
            throw .message("\(name) works on histograms, exponential histograms and summaries")
        }
        // Summaries say nothing about it and are meant to be cumulative.
        let temporality = data.kind == .summary ? cumulative : data.temporality
        guard temporality != 0 else {
            throw .message("\(name) needs to know the temporality of the \(data.kind.name)")
        }
        return (data, temporality)
    }

    private static let extractPercentile = Function(
        editor: "extract_percentile_metric",
        [Parameter("percentile", .value), Parameter("suffix", .literalString, isOptional: true)]
    ) { arguments throws(FunctionError) in
        let percentile = try arguments.number(0)
        guard percentile > 0, percentile < 100 else {
            throw FunctionError("the percentile has to be more than 0 and less than 100", parameter: 0)
        }
        let number = percentile.plainText
        let suffix = try arguments.literal(1, default: "_p\(number)")
        return { frame throws(EvaluationError) in
            guard let data = MetricData(frame.metric), data.kind.isHistogram else { return }
            var metric = try NewMetric(from: frame, suffix: suffix, .gauge)
            metric.description = Bytes(metric.description.array + Array(" (p\(number))".utf8))
            let estimate = Percentile(share: percentile / 100)
            var points = try NewPoints(of: metric, for: frame)
            for point in data.points {
                let value = try estimate.value(of: point, data.kind)
                try points.add(point.numberPoint(data.kind) { $0.write(double: value, 4) })
            }
            try points.finish(metric)
        }
    }.documented(
        "Adds a gauge with a percentile of a histogram or exponential histogram, estimated from its buckets.",
        example: #"extract_percentile_metric(99.9) where metric.name == "http.server.duration""#)

    private static let convertSummaryCount = summary(
        "convert_summary_count_val_to_sum", "_count",
        "Adds a sum of the counts of a summary; in the context datapoint of the count of that point."
    ) { point, writer in writer.write(fixed64: point.unsigned(4), 6) }

    private static let convertSummarySum = summary(
        "convert_summary_sum_val_to_sum", "_sum",
        "Adds a sum of the sums of a summary; in the context datapoint of the sum of that point."
    ) { point, writer in writer.write(double: point.double(5) ?? 0, 4) }

    private static func summary(
        _ name: String, _ ending: String, _ summary: String,
        _ value: @escaping @Sendable (WireMessage, inout Writer) -> Void
    ) -> Function {
        Function(
            editor: name,
            [
                Parameter("aggregation_temporality", .literalString),
                Parameter("is_monotonic", .literalBool),
                Parameter("suffix", .literalString, isOptional: true),
            ]
        ) { arguments throws(FunctionError) in
            let temporality = try arguments.temporality(0)
            let isMonotonic = arguments[1].literalBool ?? false
            let suffix = try arguments.literal(2, default: ending)
            return { frame throws(EvaluationError) in
                guard let data = MetricData(frame.metric), data.kind == .summary else { return }
                var metric = try NewMetric(from: frame, suffix: suffix, .sum)
                (metric.temporality, metric.isMonotonic) = (temporality, isMonotonic)
                var points = try NewPoints(of: metric, for: frame)
                for point in frame.points(of: data) {
                    try points.add(point.numberPoint(.summary) { value(point, &$0) })
                }
                try points.finish(metric)
            }
        }.documented(summary, example: #"\#(name)("delta", true)"#)
    }

    private static let convertSummaryQuantiles = Function(
        editor: "convert_summary_quantile_val_to_gauge",
        [
            Parameter("attribute_key", .literalString, isOptional: true),
            Parameter("suffix", .literalString, isOptional: true),
        ]
    ) { arguments throws(FunctionError) in
        let key = Bytes(utf8: try arguments.literal(0, default: "quantile"))
        let suffix = try arguments.literal(1, default: ".quantiles")
        return { frame throws(EvaluationError) in
            guard let data = MetricData(frame.metric), data.kind == .summary else { return }
            let metric = try NewMetric(from: frame, suffix: suffix, .gauge)
            var points = try NewPoints(of: metric, for: frame)
            for point in frame.points(of: data) {
                // Times and attributes are the same for all quantiles, of which there may be many.
                let shared = point.numberPoint(.summary, without: key) { _ in }
                for field in point.fields where field.number == 6 {
                    let quantile = WireMessage(point.bytes[field.value])
                    var writer = Writer(capacity: shared.count + 64)
                    writer.write(raw: shared)
                    writer.write(double: quantile.double(2) ?? 0, 4)
                    let mark = writer.begin(7)
                    writer.write(bytes: key, 1)
                    let value = writer.begin(2)
                    writer.write(string: text(ofQuantile: quantile.double(1) ?? 0), 1)
                    writer.end(value)
                    writer.end(mark)
                    try points.add(writer.finish())
                }
            }
            try points.finish(metric)
        }
    }.documented(
        "Adds a gauge with a data point for each quantile of a summary, which is named in an attribute.",
        example: #"convert_summary_quantile_val_to_gauge("custom_quantile", "custom_suffix")"#)

    /// A quantile as text: `0.50`, `0.999`, `1`.
    private static func text(ofQuantile quantile: Double) -> String {
        let text = quantile.plainText
        return text.utf8.count < 4 && text != "0" && text != "1" ? text + "0" : text
    }
}
