import OTTL
import Telemetry
import Wire

/// Metrics for tables of functions, and what became of them in short.
enum MetricSamples {
    /// A batch of metrics from their JSON.
    static func batch(_ metrics: String) throws -> Batch {
        try OTLPJSON.read(
            Bytes(utf8: #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[\#(metrics)]}]}]}"#), as: .metrics)
    }

    /// Runs a statement; returns what the metrics are afterwards, and the errors.
    static func run(
        _ statement: String, on metrics: String, in context: OTTLContext = .metric
    ) throws -> (metrics: [String], errors: [String]) {
        let statement = try Statement(
            parsing: statement, context: context, functions: .transform(in: context))
        var (batch, errors) = (try batch(metrics), [String]())
        batch.rewrite(context.place, changesParents: statement.changesParents) { draft in
            do {
                try statement.run(Frame(draft, Surroundings(now: { 0 }, random: { 7 })))
            } catch {
                errors.append("\(error)")
            }
        }
        // What a function makes has to pass the door, with the count that the rewriter keeps.
        let checked = try Batch(validating: batch.contiguous(), as: .metrics)
        guard checked.itemCount == batch.itemCount else { return (["the count is wrong"], errors) }
        return (outline(batch), errors)
    }

    /// `name(unit, description) kind temporality monotonic: points`.
    static func outline(_ batch: Batch) -> [String] {
        batch.resourceMetrics.flatMap { $0.scopes }.flatMap { $0.records }.map { metric in
            let details = [metric.unit, metric.details].filter { !$0.isEmpty }.joined(separator: ", ")
            return metric.name + (details.isEmpty ? "" : "(\(details))") + " " + content(of: metric)
        }
    }

    private static func content(of metric: MetricView) -> String {
        switch metric.content {
        case .empty: "nothing"
        case .gauge(let points): "gauge: " + points.map(number).joined(separator: ", ")
        case .sum(let points, let temporality, let isMonotonic):
            "sum \(temporality)\(isMonotonic ? " monotonic" : ""): "
                + points.map(number).joined(separator: ", ")
        case .histogram(let points, let temporality):
            "histogram \(temporality): " + points.map(histogram).joined(separator: ", ")
        case .exponentialHistogram(let points, let temporality):
            "exponential \(temporality): " + points.map(exponential).joined(separator: ", ")
        case .summary(let points): "summary: " + points.map(summary).joined(separator: ", ")
        }
    }

    private static func attributes(_ point: some PointView, _ attributes: Messages<KeyValueView>) -> String {
        let pairs = attributes.map { "\($0.key)=\($0.value.text)" }
        let times = point.startTime == 0 && point.time == 0 ? [] : ["\(point.startTime)-\(point.time)"]
        return pairs.isEmpty && times.isEmpty ? "" : "{\((pairs + times).joined(separator: " "))}"
    }

    private static func number(_ point: NumberPointView) -> String {
        let value =
            switch point.value {
            case .double(let double): double.plainText + "d"
            case .int(let int): "\(int)"
            case nil: "-"
            }
        return value + attributes(point, point.attributes)
    }

    private static func histogram(_ point: HistogramPointView) -> String {
        let range = [point.min, point.max].map { $0?.plainText ?? "" }.joined(separator: "…")
        return "\(point.count)/\(point.sum?.plainText ?? "-") \(range) \(point.bucketCounts)"
            + "\(point.explicitBounds.map(\.plainText))" + attributes(point, point.attributes)
    }

    private static func exponential(_ point: ExponentialHistogramPointView) -> String {
        "\(point.count)/\(point.sum?.plainText ?? "-") scale \(point.scale) zero \(point.zeroCount) "
            + "+\(point.positive?.offset ?? 0)\(point.positive?.bucketCounts ?? []) "
            + "-\(point.negative?.offset ?? 0)\(point.negative?.bucketCounts ?? [])"
            + attributes(point, point.attributes)
    }

    private static func summary(_ point: SummaryPointView) -> String {
        "\(point.count)/\(point.sum.plainText) "
            + point.quantiles.map { "\($0.quantile.plainText)=\($0.value.plainText)" }.joined(separator: " ")
            + attributes(point, point.attributes)
    }

    /// A data point with a text as its attribute `key`.
    static func point(_ fields: String, _ attributes: (String, String)...) -> String {
        let pairs = attributes.map { #"{"key":"\#($0)","value":{"stringValue":"\#($1)"}}"# }
        return
            #"{\#(fields),"startTimeUnixNano":"1","timeUnixNano":"2","#
            + #""attributes":[\#(pairs.joined(separator: ","))]}"#
    }

    static func gauge(_ points: String...) -> String {
        #"{"name":"g","unit":"s","description":"d","#
            + #""gauge":{"dataPoints":[\#(points.joined(separator: ","))]}}"#
    }

    static func sum(_ points: String..., temporality: Int = 2) -> String {
        let data = points.joined(separator: ",")
        return #"{"name":"s","sum":{"aggregationTemporality":\#(temporality),"isMonotonic":true,"#
            + #""dataPoints":[\#(data)]}}"#
    }

    static func histogram(_ points: String..., temporality: Int = 1) -> String {
        let data = points.joined(separator: ",")
        return #"{"name":"h","unit":"s","description":"d","histogram":{"aggregationTemporality":"#
            + #"\#(temporality),"dataPoints":[\#(data)]}}"#
    }

    static func exponential(_ points: String...) -> String {
        let data = points.joined(separator: ",")
        return #"{"name":"x","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[\#(data)]}}"#
    }

    static func summary(_ points: String...) -> String {
        #"{"name":"q","unit":"s","description":"d","#
            + #""summary":{"dataPoints":[\#(points.joined(separator: ","))]}}"#
    }
}
