import PipelineTesting
import Telemetry
import Testing

@testable import Exporters

@Suite struct DebugTextMetricsTests {
    private let lines: [Substring]

    init() throws {
        lines = DebugText(try Samples.complete(.metrics)).text.split(separator: "\n")
    }

    /// The lines of metric `number`, without its first.
    private func metric(_ number: Int) -> String {
        let start = lines.firstIndex(of: "Metric #\(number)").map { $0 + 1 } ?? lines.endIndex
        let rest = lines[start...]
        return rest.prefix { !$0.hasPrefix("Metric #") }.joined(separator: "\n")
    }

    private func heading(_ name: String, _ type: String) -> String {
        """
        Descriptor:
             -> Name: \(name)
             -> Description: A \(name).
             -> Unit: By
             -> DataType: \(type)
             -> Metadata:
                  -> meta: Str(data)
        """
    }

    private func times() -> String {
        """
        Data point attributes:
             -> zone: Str(a)
        StartTimestamp: 2020-02-11 20:26:12.000000321 +0000 UTC
        Timestamp: 2020-02-11 20:26:13.000000789 +0000 UTC
        Flags: 1
        """
    }

    private func exemplar(_ value: String) -> String {
        """
        Exemplars:
        Exemplar #0
             -> Trace ID: 0102030405060708090a0b0c0d0e0f10
             -> Span ID: 1112131415161718
             -> Timestamp: 2020-02-11 20:26:13.000000789 +0000 UTC
             -> Value: \(value)
             -> FilteredAttributes:
                  -> attachment: Str(yes)
        """
    }

    private let noTimes = """
        StartTimestamp: 1970-01-01 00:00:00 +0000 UTC
        Timestamp: 1970-01-01 00:00:00 +0000 UTC
        """

    @Test func `gauges and sums`() {
        #expect(
            metric(0) == """
                \(heading("gauge", "Gauge"))
                NumberDataPoints #0
                \(times())
                Value: 42
                \(exemplar("15"))
                NumberDataPoints #1
                \(times())
                Value: 1.250000
                \(exemplar("15.000000"))
                """)
        #expect(
            metric(1) == """
                \(heading("sum", "Sum"))
                     -> IsMonotonic: true
                     -> AggregationTemporality: Cumulative
                NumberDataPoints #0
                \(times())
                Value: 42
                \(exemplar("15"))
                """)
    }

    @Test func `histograms`() {
        #expect(
            metric(2) == """
                \(heading("histogram", "Histogram"))
                     -> AggregationTemporality: Delta
                HistogramDataPoints #0
                \(times())
                Count: 3
                Sum: 4.500000
                Min: 0.500000
                Max: 2.500000
                ExplicitBounds #0: 1.500000
                Buckets #0, Count: 1
                Buckets #1, Count: 2
                \(exemplar("15.000000"))
                HistogramDataPoints #1
                \(noTimes)
                Count: 0
                """)
    }

    @Test func `exponential histograms, from the lowest bucket to the highest`() {
        #expect(
            metric(3) == """
                \(heading("exponential", "ExponentialHistogram"))
                     -> AggregationTemporality: Delta
                ExponentialHistogramDataPoints #0
                \(times())
                Count: 5
                Sum: 0.150000
                Min: -1.250000
                Max: 2.500000
                ZeroThreshold: 0.001000
                Bucket [-1.414214, -1.000000), Count: 1
                Bucket [-1.000000, -0.707107), Count: 1
                Bucket [0, 0], Count: 1
                Bucket (1.414214, 2.000000], Count: 1
                Bucket (2.000000, 2.828427], Count: 1
                \(exemplar("15"))
                """)
    }

    @Test func `summaries, and metrics without data`() {
        #expect(
            metric(4) == """
                \(heading("summary", "Summary"))
                SummaryDataPoints #0
                \(times())
                Count: 2
                Sum: 30.000000
                QuantileValue #0: Quantile 0.990000, Value 15.000000
                SummaryDataPoints #1
                \(noTimes)
                Count: 0
                Sum: 0.000000
                """)
        #expect(
            metric(5) == """
                Descriptor:
                     -> Name: nothing
                     -> Description: \("")
                     -> Unit: \("")
                     -> DataType: Empty
                """)
    }
}
