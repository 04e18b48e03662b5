import OTTL
import Testing

/// Functions that only metrics have, by their documentation in otelcol-contrib.
@Suite struct MetricFunctionTests {
    typealias S = MetricSamples
    typealias Row = (statement: String, metrics: String, after: [String])

    static let conversions: [Row] = [
        (
            "convert_sum_to_gauge()", S.sum(S.point(#""asInt":"3""#, ("k", "v"))),
            ["s gauge: 3{k=v 1-2}"]
        ),
        ("convert_sum_to_gauge()", S.gauge(S.point(#""asInt":"3""#)), ["g(s, d) gauge: 3{1-2}"]),
        (
            #"convert_gauge_to_sum("cumulative", false)"#, S.gauge(S.point(#""asDouble":3"#)),
            ["g(s, d) sum 2: 3d{1-2}"]
        ),
        (
            #"convert_gauge_to_sum("delta", true)"#, S.gauge(S.point(#""asDouble":3"#)),
            ["g(s, d) sum 1 monotonic: 3d{1-2}"]
        ),
        (
            #"copy_metric(name="copy", unit="ms") where metric.name == "g""#,
            S.gauge(S.point(#""asInt":"3""#)),
            ["g(s, d) gauge: 3{1-2}", "copy(ms, d) gauge: 3{1-2}"]
        ),
        (
            #"copy_metric(desc="new") where metric.description == "d""#, S.gauge(S.point(#""asInt":"3""#)),
            ["g(s, d) gauge: 3{1-2}", "g(s, new) gauge: 3{1-2}"]
        ),
        ("scale_metric(10.0)", S.gauge(S.point(#""asDouble":1.5"#)), ["g(s, d) gauge: 15d{1-2}"]),
        (
            #"scale_metric(0.1, "kWh")"#, S.sum(S.point(#""asInt":"25""#)), ["s(kWh) sum 2 monotonic: 2{1-2}"]
        ),
        (
            "scale_metric(10)",
            S.histogram(
                S.point(#""count":"3","sum":6,"min":1,"max":4,"bucketCounts":["1","2"],"explicitBounds":[5]"#)
            ),
            [#"h(s, d) histogram 1: 3/60 10…40 [1, 2]["50"]{1-2}"#]
        ),
        (
            "scale_metric(2.0)",
            S.summary(S.point(#""count":"2","sum":3,"quantileValues":[{"quantile":0.5,"value":1.5}]"#)),
            ["q(s, d) summary: 2/6 0.5=3{1-2}"]
        ),
    ]

    static let distribution = S.histogram(
        S.point(#""count":"3","sum":6,"bucketCounts":["1","2"],"explicitBounds":[5]"#, ("k", "v")))
    static let summaries = S.summary(
        S.point(
            #""count":"2","sum":3,"quantileValues":[{"quantile":0.5,"value":1},"#
                + #"{"quantile":0.999,"value":2}]"#,
            ("k", "v")))

    static let extractions: [Row] = [
        (
            #"extract_count_metric(true, ".count") where metric.name == "h""#, distribution,
            [
                #"h(s, d) histogram 1: 3/6 … [1, 2]["5"]{k=v 1-2}"#,
                "h.count(1, d) sum 1 monotonic: 3{k=v 1-2}",
            ]
        ),
        (
            #"extract_sum_metric(false) where metric.type == METRIC_DATA_TYPE_HISTOGRAM"#, distribution,
            [#"h(s, d) histogram 1: 3/6 … [1, 2]["5"]{k=v 1-2}"#, "h_sum(s, d) sum 1: 6d{k=v 1-2}"]
        ),
        (
            #"extract_sum_metric(false) where metric.name == "h""#,
            S.histogram(S.point(#""count":"3","bucketCounts":["3"]"#)),
            ["h(s, d) histogram 1: 3/- … [3][]{1-2}"]
        ),
        (
            #"extract_sum_metric(true) where metric.name == "q""#, summaries,
            ["q(s, d) summary: 2/3 0.5=1 0.999=2{k=v 1-2}", "q_sum(s, d) sum 2 monotonic: 3d{k=v 1-2}"]
        ),
        (
            #"extract_percentile_metric(50.0) where metric.name == "h""#,
            S.histogram(
                S.point(
                    #""count":"10","min":2,"max":40,"bucketCounts":["4","4","2"],"explicitBounds":[10,20]"#)),
            [
                #"h(s, d) histogram 1: 10/- 2…40 [4, 4, 2]["10", "20"]{1-2}"#,
                "h_p50(s, d (p50)) gauge: 12.5d{1-2}",
            ]
        ),
        (
            #"extract_percentile_metric(99.9, ".p") where metric.name == "h""#,
            S.histogram(
                S.point(
                    #""count":"10","min":2,"max":40,"bucketCounts":["4","4","2"],"explicitBounds":[10,20]"#)),
            [
                #"h(s, d) histogram 1: 10/- 2…40 [4, 4, 2]["10", "20"]{1-2}"#,
                "h.p(s, d (p99.9)) gauge: 40d{1-2}",
            ]
        ),
        (
            #"extract_percentile_metric(20) where metric.name == "h""#,
            S.histogram(
                S.point(#""count":"10","min":2,"bucketCounts":["4","6"],"explicitBounds":[10]"#)),
            [#"h(s, d) histogram 1: 10/- 2… [4, 6]["10"]{1-2}"#, "h_p20(s, d (p20)) gauge: 6d{1-2}"]
        ),
        (
            #"extract_percentile_metric(75) where metric.name == "x""#,
            S.exponential(
                S.point(#""count":"4","scale":0,"positive":{"offset":1,"bucketCounts":["2","2"]}"#)),
            [
                "x exponential 1: 4/- scale 0 zero 0 +1[2, 2] -0[]{1-2}",
                "x_p75( (p75)) gauge: 5.656854249492381d{1-2}",
            ]
        ),
        (
            #"convert_summary_count_val_to_sum("delta", true, ".count") where metric.name == "q""#, summaries,
            ["q(s, d) summary: 2/3 0.5=1 0.999=2{k=v 1-2}", "q.count(s, d) sum 1 monotonic: 2{k=v 1-2}"]
        ),
        (
            #"convert_summary_sum_val_to_sum("cumulative", false)"#, summaries,
            ["q(s, d) summary: 2/3 0.5=1 0.999=2{k=v 1-2}", "q_sum(s, d) sum 2: 3d{k=v 1-2}"]
        ),
        (
            "convert_summary_quantile_val_to_gauge()", summaries,
            [
                "q(s, d) summary: 2/3 0.5=1 0.999=2{k=v 1-2}",
                "q.quantiles(s, d) gauge: 1d{k=v quantile=0.50 1-2}, 2d{k=v quantile=0.999 1-2}",
            ]
        ),
        (
            #"convert_summary_quantile_val_to_gauge("k", "_p")"#, summaries,
            [
                "q(s, d) summary: 2/3 0.5=1 0.999=2{k=v 1-2}",
                "q_p(s, d) gauge: 1d{k=0.50 1-2}, 2d{k=0.999 1-2}",
            ]
        ),
    ]

    @Test(arguments: conversions + extractions)
    func `a function gives what its documentation says`(_ row: Row) throws {
        let (metrics, errors) = try S.run(row.statement, on: row.metrics)
        #expect(metrics == row.after)
        #expect(errors.isEmpty)
    }

    @Test(arguments: [
        ("scale_metric(2.0)", exponentials, "scale_metric works on gauges, sums, histograms and summaries"),
        (
            "extract_sum_metric(true)", S.gauge(S.point(#""asInt":"1""#)),
            "extract_sum_metric works on histograms, exponential histograms and summaries"
        ),
        (
            "extract_count_metric(true)", S.histogram(S.point(#""count":"1""#), temporality: 0),
            "extract_count_metric needs to know the temporality of the histogram"
        ),
        (
            "extract_percentile_metric(50)",
            S.histogram(S.point(#""count":"9","bucketCounts":["1","1"],"explicitBounds":[5]"#)),
            "the buckets hold fewer values than the count 9 of the data point"
        ),
        (#"aggregate_on_attributes("sum")"#, summaries, "aggregate_on_attributes does not work on summaries"),
        (
            #"aggregate_on_attributes("max")"#, distribution,
            "of a histogram only sums can be made, not max"
        ),
    ])
    func `what cannot be done changes nothing`(_ statement: String, _ metrics: String, _ error: String) throws
    {
        let before = S.outline(try S.batch(metrics))
        let (after, errors) = try S.run(statement, on: metrics)
        #expect(after == before)
        #expect(errors == [error])
    }

    private static let exponentials = S.exponential(
        S.point(#""count":"1","scale":0,"positive":{"offset":0,"bucketCounts":["1"]}"#))

    @Test(arguments: [
        (
            #"convert_gauge_to_sum("sometimes", true)"#,
            "a temporality is delta or cumulative, not 'sometimes'"
        ),
        ("extract_percentile_metric(100)", "the percentile has to be more than 0 and less than 100"),
        ("scale_metric(metric.name)", "it has to be a number known beforehand"),
        (
            #"aggregate_on_attributes("avg")"#,
            "there is no aggregation 'avg', only sum, max, min, mean, median, count"
        ),
        (
            #"merge_histogram_buckets(0.5, "limit_buckets")"#,
            "the number of buckets has to be a whole number above 0"
        ),
        (
            #"merge_histogram_buckets(5, method="limit")"#,
            "the method is remove_explicit_bound or limit_buckets, not 'limit'"
        ),
        (
            #"convert_exponential_histogram_to_histogram("upper", [])"#, "it needs at least one bound"
        ),
        (
            #"convert_exponential_histogram_to_histogram("upper", [2.0, 1.0])"#,
            "bounds have to be finite, and each more than the one before"
        ),
        (
            #"convert_exponential_histogram_to_histogram("middle", [2.0])"#,
            "there is no distribution 'middle', only upper, midpoint, uniform, random"
        ),
    ])
    func `wrong arguments are mistakes of the statement`(_ statement: String, _ message: String) {
        #expect {
            _ = try Statement(parsing: statement, context: .metric, functions: .transform(in: .metric))
        } throws: { error in
            (error as? OTTLError)?.message == message
        }
    }

    @Test func `functions on whole metrics say so in the context of data points`() {
        #expect {
            _ = try Statement(
                parsing: "convert_sum_to_gauge()", context: .datapoint, functions: .transform(in: .datapoint))
        } throws: { error in
            (error as? OTTLError)?.message == "it works on whole metrics: put it in a group of its own"
        }
    }

    @Test func `of a data point of a summary a metric of its own is made`() throws {
        let metrics = S.summary(
            S.point(#""count":"2","sum":3"#, ("k", "a")), S.point(#""count":"5","sum":7"#, ("k", "b")))
        let statement =
            #"convert_summary_sum_val_to_sum("delta", true) where datapoint.attributes["k"] == "b""#
        let (after, errors) = try S.run(statement, on: metrics, in: .datapoint)
        #expect(
            after == [
                "q(s, d) summary: 2/3 {k=a 1-2}, 5/7 {k=b 1-2}", "q_sum(s, d) sum 1 monotonic: 7d{k=b 1-2}",
            ])
        #expect(errors.isEmpty)
    }

    @Test func `copies of copies come to an end`() throws {
        let (after, errors) = try S.run("copy_metric()", on: S.gauge(S.point(#""asInt":"1""#)))
        #expect(after.count == 17)
        #expect(errors.count == 1 && errors[0].contains("in up to 16 generations"))
    }
}
