import Prometheus
import Telemetry
import Testing
import Wire

/// How batches are cut into requests.
@Suite struct WriteCuttingTests {
    private func output(
        _ version: RemoteWriteVersion, limit: Int, _ points: [(series: Int, time: UInt64)]
    ) -> RemoteWriteEncoder.Output {
        var settings = RemoteWriteEncoder.Settings(series: SeriesSettings(includesScope: false))
        settings.version = version
        settings.maxRequestBytes = limit
        var builder = MetricsBuilder()
        builder.gauge("g") { gauge in
            for (series, time) in points {
                gauge.point {
                    $0.time(time * 1_000_000)
                    $0.attribute("series", .string("series number \(series)"))
                    $0.value(.int(Int64(time)))
                }
            }
        }
        return RemoteWriteEncoder(settings).encode(builder.finish())
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `requests have at most the size, and no series in common`(_ version: RemoteWriteVersion) throws {
        let points = (0..<400).map { (series: $0 / 2, time: UInt64($0)) }
        let output = output(version, limit: 1000, points)
        #expect(output.allRows.count > 10 && output.allRows.allSatisfy { $0.count == 1 })
        let requests = output.allRows.joined()
        #expect(requests.allSatisfy { $0.body.count <= 1000 })
        #expect(requests.reduce(0) { $0 + $1.points } == 400)
        #expect(requests.reduce(0) { $0 + $1.samples } == 400)
        var seen: Set<String> = []
        for request in requests {
            let lines = try ReadRequest(request.body, version).lines
            let names = Set(lines.map { String($0.prefix { $0 != "}" }) })
            #expect(seen.isDisjoint(with: names))
            seen.formUnion(names)
        }
        #expect(seen.count == 200)
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `a series that is too large follows in requests of its row`(_ version: RemoteWriteVersion) throws {
        var points = (0..<10).map { (series: $0, time: UInt64(1)) }
        points += (0..<500).map { (series: 10, time: UInt64($0)) }
        points += [(series: 11, time: 5)]
        let output = output(version, limit: 1000, points)
        let row = try #require(output.allRows.first { $0.count > 1 })
        #expect(row.count > 5 && output.allRows.count < 4)
        let times = try row.flatMap { try ReadRequest($0.body, version).lines }
            .filter { $0.contains("number 10}") }.compactMap { $0.split(separator: "@").last }
            .compactMap { UInt64($0.prefix { $0.isNumber }) }
        #expect(times == Array(0..<500))
        #expect(output.allRows.joined().reduce(0) { $0 + $1.samples } == 511)
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `labels larger than a request go with one value each`(_ version: RemoteWriteVersion) throws {
        var settings = RemoteWriteEncoder.Settings(series: SeriesSettings(includesScope: false))
        settings.version = version
        settings.maxRequestBytes = 1
        var builder = MetricsBuilder()
        builder.exponentialHistogram("e", .cumulative) { histogram in
            for time in 1...2 as ClosedRange<UInt64> {
                histogram.point {
                    $0.time(time * 1_000_000)
                    $0.count(4)
                    $0.scale(2)
                    $0.positive(offset: 3, counts: [1, 0, 3])
                }
            }
        }
        builder.sum("c_total", .cumulative, isMonotonic: true) { sum in
            sum.point { point in
                point.time(1_000_000)
                point.value(.int(7))
                for value in 1...2 { point.exemplar { $0.value(.int(Int64(value))) } }
            }
        }
        let output = RemoteWriteEncoder(settings).encode(builder.finish())
        #expect(output.allRows.map { $0.count } == [2, 3])
        let lines = try output.allRows.joined().map { try ReadRequest($0.body, version).lines }
        #expect(lines.allSatisfy { $0.count == 1 })
        #expect(lines.filter { $0[0].contains("exemplar") }.count == 2)
        #expect(output.allRows.joined().map { $0.samples } == [1, 1, 1, 0, 0])
        #expect(output.allRows.joined().map { $0.points } == [2, 0, 1, 0, 0])
    }

    /// A value of 1 MiB.
    private static let large = String(repeating: "v", count: 1 << 20)

    @Test(arguments: RemoteWriteVersion.allCases)
    func `large labels are not repeated for all buckets of a point`(_ version: RemoteWriteVersion) throws {
        var settings = RemoteWriteEncoder.Settings(series: SeriesSettings(includesScope: false))
        settings.version = version
        var builder = MetricsBuilder()
        builder.histogram("h", .cumulative) { histogram in
            for bounds in [100_000, 1] {
                histogram.point {
                    $0.attribute("a", .string(Self.large))
                    $0.buckets(
                        counts: [UInt64](repeating: 1, count: bounds + 1),
                        bounds: (0..<bounds).map(Double.init))
                }
            }
        }
        builder.summary("s") { summary in
            summary.point { point in
                point.attribute("a", .string(Self.large))
                for place in 0..<100 { point.quantile(Double(place) / 100, 1) }
            }
        }
        let output = RemoteWriteEncoder(settings).encode(builder.finish())
        #expect(output.refused == ["the labels of a point would be repeated in 64 MiB and more": 2])
        #expect(output.rows.joined().reduce(0) { $0 + $1.points } == 1)
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `labels that fill requests are not repeated without end`(_ version: RemoteWriteVersion) throws {
        var settings = RemoteWriteEncoder.Settings()
        settings.version = version
        settings.maxRequestBytes = 1 << 20
        var builder = MetricsBuilder()
        builder.scope("s") { $0.attribute("a", .string(Self.large)) }
        builder.gauge("g") { gauge in
            for time in 1...1000 as ClosedRange<UInt64> { gauge.point { $0.time(time * 1_000_000) } }
        }
        builder.sum("c_total", .cumulative, isMonotonic: true) { sum in
            sum.point { point in for _ in 0..<1000 { point.exemplar { $0.value(.int(1)) } } }
        }
        let output = RemoteWriteEncoder(settings).encode(builder.finish())
        #expect(output.refusedCount == 1001 - 63)
        #expect(output.rows.reduce(0) { $0 + $1.count } == 63)
    }

    @Test(arguments: RemoteWriteVersion.allCases)
    func `what is written is read as it was`(_ version: RemoteWriteVersion) throws {
        var builder = MetricsBuilder()
        builder.resource {
            $0.attribute("service.name", .string("api"))
            $0.attribute("service.instance.id", .string("i1"))
            $0.attribute("host", .string("h"))
        }
        builder.scope("lib", version: "2") { $0.attribute("tier", .string("gold")) }
        builder.gauge("g") {
            $0.point {
                $0.time(1_000_000_000)
                $0.attribute("a", .string("b"))
                $0.value(.double(1.5))
            }
        }
        builder.sum("c_total", .cumulative, isMonotonic: true) {
            $0.point {
                $0.time(2_000_000_000)
                $0.startTime(1_000_000_000)
                $0.value(.double(7))
            }
        }
        builder.exponentialHistogram("e", .cumulative) {
            $0.point {
                $0.time(2_000_000_000)
                $0.count(4)
                $0.sum(5)
                $0.scale(2)
                $0.positive(offset: 3, counts: [1, 0, 3])
            }
        }
        var settings = RemoteWriteEncoder.Settings()
        settings.version = version
        let receiver = WrittenTo()
        let bodies = RemoteWriteEncoder(settings).encode(builder.finish()).allRows.joined().map { $0.body }
        let results = try bodies.map { try receiver.translator.translate($0, version) }
        let metrics = ReadMetrics(results.flatMap { $0.batches })
        let start = version == .v2 ? "1000-" : ""
        #expect(
            metrics.lines == [
                "g{a=b} gauge 1.5 @1000", "c_total counter 7.0 @\(start)2000", "e exponential 4 @2000",
            ])
        #expect(
            metrics.resources == [["service.name": "api", "service.instance.id": "i1", "host": "h"]])
        #expect(metrics.scopes == ["lib@2{tier=gold}"])
        #expect(results.allSatisfy { $0.fault == nil })
    }
}
