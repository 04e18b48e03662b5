import Telemetry
import Testing
import Wire

@testable import Prometheus

/// What leaves a page leaves memory as well.
@Suite struct PageMemoryTests {
    /// Takes one point of a gauge; without a value it takes the series away.
    private func take(_ table: inout PageTable, _ label: String, hasValue: Bool = true, pid: Int64 = 1) {
        let batch = TestPage.batch(resource: [("process.pid", .int(pid))]) { builder in
            builder.gauge("g") { points in
                points.point { point in
                    point.attribute("l", .string(label))
                    if hasValue { point.value(.int(1)) } else { point.flags(1) }
                }
            }
        }
        export(batch, to: &table)
    }

    private func export(_ batch: Batch, to table: inout PageTable) {
        var outcome = PageOutcome()
        for group in batch.resourceMetrics {
            for scope in group.scopes { table.take(scope, of: group, at: .zero, &outcome) }
        }
        #expect(outcome.refused.isEmpty)
    }

    @Test func `a series that a point takes away is known no more`() {
        var table = PageTable(TestPage.plain)
        take(&table, "first")
        take(&table, "first", hasValue: false)
        let known = table.knownBytes
        for number in 0..<100 {
            take(&table, "\(number)")
            take(&table, "\(number)", hasValue: false)
        }
        #expect(table.points.isEmpty && table.seriesCount == 0 && table.size == PageSize())
        #expect(table.knownBytes == known)
    }

    @Test func `exemplars go with their buckets`() throws {
        var table = PageTable(TestPage.plain)
        func take(bounds: [Double]?, start: UInt64) {
            let batch = TestPage.batch { builder in
                guard let bounds else {
                    return builder.exponentialHistogram("h", .delta) { points in
                        points.point { point in
                            point.startTime(start)
                            point.time(start + 1)
                        }
                    }
                }
                builder.histogram("h", .delta) { points in
                    points.point { point in
                        point.startTime(start)
                        point.time(start + 1)
                        point.count(2)
                        point.buckets(counts: [1, 1], bounds: bounds)
                        for value in [0, 9] { point.exemplar { $0.value(.int(Int64(value))) } }
                    }
                }
            }
            export(batch, to: &table)
        }
        for start in 1..<20 { take(bounds: [Double(start) / 20], start: UInt64(start)) }
        let series = try #require(table.points.values.first)
        #expect(series.exemplars.map { $0.bound } == [0.95, .infinity])
        take(bounds: nil, start: 20)
        #expect(series.exemplars.isEmpty)
    }

    @Test func `what other points refer to is empty when it is gone`() throws {
        var table = PageTable(TestPage.plain)
        take(&table, "x", pid: 1)
        take(&table, "x", pid: 2)
        #expect(table.seriesCount == 1 && table.points.count == 2)
        let series = try #require(table.points.values.first)
        take(&table, "x", hasValue: false, pid: 1)
        #expect(series.isRemoved && series.labels.bytes.isEmpty && series.key.bytes.isEmpty)
        #expect(table.points.count == 1)
        // It comes back as another one, in the place of the one that is gone.
        let known = table.knownBytes
        take(&table, "x", pid: 2)
        #expect(table.seriesCount == 1 && table.points.count == 1 && table.knownBytes == known)
        #expect(table.points.values.first?.isRemoved == false)
    }
}
