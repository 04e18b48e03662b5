import Telemetry
import Testing

@testable import OTTL

/// How much metrics become of others, and what is said where it is too much.
@Suite struct MetricBoundTests {
    typealias S = MetricSamples

    private static let gauge = S.gauge(S.point(#""asInt":"3""#))
    private static let large = String(repeating: "x", count: 100_000)

    /// A summary whose data points have many quantiles and a large attribute.
    private static let summary: String = {
        let quantiles = Array(repeating: #"{"quantile":0.5,"value":1}"#, count: 2000).joined(separator: ",")
        return S.summary(S.point(#""count":"2","quantileValues":[\#(quantiles)]"#, ("k", large)))
    }()

    private static let numbers = (0..<2000).map { "\($0).0" }.joined(separator: ", ")

    /// Two thousand data points of an exponential histogram.
    private static let exponential: String = {
        let point = S.point(#""count":"1","positive":{"offset":1,"bucketCounts":["1"]}"#)
        let points = Array(repeating: point, count: 2000).joined(separator: ",")
        return #"{"name":"x","exponentialHistogram":{"aggregationTemporality":1,"dataPoints":[\#(points)]}}"#
    }()

    /// A statement that makes too much.
    struct TooMuch: CustomTestStringConvertible {
        let statement: String
        let metrics: String
        /// How often it fails, where that is known exactly.
        let failures: Int?
        /// What is said then, or a part of it.
        let reason: String

        var testDescription: String { reason }
    }

    private static let tooMuch: [TooMuch] = [
        TooMuch(
            statement: "copy_metric()", metrics: gauge, failures: 1,
            reason: "no metric can be added: this one was added too, and metrics are made of one another in "
                + "up to 16 generations; exclude what was added by a condition"),
        TooMuch(
            statement: #"copy_metric(name="c") where metric.name == "g""#,
            metrics: Array(repeating: gauge, count: 1003).joined(separator: ","), failures: 3,
            reason: "no metric can be added: a scope takes 1000 of them"),
        TooMuch(
            statement: "convert_summary_quantile_val_to_gauge()", metrics: summary, failures: 1,
            reason:
                "together with those added before it would take more than a batch of this size may grow by"
        ),
        TooMuch(
            statement: #"copy_metric(name=Concat(["\#(large.prefix(30_000))", metric.unit], "")) "#
                + #"where metric.name == "g""#,
            metrics: Array(repeating: gauge, count: 900).joined(separator: ","), failures: nil,
            reason: "no metric of 300"),
        TooMuch(
            statement: #"convert_exponential_histogram_to_histogram("upper", [\#(numbers)])"#,
            metrics: exponential, failures: 1, reason: "the histogram would have more than"),
    ]

    @Test(arguments: tooMuch)
    func `what would be too much is not made, and the reason is told`(_ example: TooMuch) throws {
        let (after, errors) = try S.run(example.statement, on: example.metrics)
        #expect(errors.count == example.failures ?? errors.count && !errors.isEmpty, "\(errors.count)")
        #expect(errors.allSatisfy { $0.contains(example.reason) }, "\(errors.first ?? "")")
        #expect(!after.isEmpty && after.allSatisfy { !$0.contains("wrong") })
    }

    @Test(arguments: [
        #"convert_summary_count_val_to_sum("delta", true, "12345")"#,
        #"convert_summary_sum_val_to_sum("delta", true, "12345")"#,
        #"convert_summary_quantile_val_to_gauge("q", "12345")"#,
    ])
    func `what a metric says of itself is not copied where there is no room for it`(
        _ statement: String
    ) throws {
        let name = String(repeating: "n", count: 2_000_000)
        let point = S.point(#""count":"2","quantileValues":[{"quantile":0.5,"value":1}]"#, ("k", "v"))
        let points = Array(repeating: point, count: 20).joined(separator: ",")
        let (_, errors) = try S.run(
            statement,
            on: #"{"name":"\#(name)","unit":"s","description":"ab","summary":{"dataPoints":[\#(points)]}}"#,
            in: .datapoint)
        // The size of the name, the unit and the description says that nothing else was made.
        #expect(errors.count > 5)
        #expect(errors.allSatisfy { $0.contains("no metric of 2000008 bytes can be added") }, "\(errors)")
    }
}
