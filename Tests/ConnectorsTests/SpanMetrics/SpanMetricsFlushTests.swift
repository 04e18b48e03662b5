import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing

@testable import Connectors

/// Flushes that are cut into parts, and what comes between the parts.
@Suite struct SpanMetricsFlushTests {
    private static let delta =
        "histogram: {disable: true}, aggregation_cardinality_limit: 0, "
        + "aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA"

    /// Adds spans with these names in batches.
    private func add(_ names: Range<Int>, to bench: Bench, service: String = "shop") {
        for start in stride(from: names.lowerBound, to: names.upperBound, by: 1000) {
            let part = start..<min(start + 1000, names.upperBound)
            bench.add(.spans(part.map { Span(name: "operation-\($0)") }, of: service))
        }
    }

    private func sum(_ batches: [Batch]) -> Int64 { batches.points.reduce(0) { $0 + ($1.value ?? 0) } }

    @Test(arguments: [true, false])
    func `a large resource is written in parts, each series once`(isDelta: Bool) throws {
        let cumulative = "histogram: {disable: true}, aggregation_cardinality_limit: 0"
        let bench = try Bench("{\(isDelta ? Self.delta : cumulative), exemplars: {enabled: true}}")
        add(0..<20_000, to: bench)
        bench.clock.advance(by: .seconds(60))
        var flushes: [[Batch]] = []
        repeat { flushes.append(bench.flush()) } while bench.isDue
        #expect(flushes.count > 2)
        #expect(flushes.allSatisfy { $0.count <= 2 })
        let batches = flushes.flatMap { $0 }
        #expect(batches.allSatisfy { $0.byteCount < 2 << 20 })
        let points = batches.points
        #expect(points.count == 20_000)
        #expect(Set(points.map { $0.labels }).count == 20_000)
        #expect(points.allSatisfy { $0.value == 1 && $0.exemplars.count == 1 })
        if isDelta { #expect(bench.byteCount == 0) }
        bench.clock.advance(by: .seconds(60))
        var again: [Batch] = []
        while bench.isDue { again += bench.flush() }
        #expect(again.points.count == (isDelta ? 0 : 20_000))
        #expect(again.points.allSatisfy { $0.exemplars.isEmpty })
    }

    @Test func `what comes between the parts of a flush is in the next points`() throws {
        let bench = try Bench("{\(Self.delta)}")
        add(0..<20_000, to: bench)
        bench.clock.advance(by: .seconds(60))
        var batches: [Batch] = []
        repeat {
            batches += bench.flush()
            add(0..<100, to: bench)
        } while bench.isDue
        let count = batches.count
        #expect(sum(batches) == 20_000)
        bench.clock.advance(by: .seconds(60))
        while bench.isDue { batches += bench.flush() }
        #expect(sum(batches) == Int64(20_000 + 100 * count))
    }

    @Test func `a drain amid a flush writes what came later too`() throws {
        let bench = try Bench("{\(Self.delta), resource_metrics_cache_size: 3}")
        for service in ["a", "b", "c"] { add(0..<8000, to: bench, service: service) }
        bench.clock.advance(by: .seconds(60))
        var batches = bench.flush()
        batches += bench.flush()
        #expect(bench.isDue)
        // To those that were written, to those that wait, and to new ones that take the place of others.
        for service in ["a", "b", "c", "d", "e"] { add(0..<10, to: bench, service: service) }
        batches += bench.drain()
        #expect(sum(batches) == 24_050)
        #expect(bench.byteCount == 0)
        #expect(!bench.isDue)
        #expect(bench.drain().isEmpty)
    }

    @Test func `a drain amid a flush says the last count of every series`() throws {
        let bench = try Bench("{histogram: {disable: true}, aggregation_cardinality_limit: 0}")
        for service in ["a", "b", "c"] { add(0..<8000, to: bench, service: service) }
        bench.clock.advance(by: .seconds(60))
        var batches = bench.flush()
        for service in ["a", "b", "c"] { add(0..<10, to: bench, service: service) }
        batches += bench.drain()
        var last: [String: Int64] = [:]
        for point in batches.points {
            last[point.resource + point.labels] = max(
                last[point.resource + point.labels] ?? 0, point.value ?? 0)
        }
        #expect(last.values.reduce(0, +) == 24_030)
    }

    @Test func `many small resources are written in parts too`() throws {
        let bench = try Bench("{\(Self.delta), resource_metrics_cache_size: 100000}")
        for number in 0..<10_000 { bench.add(.spans([Span()], of: "service-\(number)")) }
        bench.clock.advance(by: .seconds(60))
        var flushes = 0
        var batches: [Batch] = []
        while bench.isDue {
            let part = bench.flush()
            #expect(part.count <= 2)
            batches += part
            flushes += 1
        }
        #expect(flushes > 1)
        #expect(sum(batches) == 10_000)
    }
}
