import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct LimitTests {
    @Test func `relabeling drops and renames`() throws {
        var drop = RelabelRule.Definition()
        drop.sourceLabels = ["__name__"]
        drop.regex = "go_.*"
        drop.action = .drop
        var label = RelabelRule.Definition()
        label.sourceLabels = ["path"]
        label.regex = "/(.*)"
        label.targetLabel = "route"
        var settings = TranslationSettings()
        settings.rules = [try RelabelRule(drop), try RelabelRule(label)]
        settings.externalLabels = ["cluster": "c"]
        var target = ScrapedTarget(settings)
        let (outcome, metrics) = target.scrape("go_x 1\na{path=\"/x\"} 1\n")
        #expect(metrics.own == ["a{cluster=c,path=/x,route=x} gauge 1.0 @1000000"])
        #expect(outcome.scraped == 2 && outcome.kept == 1 && outcome.added == 1)
        let again = target.scrape("go_x 1\na{path=\"/x\"} 1\n").outcome
        #expect(again.scraped == 2 && again.kept == 1 && again.added == 0)
    }

    @Test func `a page over the limit of samples fails`() {
        var settings = TranslationSettings()
        settings.sampleLimit = 2
        var target = ScrapedTarget(settings)
        #expect(target.scrape("a 1\nb 1\n").outcome.failure == nil)
        let (outcome, metrics) = target.scrape("a 1\nb 1\nc 1\n")
        #expect(outcome.failure?.description == "there are more than 2 samples; sample_limit is 2")
        #expect(metrics.own("up") == ["up gauge 0.0 @1001000"])
        #expect(metrics.own("scrape_samples_scraped") == ["scrape_samples_scraped gauge 3.0 @1001000"])
    }

    @Test(arguments: [(1, 0, 0, "label_limit"), (0, 3, 0, "label_name"), (0, 0, 20, "label_value")])
    func `labels have limits`(count: Int, name: Int, value: Int, message: String) {
        var settings = TranslationSettings()
        settings.labelLimit = count
        settings.labelNameLengthLimit = name
        settings.labelValueLengthLimit = value
        var target = ScrapedTarget(settings)
        let failure = target.scrape("a{long=\"0123456789012345678901\"} 1\n").outcome.failure
        #expect(failure?.description.contains(message) == true, "\(String(describing: failure))")
    }

    @Test func `labels beyond all reason are refused`() {
        var target = ScrapedTarget()
        let many = (0..<100_000).map { "l\($0)=\"x\"" }.joined(separator: ",")
        #expect(target.scrape("a{\(many)} 1\n").outcome.failure?.description.contains("4096") == true)
        let fine = (0..<4000).reversed().map { "l\($0)=\"x\"" }.joined(separator: ",")
        #expect(target.scrape("a{\(fine)} 1\n").outcome.failure == nil)
    }

    @Test func `what is kept of a target stays the same while its series do`() {
        var target = ScrapedTarget()
        let page = (0..<10_000).map { "a{x=\"\($0)\"} 0.\($0)\n" }.joined()
        #expect(target.scrape(page).outcome.kept == 10_000)
        let (count, bytes) = (target.translator.seriesCount, target.translator.byteCount)
        #expect(target.scrape(page).outcome.added == 0)
        #expect((target.translator.seriesCount, target.translator.byteCount) == (count, bytes))
        #expect(bytes < 10_000 * 1000)
    }

    @Test func `names, instances and scopes that come and go are forgotten`() {
        var settings = TranslationSettings()
        settings.honorsLabels = true
        var target = ScrapedTarget(settings)
        func scrape(_ round: Int) -> Int {
            let page = (0..<1000).map { place in
                let mark = "\(round)_\(place)"
                return "a_\(mark){instance=\"\(mark)\",otel_scope_name=\"\(mark)\"} 1\n"
            }
            #expect(target.scrape(page.joined()).outcome.kept == 1000)
            return target.translator.byteCount
        }
        let first = scrape(10)
        let last = (11..<30).map(scrape).max() ?? 0
        #expect(last < first * 4, "\(first) bytes of one page, \(last) of many")
    }

    @Test func `samples that appear twice are counted`() {
        var target = ScrapedTarget()
        let (outcome, metrics) = target.scrape("a 1\na 2\nb{x=\"1\",y=\"2\"} 1\nb{y=\"2\",x=\"1\"} 2\n")
        #expect(metrics.own == ["a gauge 1.0 @1000000", "b{x=1,y=2} gauge 1.0 @1000000"])
        #expect(outcome.duplicates == 2)
    }

    @Test func `histograms that are none are counted`() {
        var target = ScrapedTarget()
        let page = """
            # TYPE h histogram
            h_bucket{le="1"} 5
            h_bucket{le="2"} 3
            h_count 5
            h_bucket 1
            # TYPE s summary
            s{quantile="0.5"} 1
            """
        let (outcome, metrics) = target.scrape(page)
        #expect(metrics.own.isEmpty)
        #expect(outcome.incomplete == 3)
    }

    @Test func `a type that changes makes another metric`() {
        var target = ScrapedTarget()
        _ = target.scrape("# TYPE a gauge\na 1\n")
        let metrics = target.scrape("# TYPE a counter\na 2\n").metrics
        #expect(
            metrics.own.sorted() == ["a counter 2.0 @1001000-1001000", "a gauge @1001000 stale"])
        #expect(target.scrape("# TYPE a counter\na 2\n").metrics.own == ["a counter 2.0 @1001000-1002000"])
    }

    @Test func `series that come and go are forgotten`() {
        var target = ScrapedTarget()
        for round in 0..<20 {
            let page = (0..<1000).map { "a{x=\"\(round)-\($0)\"} 1\n" }.joined()
            #expect(target.scrape(page).outcome.added == 1000)
        }
        #expect(target.translator.seriesCount < 4000)
    }

    @Test func `what series are called stays while they are pruned`() {
        var target = ScrapedTarget()
        _ = target.scrape("# TYPE keep counter\nkeep 1\n")
        for round in 0..<5 {
            let page = (0..<1500).map { "a{x=\"\(round)-\($0)\"} 1\n" }.joined()
            _ = target.scrape("# TYPE keep counter\nkeep \(round + 2)\n" + page)
        }
        let metrics = target.scrape("# TYPE keep counter\nkeep 9\n").metrics
        #expect(metrics.own("keep") == ["keep counter 9.0 @1000000-1006000"])
    }

    @Test func `suffixes are trimmed when that is wanted`() {
        var settings = TranslationSettings()
        settings.trimsSuffixes = true
        var target = ScrapedTarget(settings)
        let page = "# TYPE c_seconds counter\n# UNIT c_seconds seconds\nc_seconds_total 1\n# EOF\n"
        let metrics = target.scrape(page, .openMetrics).metrics
        #expect(metrics.metric("c")?.unit == "s")
    }

    @Test func `exemplars become those of OTLP`() throws {
        var target = ScrapedTarget()
        let page = """
            # TYPE c counter
            c_total 1 # {trace_id="0102030405060708090a0b0c0d0e0f10",span_id="0102030405060708",x="y"} 2 3
            # TYPE h histogram
            h_bucket{le="1"} 1 # {trace_id="short"} 0.5
            h_bucket{le="+Inf"} 1
            h_count 1
            # EOF
            """
        let metrics = target.scrape(page, .openMetrics).metrics
        guard case .sum(let points, _, _)? = metrics.metric("c_total")?.content,
            case .histogram(let buckets, _)? = metrics.metric("h")?.content
        else { throw Missing() }
        let exemplar = try #require(points.first?.exemplars.first)
        #expect(exemplar.traceID.count == 16 && exemplar.spanID.count == 8)
        #expect(exemplar.filteredAttributes["x"]?.string == "y" && exemplar.time == 3_000_000_000)
        let other = try #require(buckets.first?.exemplars.first)
        #expect(other.traceID.isEmpty && other.filteredAttributes["trace_id"]?.string == "short")
    }

    private struct Missing: Error {}
}
