import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Processors

/// The tables of otelcol-contrib's tests: histograms.
@Suite struct HistogramDeltaTests {
    struct Point: Sendable {
        let count: UInt64
        var sum: Double?
        var buckets: [UInt64] = []
        var flags: UInt32 = 0
        var bounds: [Double] = [1, 2]
    }

    private func send(_ points: [Point], _ yaml: String = "{}") throws -> (
        texts: [String], dropped: [String: Int]
    ) {
        var builder = MetricsBuilder()
        builder.histogram("a", .cumulative) { output in
            for value in points {
                output.point { point in
                    point.time(10)
                    point.count(value.count)
                    if let sum = value.sum { point.sum(sum) }
                    point.buckets(counts: value.buckets, bounds: value.bounds)
                    if value.flags != 0 { point.flags(value.flags) }
                    point.min(1)
                    point.max(9)
                }
            }
        }
        var step = try StepHarness(CumulativeToDelta.self, yaml: yaml)
        let passed = try step.send(builder.finish())
        #expect(
            try passed.allSatisfy {
                try Batch(validating: $0.contiguous(), as: .metrics).itemCount == $0.itemCount
            })
        var texts: [String] = []
        for metric in passed.flatMap({ $0.resourceMetrics }).flatMap({ $0.scopes }).flatMap({ $0.records }) {
            guard case .histogram(let points, let temporality) = metric.content else { continue }
            for point in points {
                texts.append(
                    "\(temporality) \(point.count) \(point.sum.map { "\($0)" } ?? "-") \(point.bucketCounts) "
                        + "\(point.min == nil && point.max == nil ? "" : "min max")")
            }
        }
        return (texts, step.removedByRule)
    }

    @Test func `counts, sums and buckets are differences, and min and max go`() throws {
        let (texts, dropped) = try send([
            Point(count: 0, sum: 0, buckets: [0, 0, 0]), Point(count: 100, sum: 100, buckets: [50, 25, 25]),
            Point(count: 200, sum: 200, buckets: [100, 50, 50]),
            Point(count: 500, sum: 500, buckets: [250, 125, 125]),
        ])
        #expect(
            texts == [
                "1 100 100.0 [50, 25, 25] ", "1 100 100.0 [50, 25, 25] ",
                "1 300 300.0 [150, 75, "
                    + "75] ",
            ])
        #expect(dropped == ["initial": 1])
    }

    @Test func `a sum that is not a number is no base`() throws {
        let (texts, _) = try send([
            Point(count: 0, sum: 0, buckets: [0, 0, 0]), Point(count: 100, sum: 100, buckets: [50, 25, 25]),
            Point(count: 200, sum: .nan, buckets: [100, 50, 50]),
            Point(count: 500, sum: 500, buckets: [250, 125, 125]),
        ])
        #expect(
            texts == [
                "1 100 100.0 [50, 25, 25] ", "1 100 nan [50, 25, 25] ",
                "1 300 400.0 "
                    + "[150, 75, 75] ",
            ])
    }

    @Test func `points without a value go`() throws {
        let (texts, dropped) = try send([
            Point(count: 0, sum: 0, buckets: [0, 0, 0]), Point(count: 2, sum: 3, buckets: [1, 1, 1]),
            Point(count: 0, sum: 0, buckets: [0, 0, 0], flags: 1),
            Point(count: 16, sum: 81, buckets: [21, 40, 20]),
        ])
        #expect(texts == ["1 2 3.0 [1, 1, 1] ", "1 14 78.0 [20, 39, 19] "])
        #expect(dropped == ["initial": 1, "no value": 1])
    }

    @Test func `without sums`() throws {
        let (texts, _) = try send([
            Point(count: 0, buckets: [0, 0, 0]), Point(count: 100, buckets: [50, 25, 25]),
        ])
        #expect(texts == ["1 100 - [50, 25, 25] "])
    }

    @Test func `other buckets are no base, a lower count is a new beginning`() throws {
        let (texts, dropped) = try send([
            Point(count: 9, sum: 1, buckets: [3, 3, 3]),
            Point(count: 12, sum: 2, buckets: [4, 4, 4], bounds: [1, 3]),
            Point(count: 15, sum: 3, buckets: [5, 5, 5], bounds: [1, 3]),
            Point(count: 2, sum: 1, buckets: [1, 1, 0], bounds: [1, 3]),
            Point(count: 3, sum: 2, buckets: [1, 1, 1], bounds: [1, 3]),
        ])
        #expect(texts == ["1 3 1.0 [1, 1, 1] ", "1 2 1.0 [1, 1, 0] ", "1 1 1.0 [0, 0, 1] "])
        #expect(dropped == ["initial": 1, "bucket mismatch": 1])
    }

    @Test func `a bucket that falls while the count rises is a reset`() throws {
        let (texts, dropped) = try send([
            Point(count: 10, sum: 1, buckets: [5, 5, 0]), Point(count: 12, sum: 2, buckets: [4, 6, 2]),
            Point(count: 13, sum: 3, buckets: [4, 6, 3]),
        ])
        #expect(texts == ["1 1 1.0 [0, 0, 1] "])
        #expect(dropped == ["initial": 1, "reset": 1])
    }

    @Test func `what histograms take counts against max_series`() throws {
        let surroundings = Harness()
        let context = surroundings.context(.processor, "cumulative_to_delta").within(
            try #require(PipelineID(parsing: "metrics")))
        let configuration = try CumulativeToDelta.Configuration.decode(yaml: "max_series: 10")
        var step = StepHarness(try CumulativeToDelta(configuration, in: context), in: surroundings)
        for series in 0..<10 as Range<Int64> {
            var builder = MetricsBuilder()
            builder.histogram("a", .cumulative) { output in
                output.point { point in
                    point.count(200)
                    point.buckets(
                        counts: Array(repeating: 1, count: 200), bounds: (1..<200).map { Double($0) })
                    point.attribute("series", .int(series))
                }
            }
            _ = try step.send(builder.finish())
        }
        let series = surroundings.metric("apus_processor_cumulative_to_delta_series") ?? 0
        let evicted = surroundings.metric("apus_processor_cumulative_to_delta_evicted_series") ?? 0
        // Each takes 3.4 KiB of the 10 KiB that there are for ten.
        #expect((1...2).contains(series) && series + evicted == 10)
    }

    @Test func `histograms are left alone`() throws {
        let points = [Point(count: 1, sum: 1, buckets: [1, 0, 0])]
        #expect(
            try send(
                points,
                "exclude: {metric_types: "
                    + "[histogram]}"
            ).texts == ["2 1 1.0 [1, 0, 0] min max"])
    }

    // MARK: - Exponential

    private func exponential(
        scale: Int = 0, zeros: UInt64 = 0, threshold: Double = 0, _ offset: Int, _ counts: [UInt64]
    ) -> SeriesValue {
        .exponential(
            .init(
                count: zeros + counts.reduce(0, +), sum: Double(counts.count), scale: scale, zeroCount: zeros,
                zeroThreshold: threshold, positive: Buckets(offset: offset, counts: counts),
                negative: Buckets(offset: 0, counts: [])))
    }

    private func difference(_ new: SeriesValue, _ old: SeriesValue) -> String {
        do throws(SeriesValue.Failure) {
            guard case .exponential(let value) = try new.difference(from: old) else { return "none" }
            return "\(value.count) \(value.zeroCount) \(value.positive.offset) \(value.positive.counts)"
        } catch {
            return error.rawValue
        }
    }

    @Test func `exponential buckets are compared at the coarser scale`() {
        #expect(difference(exponential(2, [1, 5, 3]), exponential(3, [2])) == "7 0 2 [1, 3, 3]")
        #expect(difference(exponential(2, [1, 5]), exponential(2, [1, 5])) == "0 0 0 []")
        #expect(
            difference(exponential(scale: 0, 1, [5, 4]), exponential(scale: 1, 2, [1, 2, 1]))
                == "5 0 1 [2, 3]")
        #expect(difference(exponential(2, [1]), exponential(2, [2])) == "reset")
        #expect(difference(exponential(2, [9]), exponential(1, [2])) == "reset")
        #expect(difference(exponential(scale: 1, 2, [9]), exponential(scale: 0, 1, [2])) == "reset")
    }

    @Test func `a wider zero bucket takes in what was counted beside it`() {
        // Buckets of scale 0 are (1, 2], (2, 4], (4, 8]; all up to 4 count as zero now.
        let new = exponential(zeros: 6, threshold: 4, 2, [7])
        #expect(difference(new, exponential(zeros: 1, threshold: 0, 0, [2, 1, 5])) == "4 2 2 [2]")
    }

    /// Two points of one series that no program counts, and that must not end this one.
    private static let impossible: [(SeriesValue.Exponential, SeriesValue.Exponential)] = {
        func value(
            scale: Int = 0, zeros: UInt64 = 0, threshold: Double = 0, _ offset: Int, _ counts: [UInt64]
        ) -> SeriesValue.Exponential {
            .init(
                count: 9, sum: nil, scale: scale, zeroCount: zeros, zeroThreshold: threshold,
                positive: Buckets(offset: offset, counts: counts), negative: Buckets(offset: 0, counts: []))
        }
        let (lowest, highest) = (Int(Int32.min), Int(Int32.max))
        return [
            // A threshold without a bucket.
            (value(threshold: .infinity, 0, [1]), value(0, [1])),
            (value(threshold: .nan, 0, [1]), value(0, [1])),
            (value(threshold: 0, 0, [1]), value(threshold: -1, 0, [1])),
            (value(threshold: -1, 0, [1]), value(threshold: -2, 0, [1])),
            // One whose bucket is beyond every number.
            (value(threshold: 1e308, 0, [1]), value(scale: 60, 0, [1])),
            (value(threshold: 1, 0, [1]), value(scale: highest, 0, [1])),
            (value(threshold: 1e-308, 0, [1]), value(scale: 60, 0, [1])),
            (value(threshold: 1.5, 0, [1]), value(scale: 62, lowest, [1])),
            // Counts beyond 64 bits.
            (value(threshold: 4, 9, [1]), value(0, [.max, 1])),
            (value(threshold: 4, 9, [1]), value(zeros: .max, 0, [1])),
            (value(0, [1]), value(scale: 1, 0, [.max, 1])),
        ]
    }()

    @Test(arguments: impossible.indices)
    func `numbers that no histogram can come to are a reset`(_ index: Int) {
        let (new, old) = Self.impossible[index]
        #expect(throws: SeriesValue.Failure.reset) { try new.difference(from: old) }
    }

    @Test(arguments: [Int(Int32.min), Int(Int32.max)])
    func `buckets at the ends of the range are merged`(_ offset: Int) {
        let (old, new) = (exponential(scale: 2, offset, [1, 2]), exponential(scale: 1, offset >> 1, [1, 3]))
        #expect(["reset", "1 0 \((offset >> 1) + 1) [1]"].contains(difference(new, old)))
    }

    @Test func `points of exponential histograms are converted`() throws {
        func batch(_ count: UInt64, _ buckets: [UInt64]) -> Batch {
            var builder = MetricsBuilder()
            builder.exponentialHistogram("e", .cumulative) { points in
                points.point { point in
                    point.time(1)
                    point.count(count)
                    point.sum(Double(count))
                    point.scale(1)
                    point.positive(offset: -1, counts: buckets)
                    point.max(3)
                }
            }
            return builder.finish()
        }
        var step = try StepHarness(CumulativeToDelta.self)
        #expect(try step.send(batch(3, [1, 2])).isEmpty)
        let passed = try #require(try step.send(batch(6, [1, 4, 1])).first)
        guard
            case .exponentialHistogram(let points, 1)? = passed.resourceMetrics.first?.scopes.first?.records
                .first?.content
        else {
            Issue.record("no exponential histogram with delta temporality")
            return
        }
        let point = try #require(points.first { _ in true })
        #expect(point.count == 3 && point.sum == 3 && point.max == nil && point.scale == 1)
        #expect(point.positive?.offset == 0 && point.positive?.bucketCounts == [2, 1])
    }
}
