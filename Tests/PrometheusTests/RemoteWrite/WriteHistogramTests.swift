import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct WriteHistogramTests {
    private func series(_ histogram: WriteMessage.Histogram, type: UInt64 = 3) -> WriteMessage {
        WriteMessage([WriteMessage.Series(labels: [("__name__", "h")], histograms: [histogram], type: type)])
    }

    private static let usual: WriteMessage.Histogram = {
        var histogram = WriteMessage.Histogram(count: 12, sum: 18.5, schema: 1, zeroCount: 2)
        histogram.positive = [(-1, 2), (2, 1)]
        histogram.deltas = [1, 2, -1]
        histogram.negative = [(0, 1)]
        histogram.negativeDeltas = [4]
        return histogram
    }()

    @Test(arguments: RemoteWriteVersion.allCases)
    func `exponential buckets become those of OTLP`(_ version: RemoteWriteVersion) throws {
        var histogram = Self.usual
        histogram.start = 400
        let (result, metrics) = try WrittenTo().write(series(histogram), version)
        #expect(result.histograms == 1 && result.samples == 0 && result.fault == nil)
        guard case .exponentialHistogram(let points, 2)? = metrics.metric("h")?.content else {
            throw Missing()
        }
        let point = try #require(points.first)
        #expect(point.count == 12 && point.sum == 18.5 && point.scale == 1 && point.zeroCount == 2)
        #expect(point.zeroThreshold == 0.001 && point.startTime == 400_000_000 && point.time == 1_000_000_000)
        #expect(point.positive?.offset == -2 && point.positive?.bucketCounts == [1, 3, 0, 0, 2])
        #expect(point.negative?.offset == -1 && point.negative?.bucketCounts == [4])
    }

    @Test func `counts that are fractions are cut`() throws {
        var histogram = WriteMessage.Histogram(floatCount: 3.5, sum: 1)
        (histogram.positive, histogram.counts) = ([(1, 2)], [1.5, 2])
        let metrics = try WrittenTo().write(series(histogram), .v2).metrics
        guard case .exponentialHistogram(let points, _)? = metrics.metric("h")?.content else {
            throw Missing()
        }
        #expect(points.first?.count == 3 && points.first?.positive?.bucketCounts == [1, 2])
    }

    @Test func `buckets with bounds of their own become a histogram`() throws {
        var histogram = WriteMessage.Histogram(count: 7, sum: 9, schema: -53)
        (histogram.bounds, histogram.positive) = ([0.5, 1, 2], [(1, 1), (1, 1)])
        histogram.deltas = [3, 1]
        let metrics = try WrittenTo().write(series(histogram), .v2).metrics
        #expect(metrics.lines == ["h histogram 7 9.0 [0.5, 1.0, 2.0] [0, 3, 0, 4] @1000"])
    }

    @Test func `a histogram can end`() throws {
        let stale = Double(bitPattern: 0x7FF0_0000_0000_0002)
        let metrics = try WrittenTo().write(series(WriteMessage.Histogram(sum: stale)), .v1).metrics
        #expect(metrics.lines == ["h exponential 0 @1000 stale"])
    }

    @Test func `gauge histograms are counted and left out`() throws {
        var histogram = Self.usual
        histogram.hint = 3
        let result = try WrittenTo().write(series(histogram), .v2).result
        #expect(result.unsupported == 1 && result.histograms == 0 && result.batches.isEmpty)
        #expect(result.fault == nil)
    }

    @Test func `what is no histogram is told of`() throws {
        var wrong: [(WriteMessage.Histogram, String)] = []
        func add(_ reason: String, _ change: (inout WriteMessage.Histogram) -> Void) {
            var histogram = Self.usual
            change(&histogram)
            wrong.append((histogram, reason))
        }
        add("schema 9") { $0.schema = 9 }
        add("negative count") { $0.deltas = [1, -2, 2] }
        add("spans do not fit") { $0.deltas = [1] }
        add("spans do not fit") { $0.positive = [] }
        add("more than") { $0.positive = [(0, 1), (1 << 30, 1)] }
        add("more than") { $0.positive = [(0, 1 << 60)] }
        add("more than") { $0.positive = [(0, 1), (-1, 2)] }
        add("negative count") { ($0.floatCount, $0.counts) = (-1, [1, 2, 3]) }
        add("bounds do not grow") { ($0.schema, $0.bounds) = (-53, [1, 1]) }
        add("more buckets than bounds") { ($0.schema, $0.bounds) = (-53, [1]) }
        for (histogram, reason) in wrong {
            let result = try WrittenTo().write(series(histogram), .v2).result
            #expect(result.fault?.contains(reason) == true, "\(reason): \(result.fault ?? "none")")
            #expect(result.invalid == 1 && result.batches.isEmpty)
        }
    }

    private struct Missing: Error {}
}
