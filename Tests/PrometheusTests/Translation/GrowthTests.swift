import Telemetry
import Testing
import Wire

@testable import Prometheus

/// What is kept of a target has a bound, and is let go when the target does not have it any more.
@Suite struct GrowthTests {
    private static func help(_ names: Range<Int>) -> String {
        names.map { "# HELP family_\($0) Something.\n" }.joined()
    }

    private static func series(_ names: Range<Int>) -> String {
        names.map { "a{x=\"\($0)\"} 1\n" }.joined()
    }

    @Test func `a page that only names families is refused when they are too many`() {
        var settings = TranslationSettings()
        settings.byteLimit = 1 << 20
        var target = ScrapedTarget(settings)
        let outcome = target.scrape(Self.help(0..<20_000)).outcome
        #expect(outcome.failure?.description.contains("1 MiB") == true, "\(outcome)")
        #expect(target.translator.byteCount < 2 << 20)
        #expect(target.scrape("a 1\n").outcome.failure == nil)
    }

    @Test func `what was said of families that are gone is forgotten`() {
        var target = ScrapedTarget()
        func bytes(_ round: Int) -> Int {
            _ = target.scrape("a 1\n" + Self.help(round * 2000..<(round + 1) * 2000))
            return target.translator.byteCount
        }
        let first = bytes(0)
        let last = (1..<20).map(bytes).max() ?? 0
        #expect(last < first * 3, "\(first) bytes of one page, \(last) of many")
    }

    @Test func `a family that is told of again after it was forgotten has its help`() {
        var target = ScrapedTarget()
        let told = "# HELP keep First.\n# TYPE keep gauge\nkeep 1\n"
        _ = target.scrape(told)
        for round in 1..<4 { _ = target.scrape("keep 1\n" + Self.help(round * 3000..<(round + 1) * 3000)) }
        #expect(target.scrape("keep 1\n").metrics.metric("keep")?.details == "")
        #expect(target.scrape(told).metrics.metric("keep")?.details == "First.")
        #expect(target.scrape(told).metrics.own("keep") == ["keep gauge 1.0 @1006000"])
    }

    @Test func `a target near the limit of series may change some of them in every scrape`() {
        var settings = TranslationSettings()
        settings.seriesLimit = 1000
        var target = ScrapedTarget(settings)
        for round in 0..<40 {
            let page = Self.series(0..<700) + Self.series(10_000 + round * 50..<10_050 + round * 50)
            let outcome = target.scrape(page).outcome
            #expect(outcome.failure == nil, "\(outcome)")
        }
        #expect(target.translator.seriesCount < 1000)
    }

    @Test func `a target that had too many series is scraped again when it has fewer`() {
        var settings = TranslationSettings()
        settings.seriesLimit = 1000
        var target = ScrapedTarget(settings)
        #expect(target.scrape(Self.series(0..<900)).outcome.failure == nil)
        let failure = target.scrape(Self.series(0..<2000)).outcome.failure
        #expect(failure?.description.contains("more series than one target may have: 1000") == true)
        #expect(target.scrape(Self.series(0..<900)).outcome.failure == nil)
        #expect(target.scrape(Self.series(1000..<1900)).outcome.failure != nil)
        #expect(target.scrape(Self.series(1000..<1900)).outcome.failure == nil)
    }

    @Test func `series over the limit of samples are not kept`() {
        var settings = TranslationSettings()
        settings.sampleLimit = 10
        var target = ScrapedTarget(settings)
        #expect(target.scrape(Self.series(0..<5000)).outcome.scraped == 5000)
        #expect(target.translator.seriesCount < 20)
    }

    @Test func `buckets and exemplars are let go when they are written`() {
        var target = ScrapedTarget()
        let page = "# TYPE c counter\nc_total 1 # {a=\"b\"} 1\n"
        _ = target.scrape(page + "# EOF\n", .openMetrics)
        #expect(target.translator.table.groups.allSatisfy { $0.exemplars.isEmpty })
        _ = target.translator.translate(
            PageWriter.nativeHistogram(type: 4), .protobuf, at: 2_000_000, elapsed: { 0 })
        #expect(target.translator.table.groups.allSatisfy { $0.native == nil })
        // Of a page with a fault too.
        _ = target.scrape(page + "# ", .openMetrics)
        #expect(target.translator.table.groups.allSatisfy { $0.exemplars.isEmpty })
    }

    @Test func `attributes of target_info count among what is kept`() {
        var target = ScrapedTarget()
        let labels = (0..<4000).map { "l\($0)=\"x\"" }.joined(separator: ",")
        _ = target.scrape("target_info{\(labels)} 1\n")
        #expect(target.translator.byteCount > 4000 * 100)
        let bytes = target.translator.byteCount
        _ = target.scrape("# HELP x y\ntarget_info{\(labels)} 1\n")
        #expect(target.translator.byteCount < bytes + 2000)
    }
}
