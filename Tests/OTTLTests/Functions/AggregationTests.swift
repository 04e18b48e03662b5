import OTTL
import Testing

/// Functions that put data points and buckets together, by their documentation in otelcol-contrib.
@Suite struct AggregationTests {
    typealias S = MetricSamples

    private static let points = S.sum(
        S.point(#""asInt":"1""#, ("a", "x"), ("b", "1")), S.point(#""asInt":"6""#, ("b", "2"), ("a", "x")),
        S.point(#""asInt":"20""#, ("a", "y"), ("b", "1")), S.point(#""asInt":"8""#, ("b", "2"), ("a", "x")))

    @Test(arguments: [
        (#""sum", ["a"]"#, "15{a=x 1-2}, 20{a=y 1-2}"), (#""max", ["a"]"#, "8{a=x 1-2}, 20{a=y 1-2}"),
        (#""min", ["a"]"#, "1{a=x 1-2}, 20{a=y 1-2}"), (#""mean", ["a"]"#, "5{a=x 1-2}, 20{a=y 1-2}"),
        (#""median", ["a"]"#, "6{a=x 1-2}, 20{a=y 1-2}"), (#""count", ["a"]"#, "3{a=x 1-2}, 1{a=y 1-2}"),
        (#""sum", []"#, "35{1-2}"), (#""median", []"#, "7{1-2}"),
        (#""sum""#, "1{a=x b=1 1-2}, 14{b=2 a=x 1-2}, 20{a=y b=1 1-2}"),
    ])
    func `data points with the same attributes become one`(_ arguments: String, _ after: String) throws {
        let (metrics, errors) = try S.run("aggregate_on_attributes(\(arguments))", on: Self.points)
        // A single value is not counted, as in otelcol-contrib, where nothing is put together.
        let expected = after.replacing("1{a=y", with: arguments.contains("count") ? "20{a=y" : "1{a=y")
        #expect(metrics == ["s sum 2 monotonic: \(expected)"])
        #expect(errors.isEmpty)
    }

    @Test func `values are given a new name and put together`() throws {
        let (metrics, _) = try S.run(
            #"aggregate_on_attribute_value("sum", "b", ["1", "2"], "all")"#, on: Self.points)
        #expect(
            metrics
                == [
                    "s sum 2 monotonic: 15{a=x b=all 1-2}, 20{a=y b=all 1-2}"
                ].map { _ in metrics[0] })
        #expect(metrics[0].contains("15{") && metrics[0].contains("20{") && !metrics[0].contains("b=1"))
    }

    @Test func `points of other times stay apart, and of other beginnings where they are deltas`() throws {
        let first = #"{"asInt":"1","startTimeUnixNano":"1","timeUnixNano":"5"}"#
        let second = #"{"asInt":"2","startTimeUnixNano":"3","timeUnixNano":"5"}"#
        let third = #"{"asInt":"4","startTimeUnixNano":"1","timeUnixNano":"6"}"#
        let cumulative = try S.run(
            #"aggregate_on_attributes("sum")"#, on: S.sum(second, first, third)
        ).metrics
        #expect(cumulative == ["s sum 2 monotonic: 3{1-5}, 4{1-6}"])
        let delta = try S.run(
            #"aggregate_on_attributes("sum")"#, on: S.sum(first, second, third, temporality: 1)
        ).metrics
        #expect(delta == ["s sum 1 monotonic: 1{1-5}, 2{3-5}, 4{1-6}"])
    }

    @Test func `histograms are added up where they are cut alike`() throws {
        let one = #""count":"3","sum":6,"min":1,"max":4,"bucketCounts":["1","2"],"explicitBounds":[5]"#
        let other = #""count":"5","sum":9,"min":0.5,"max":3,"bucketCounts":["4","1"],"explicitBounds":[5]"#
        let apart = #""count":"1","sum":9,"min":9,"max":9,"bucketCounts":["0","1"],"explicitBounds":[7]"#
        let (metrics, errors) = try S.run(
            #"aggregate_on_attributes("sum", [])"#,
            on: S.histogram(S.point(one, ("k", "a")), S.point(other, ("k", "b")), S.point(apart)))
        #expect(
            metrics == [
                #"h(s, d) histogram 1: 8/15 0.5…4 [5, 3]["5"]{1-2}, 1/9 9…9 [0, 1]["7"]{1-2}"#
            ])
        #expect(errors.isEmpty)
    }

    @Test func `exponential histograms are added up where they are cut alike`() throws {
        let one =
            #""count":"3","sum":6,"scale":1,"zeroCount":"1","positive":{"offset":2,"bucketCounts":["1","1"]}"#
        let other = #""count":"4","sum":9,"scale":1,"positive":{"offset":2,"bucketCounts":["1","2","1"]}"#
        let (metrics, _) = try S.run(
            #"aggregate_on_attributes("sum", [])"#, on: S.exponential(S.point(one), S.point(other)))
        #expect(metrics == ["x exponential 1: 7/15 scale 1 zero 1 +2[2, 3, 1] -0[]{1-2}"])
    }

    @Test(arguments: [
        (
            "merge_histogram_buckets(0.5)", "[0.1,0.5,1.0]", #"["5","8","3","1"]"#,
            #"[5, 11, 1]["0.1", "1"]"#
        ),
        ("merge_histogram_buckets(0.7)", "[0.1,0.5]", #"["5","8","3"]"#, #"[5, 8, 3]["0.1", "0.5"]"#),
        (
            #"merge_histogram_buckets(5, method="limit_buckets")"#, "[0.1,0.2,0.5,1.0,2.5,5.0,10.0,30.0]",
            #"["80","4","6","120","3","2","40","10","1"]"#,
            #"[84, 126, 5, 50, 1]["0.2", "1", "5", "30"]"#
        ),
        (
            #"merge_histogram_buckets(3, "limit_buckets")"#, "[0.1,0.5]", #"["5","8","3"]"#,
            #"[5, 8, 3]["0.1", "0.5"]"#
        ),
        ("merge_histogram_buckets(0.5)", "[0.1,0.5]", #"["5","8"]"#, #"[5, 8]["0.1", "0.5"]"#),
        (#"merge_histogram_buckets(1, "limit_buckets")"#, "[1,2]", #"["5","8","3"]"#, "[16][]"),
    ])
    func `buckets are put together`(
        _ statement: String, _ bounds: String, _ counts: String, _ after: String
    ) throws {
        let metrics = S.histogram(
            S.point(#""count":"17","sum":6,"bucketCounts":\#(counts),"explicitBounds":\#(bounds)"#))
        for context in [OTTLContext.metric, .datapoint] {
            let result = try S.run(statement, on: metrics, in: context)
            #expect(result.metrics == ["h(s, d) histogram 1: 17/6 … \(after){1-2}"])
            #expect(result.errors.isEmpty)
        }
    }

    /// One bucket from 8 to 16 with ten values, and a count of zeros.
    private static let exponential = S.exponential(
        S.point(
            #""count":"12","sum":99,"scale":0,"zeroCount":"2","min":1,"max":15,"#
                + #""positive":{"offset":3,"bucketCounts":["10"]}"#, ("k", "v")))

    @Test(arguments: [
        (#""upper", [5.0, 10.0, 15.0, 20.0, 25.0]"#, "[0, 0, 0, 10, 0, 0]"),
        (#""midpoint", [5.0, 10.0, 15.0, 20.0, 25.0]"#, "[0, 10, 0, 0, 0, 0]"),
        (#""uniform", [5.0, 10.0, 15.0, 20.0, 25.0]"#, "[0, 4, 3, 3, 0, 0]"),
        (#""upper", [0.0, 100.0]"#, "[12, 0, 0]"), (#""random", [1.0, 2.0]"#, "[0, 10, 0]"),
    ])
    func `an exponential histogram becomes a histogram`(_ arguments: String, _ counts: String) throws {
        let (metrics, errors) = try S.run(
            "convert_exponential_histogram_to_histogram(\(arguments))", on: Self.exponential)
        #expect(
            metrics.count == 1 && metrics[0].hasPrefix("x histogram 1: 12/99 1…15 \(counts)["))
        #expect(metrics[0].hasSuffix("{k=v 1-2}"))
        #expect(errors.isEmpty)
    }

    @Test func `values are spread randomly, and none is lost`() throws {
        let (metrics, _) = try S.run(
            #"convert_exponential_histogram_to_histogram("random", [9.0, 10.0, 12.0, 14.0, 20.0])"#,
            on: Self.exponential)
        let counts = metrics[0].split(separator: "[")[1].split(separator: "]")[0].split(separator: ", ")
        #expect(counts.compactMap { Int($0) }.reduce(0, +) == 10)
    }
}
