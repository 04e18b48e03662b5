import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct PageLimitTests {
    @Test func `series beyond the limit are refused, known ones go on`() {
        var settings = TestPage.plain
        settings.seriesLimit = 2
        var page = TestPage(settings)
        let outcome = page.take { builder in
            for label in ["a", "b", "c"] { builder.one("g", 1, label: label) }
            builder.one("other", 1)
        }
        #expect(outcome.refused == [.full: 2])
        page.take { $0.one("g", 5, label: "b") }
        #expect(page.lines == [#"g{l="a"} 1"#, #"g{l="b"} 5"#])
        // Whoever expires makes room.
        page.now += .seconds(200)
        page.take { $0.one("g", 6, label: "b") }
        page.now += .seconds(200)
        #expect(page.take { $0.one("g", 7, label: "c") }.refused.isEmpty)
        #expect(page.lines == [#"g{l="b"} 6"#, #"g{l="c"} 7"#])
    }

    @Test func `bytes are bounded, however they come`() {
        var settings = TestPage.plain
        settings.byteLimit = 20_000
        let page = TestPage(settings)
        let long = String(repeating: "x", count: 30_000)
        #expect(page.take { $0.one("g", 1, label: long) }.refused == [.full: 1])
        #expect(page.text().isEmpty)
        page.take { $0.one("g", 1, label: "short") }
        page.take { $0.histogram("h", [1, 1, 1]) }
        let bounds = (0..<3000).map { Double($0) }
        let grown = page.take { builder in
            builder.histogram("h", [UInt64](repeating: 1, count: 3001), time: 1, bounds: bounds)
        }
        #expect(grown.refused == [.full: 1])
        #expect(page.lines.contains("h_count 3"))
        var taken = 0
        for number in 0..<200 {
            let outcome = page.take { $0.one("many", 1, label: "\(number)") }
            if outcome.refused.isEmpty { taken += 1 }
        }
        #expect(taken > 10 && taken < 60)
        #expect(page.page.statistics.bytes <= 20_000)
    }

    /// Each bucket is a line with all labels, so that little memory may be a long page.
    @Test func `the page is bounded as well as the memory that it takes`() {
        var settings = TestPage.plain
        settings.byteLimit = 1 << 20
        let page = TestPage(settings)
        func take(_ label: String, buckets: Int) -> PageOutcome {
            page.take { builder in
                builder.histogram("h", .cumulative) { points in
                    points.point { point in
                        point.count(UInt64(buckets) + 1)
                        point.buckets(
                            counts: [UInt64](repeating: 1, count: buckets + 1),
                            bounds: (0..<buckets).map { Double($0) })
                        point.attribute("l", .string(label))
                    }
                }
            }
        }
        let long = String(repeating: "x", count: 10_000)
        #expect(take(long, buckets: 5000).refused == [.full: 1])
        #expect(page.text().isEmpty)
        #expect(take(long, buckets: 1).refused.isEmpty)
        #expect(take(long, buckets: 5000).refused == [.full: 1])
        #expect(page.lines.count == 4)
        var taken = 0
        for number in 0..<100 where take("\(number)\(long.prefix(1000))", buckets: 50).refused.isEmpty {
            taken += 1
        }
        #expect(taken > 10 && taken < 20)
        for syntax in [PageFormat.Syntax.text004, .openMetrics100, .protobuf] {
            #expect(page.text(syntax).utf8.count < 1 << 20)
        }
    }

    @Test func `a point that is refused leaves no time behind`() {
        var settings = TestPage.plain
        settings.byteLimit = 20_000
        settings.sendsTimestamps = true
        let page = TestPage(settings)
        func take(_ buckets: Int, start: UInt64) -> PageOutcome {
            page.take { builder in
                builder.histogram(
                    "h", [UInt64](repeating: 1, count: buckets + 1), .delta, start: start * 1_000_000,
                    time: (start + 10) * 1_000_000, bounds: (0..<buckets).map { Double($0) })
            }
        }
        #expect(take(1, start: 10).refused.isEmpty)
        #expect(take(3000, start: 30).refused == [.full: 1])
        #expect(page.lines.last == "h_count 2 20")
        // So the next one follows on what is shown.
        #expect(take(1, start: 20).refused.isEmpty)
        #expect(page.lines.last == "h_count 4 30")
    }

    @Test func `attributes of resources are bounded as well`() {
        var settings = TestPage.plain
        settings.byteLimit = 100_000
        let page = TestPage(settings)
        func take(_ host: String) -> PageOutcome {
            page.take(resource: [("service.name", "api"), ("host.name", .string(host))]) { $0.one("g", 1) }
        }
        #expect(take("short").refused.isEmpty)
        #expect(take(String(repeating: "x", count: 100_000)).refused.isEmpty)
        #expect(page.lines.last == #"target_info{host_name="short",job="api"} 1"#)
        #expect(page.page.statistics.bytes < 100_000)
        #expect(take("longer").refused.isEmpty)
        #expect(page.lines.last == #"target_info{host_name="longer",job="api"} 1"#)
    }

    @Test func `names that are escaped count as what they may become`() {
        var settings = PageSettings(series: SeriesSettings(strategy: .noTranslation, includesScope: false))
        settings.byteLimit = 1 << 20
        let page = TestPage(settings)
        let dots = String(repeating: ".", count: 1000)
        for number in 0..<500 {
            page.take { builder in
                builder.gauge("g") { points in
                    points.point { point in
                        point.value(.int(1))
                        point.attribute("\(dots)\(number)", "x")
                    }
                }
            }
        }
        for escaping in NameEscaping.allCases {
            let count = page.page.write(PageFormat(.text100, escaping), at: page.now).count
            #expect(count < 1 << 20 && count > 10_000)
        }
    }

    /// Work that grows with the square of their number would take many minutes.
    @Test(.timeLimit(.minutes(3)))
    func `a point may have very many buckets, exemplars and quantiles`() {
        let page = TestPage()
        let count = 100_000
        let outcome = page.take { builder in
            builder.histogram("h", .cumulative) { points in
                points.point { point in
                    point.count(UInt64(count))
                    point.buckets(
                        counts: [UInt64](repeating: 1, count: count), bounds: (1..<count).map { Double($0) })
                    for number in 0..<count { point.exemplar { $0.value(.double(Double(number) + 0.5)) } }
                }
            }
            builder.summary("s") { points in
                points.point { point in
                    for number in 0..<count { point.quantile(Double(number) / Double(count), 1) }
                    point.quantile(0.5, 2)
                    point.quantile(0, 3)
                }
            }
        }
        #expect(outcome.refused.isEmpty)
        let lines = page.text(.openMetrics100).split(separator: "\n")
        #expect(lines.count { $0.contains(" # {} ") } == count)
        #expect(lines.count { $0.hasPrefix("s{") } == count)
        #expect(lines.contains(#"s{quantile="0.5"} 2"#) && lines.contains(#"s{quantile="0.0"} 3"#))
        #expect(page.page.write(PageFormat(.protobuf), at: page.now).count > count)
    }

    @Test func `one series in many forms does not grow`() {
        var settings = TestPage.plain
        settings.byteLimit = 10_000
        let page = TestPage(settings)
        for number in 0..<500 {
            let outcome = page.take(resource: [("process.pid", .int(Int64(number)))]) {
                $0.one("g", Double(number), time: UInt64(number))
            }
            #expect(outcome.refused.isEmpty)
        }
        #expect(page.lines == ["g 499"])
        #expect(page.page.statistics.series == 1)
    }

    @Test func `batches and readers may come at the same time`() async {
        var settings = TestPage.plain
        settings.expiration = .seconds(20)
        let page = MetricsPage(settings)
        await withTaskGroup { group in
            for writer in 0..<3 {
                group.addTask {
                    for round in 0..<60 {
                        let batch = TestPage.batch { builder in
                            for number in 0..<300 {
                                builder.one("g", Double(round), label: "\(writer)-\(number + round % 7 * 50)")
                            }
                        }
                        _ = page.take(batch, at: .seconds(round))
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    for round in 0..<60 {
                        let text = page.write(PageFormat(.text004), at: .seconds(round)).string
                        let lines = text.split(separator: "\n").dropFirst()
                        #expect(Set(lines.map { $0.prefix { $0 != " " } }).count == lines.count)
                    }
                }
            }
        }
        #expect(page.statistics.series > 0)
    }

    /// Batches that were valid OTLP before some of their bytes changed: whatever is valid still must be taken
    /// or refused, and the page must stay one that can be read.
    @Test(arguments: [
        TranslationStrategy.underscoreEscapingWithSuffixes, .noUTF8EscapingWithSuffixes, .noTranslation,
    ])
    func `no batch breaks the page`(strategy: TranslationStrategy) throws {
        let good = TestPage.batch(resource: [("service.name", "api"), ("host.name", "h")]) { builder in
            builder.gauge(.init("b.gauge", unit: "unit\n")) { $0.point { $0.value(.double(-1.5)) } }
            builder.sum("a.requests", .int(5), .delta, start: 1, time: 2)
            builder.histogram("c.time", [1, 2, 3], .delta, start: 1, time: 2)
            builder.summary("d.size") { $0.point { $0.quantile(0.5, 20) } }
            builder.exponentialHistogram("e.native", .delta) { points in
                points.point { point in
                    point.count(8)
                    point.scale(4)
                    point.positive(offset: -3, counts: [7, 0, 1])
                    point.exemplar { $0.value(.double(3)) }
                }
            }
        }
        let bytes = good.chunks[0].bytes.array
        var generator = Splitmix(state: 42)
        var taken = 0
        for _ in 0..<700 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                mutated[Int.random(in: 0..<bytes.count, using: &generator)] = .random(
                    in: 0...255, using: &generator)
            }
            guard let batch = try? Batch(validating: Bytes(mutated), as: .metrics) else { continue }
            let page = TestPage(PageSettings(series: SeriesSettings(strategy: strategy)))
            page.take { $0.sum("a.requests", .int(5), .delta, start: 0, time: 1) }
            _ = page.page.take(batch, at: page.now)
            _ = page.page.take(good, at: page.now)
            _ = page.page.take(batch, at: page.now)
            for syntax in [PageFormat.Syntax.text004, .openMetrics100, .protobuf] {
                for escaping in NameEscaping.allCases {
                    let text = page.page.write(PageFormat(syntax, escaping), at: page.now)
                    var reader = ExpositionReader(text, format: syntax.reading)
                    while try reader.next() != nil {}
                }
            }
            taken += 1
        }
        #expect(taken > 90)
    }
}

extension PageFormat.Syntax {
    /// What reads it.
    var reading: ExpositionFormat {
        switch self {
        case .text004, .text100: .text
        case .openMetrics001, .openMetrics100: .openMetrics
        case .protobuf: .protobuf
        }
    }
}

/// Random numbers that are the same each time.
struct Splitmix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
