import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct SeriesValueTests {
    @Test func `buckets count everything up to their bound`() {
        let plain = CumulativeBuckets(bounds: [0.5, 1, 5], counts: [1, 2, 3, 4], count: 10)
        #expect(plain.bounds == [0.5, 1, 5] && plain.counts == [1, 3, 6] && plain.count == 10)
        let odd = CumulativeBuckets(bounds: [5, 1, 1, .infinity, -1], counts: [1, 2, 4, 8], count: 15)
        #expect(odd.bounds == [1, 5] && odd.counts == [6, 7])
        let unordered = CumulativeBuckets(bounds: [5, .nan, 1], counts: [1, 2, 4], count: 7)
        #expect(unordered.bounds == [1, 5] && unordered.counts == [4, 5])
        let short = CumulativeBuckets(bounds: [1, 2, 5], counts: [1, 2], count: 3)
        #expect(short.bounds == [1, 2] && short.counts == [1, 3])
        let endless = CumulativeBuckets(bounds: [.nan], counts: [1], count: 1)
        #expect(endless.bounds.isEmpty)
        let none = CumulativeBuckets(bounds: [1, 2], counts: [], count: 7)
        #expect(none.bounds.isEmpty && none.count == 7)
    }

    @Test(.timeLimit(.minutes(1)))
    func `values find their bucket among many`() {
        let few = CumulativeBuckets(bounds: [0.5, 1, 5], counts: [1, 2, 3, 4], count: 10)
        #expect([-1, 0.5, 0.6, 5, 6, .infinity, .nan].map { few.place(of: $0) } == [0, 0, 1, 2, 3, 3, 3])
        let count = 200_000
        let bounds = (0..<count).map { Double($0) }
        let many = CumulativeBuckets(
            bounds: bounds, counts: [UInt64](repeating: 1, count: count), count: UInt64(count))
        #expect((0..<count).allSatisfy { many.place(of: Double($0) - 0.5) == $0 })
    }

    private func native(
        _ body: (ExponentialHistogramPointBuilder) -> Void
    ) throws -> NativeHistogram {
        var builder = MetricsBuilder()
        builder.resource()
        builder.scope()
        builder.exponentialHistogram("h", .cumulative) { $0.point(body) }
        let metric = builder.finish().resourceMetrics.first?.scopes.first?.records.first
        guard case .exponentialHistogram(let points, _)? = metric?.content else { throw SeriesRefusal.data }
        return try NativeHistogram(#require(points.first))
    }

    @Test func `an exponential histogram is a native one`() throws {
        let histogram = try native { point in
            point.count(10)
            point.sum(4.5)
            point.scale(3)
            point.zeroCount(1)
            point.positive(offset: -2, counts: [0, 1, 0, 2, 0, 0, 0, 5, 0])
            point.negative(offset: 4, counts: [1])
        }
        #expect(histogram.schema == 3 && histogram.count == 10 && histogram.sum == 4.5)
        #expect(histogram.zeroCount == 1 && histogram.zeroThreshold == 1e-128)
        let (spans, deltas) = histogram.positive.spans
        #expect(spans.map { [Int($0.offset), Int($0.length)] } == [[0, 3], [3, 1]])
        #expect(deltas == [1, -1, 2, 3])
        #expect(histogram.negative.spans.spans.map { [Int($0.offset), Int($0.length)] } == [[5, 1]])
    }

    @Test func `a finer scale is made coarser`() throws {
        let histogram = try native { point in
            point.count(255)
            point.scale(10)
            point.positive(offset: -3, counts: [1, 2, 4, 8, 16, 32, 64, 128])
        }
        #expect(histogram.schema == 8)
        #expect(histogram.positive.offset == -1 && histogram.positive.counts == [7, 120, 128])
    }

    @Test func `what no schema has is refused`() {
        #expect(throws: SeriesRefusal.scale) { try native { $0.scale(-5) } }
        #expect(throws: SeriesRefusal.buckets) {
            try native { $0.positive(offset: .max, counts: [1, 1]) }
        }
        #expect(throws: SeriesRefusal.buckets) {
            try native { $0.positive(offset: 0, counts: [1] + [UInt64](repeating: 0, count: 20_000) + [1]) }
        }
    }

    /// Prometheus takes nothing of a page, or of a request, with a histogram that counts wrongly.
    @Test func `a count that is not that of the buckets is refused`() throws {
        func count(_ count: UInt64, sum: Double, positive: [UInt64], zero: UInt64 = 1) throws -> UInt64 {
            try native { point in
                point.count(count)
                point.sum(sum)
                point.zeroCount(zero)
                point.positive(offset: 0, counts: positive)
                point.negative(offset: 0, counts: [1])
            }.count
        }
        #expect(try count(5, sum: 1, positive: [1, 2]) == 5)
        #expect(throws: SeriesRefusal.count) { try count(6, sum: 1, positive: [1, 2]) }
        #expect(throws: SeriesRefusal.count) { try count(4, sum: .infinity, positive: [1, 2]) }
        // What is not a number is in no bucket.
        #expect(try count(6, sum: .nan, positive: [1, 2]) == 6)
        #expect(throws: SeriesRefusal.count) { try count(4, sum: .nan, positive: [1, 2]) }
        // Beyond any number.
        #expect(throws: SeriesRefusal.count) { try count(1, sum: 1, positive: [.max]) }
        #expect(throws: SeriesRefusal.count) { try count(1 << 63, sum: 1, positive: [1 << 63 - 2]) }
        #expect(throws: SeriesRefusal.count) {
            try native { point in
                point.scale(9)
                point.positive(offset: 0, counts: [.max, 1])
            }
        }
    }

    @Test func `exemplars name their trace and what there is room for`() throws {
        func exemplar(_ attribute: String) throws -> Exemplar {
            var builder = MetricsBuilder()
            builder.resource()
            builder.scope()
            builder.gauge("g") { points in
                points.point { point in
                    point.exemplar { exemplar in
                        exemplar.value(.int(7))
                        exemplar.time(1_500_000_000)
                        exemplar.traceID(Bytes([UInt8](repeating: 0xAB, count: 16)))
                        exemplar.attribute("user.id", .string(attribute))
                    }
                }
            }
            let metric = builder.finish().resourceMetrics.first?.scopes.first?.records.first
            guard case .gauge(let points)? = metric?.content else { throw SeriesRefusal.data }
            return try Exemplar(#require(points.first?.exemplars.first), LabelNamer())
        }
        let small = try exemplar("u")
        #expect(small.value == 7 && small.timestamp == 1500)
        let trace = LabelSet.Label("trace_id", String(repeating: "ab", count: 16))
        #expect(small.labels == [trace, LabelSet.Label("user_id", "u")])
        #expect(try exemplar(String(repeating: "x", count: 128)).labels == [trace])
    }
}
