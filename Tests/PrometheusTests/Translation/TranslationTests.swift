import Prometheus
import Telemetry
import Testing
import Wire

/// A target that is scraped without a network.
struct ScrapedTarget {
    var translator: ScrapeTranslator
    /// Milliseconds since 1970 of the next scrape.
    var time: Int64 = 1_000_000

    init(_ settings: TranslationSettings = TranslationSettings(), labels: LabelSet = Self.labels) {
        translator = ScrapeTranslator(ScrapeTarget(labels: labels), settings)
    }

    static let labels: LabelSet = ["job": "api", "instance": "10.0.0.1:9090"]

    /// Takes a page, a second after the one before.
    mutating func scrape(
        _ page: String, _ format: ExpositionFormat = .text
    ) -> (outcome: ScrapeOutcome, metrics: ReadMetrics) {
        let (outcome, batch) = translator.translate(
            Bytes(utf8: page), format, at: time, elapsed: { 0.25 })
        time += 1000
        return (outcome, ReadMetrics(batch))
    }

    mutating func fail() -> ReadMetrics {
        let (_, batch) = translator.fail("refused", at: time, elapsed: { 0.25 })
        time += 1000
        return ReadMetrics(batch)
    }
}

/// The metrics of a batch as lines of text.
struct ReadMetrics {
    private(set) var lines: [String] = []
    private(set) var resources: [[String: String]] = []
    private(set) var scopes: [String] = []
    private(set) var metrics: [MetricView] = []

    init(_ batch: Batch) { self.init([batch]) }

    init(_ batches: [Batch]) {
        for group in batches.flatMap({ $0.resourceMetrics }) {
            resources.append(
                Dictionary(
                    uniqueKeysWithValues: group.resource.attributes.map { ($0.key, $0.value.string ?? "") }))
            for scope in group.scopes {
                scopes.append(
                    "\(scope.scope.name)@\(scope.scope.version)\(Self.text(scope.scope.attributes))")
                for metric in scope.records {
                    metrics.append(metric)
                    lines += Self.lines(metric)
                }
            }
        }
    }

    /// Lines without those of the scrape itself.
    var own: [String] { lines.filter { !$0.hasPrefix("up") && !$0.hasPrefix("scrape_") } }
    func own(_ prefix: String) -> [String] { lines.filter { $0.hasPrefix(prefix) } }
    func metric(_ name: String) -> MetricView? { metrics.first { $0.name == name } }

    private static func text(_ attributes: Messages<KeyValueView>) -> String {
        let pairs = attributes.map { "\($0.key)=\($0.value.string ?? "?")" }
        return pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
    }

    private static func times(_ point: some PointView) -> String {
        let start = point.startTime == 0 ? "" : "\(point.startTime / 1_000_000)-"
        return " @\(start)\(point.time / 1_000_000)\(point.flags == 0 ? "" : " stale")"
    }

    private static func lines(_ metric: MetricView) -> [String] {
        func numbers(_ points: Messages<NumberPointView>, _ kind: String) -> [String] {
            points.map { point in
                let value = if case .double(let value)? = point.value { " \(value)" } else { "" }
                return "\(metric.name)\(text(point.attributes)) \(kind)\(value)\(times(point))"
            }
        }
        switch metric.content {
        case .gauge(let points): return numbers(points, "gauge")
        case .sum(let points, _, let isMonotonic): return numbers(points, isMonotonic ? "counter" : "sum")
        case .histogram(let points, _):
            return points.map { point in
                "\(metric.name)\(text(point.attributes)) histogram \(point.count) \(point.sum ?? -1) "
                    + "\(point.explicitBounds) \(point.bucketCounts)\(times(point))"
            }
        case .summary(let points):
            return points.map { point in
                let values = point.quantiles.map { "\($0.quantile):\($0.value)" }
                return "\(metric.name)\(text(point.attributes)) summary \(point.count) \(point.sum) "
                    + "\(values.joined(separator: " "))\(times(point))"
            }
        case .exponentialHistogram(let points, _):
            return points.map { "\(metric.name)\(text($0.attributes)) exponential \($0.count)\(times($0))" }
        case .empty: return ["\(metric.name) empty"]
        }
    }
}

@Suite struct TranslationTests {
    @Test func `each type becomes what OTLP has for it`() {
        var target = ScrapedTarget()
        let page = """
            # HELP c_total Things.
            # TYPE c_total counter
            c_total{a="b",empty=""} 5
            # TYPE g gauge
            g 1.5
            n 2
            # TYPE h histogram
            h_bucket{le="0.5"} 1
            h_bucket{le="+Inf"} 4
            h_bucket{le="1"} 3
            h_sum 4.5
            h_count 4
            # TYPE s summary
            s{quantile="0.5"} 2
            s_sum 6
            s_count 3
            """
        let (outcome, metrics) = target.scrape(page)
        #expect(
            metrics.own == [
                "c_total{a=b} counter 5.0 @1000000-1000000", "g gauge 1.5 @1000000", "n gauge 2.0 @1000000",
                "h histogram 4 4.5 [0.5, 1.0] [1, 2, 1] @1000000-1000000",
                "s summary 3 6.0 0.5:2.0 @1000000-1000000",
            ])
        #expect(outcome.scraped == 11 && outcome.kept == 11 && outcome.added == 11)
        #expect(metrics.metric("c_total")?.details == "Things.")
        #expect(metrics.metric("c_total")?.metadata["prometheus.type"]?.string == "counter")
        #expect(metrics.metric("n")?.metadata["prometheus.type"]?.string == "unknown")
        #expect(
            metrics.own("up") + metrics.own("scrape_") == [
                "up gauge 1.0 @1000000", "scrape_duration_seconds gauge 0.25 @1000000",
                "scrape_samples_scraped gauge 11.0 @1000000",
                "scrape_samples_post_metric_relabeling gauge 11.0 @1000000",
                "scrape_series_added gauge 11.0 @1000000",
            ])
    }

    @Test func `the resource is the target`() {
        var target = ScrapedTarget()
        let page = "target_info{env=\"prod\",job=\"x\"} 1\nx 1\n"
        #expect(
            target.scrape(page).metrics.resources == [
                [
                    "service.name": "api", "service.instance.id": "10.0.0.1:9090", "url.scheme": "http",
                    "server.address": "10.0.0.1", "server.port": "9090", "env": "prod", "exported_job": "x",
                ]
            ])
    }

    @Test func `scopes are told by labels`() {
        var target = ScrapedTarget()
        let page = """
            x{otel_scope_name="lib",otel_scope_version="2",otel_scope_kind="k",a="1"} 1
            otel_scope_info{otel_scope_name="other",team="t"} 1
            y{otel_scope_name="other"} 1
            """
        let metrics = target.scrape(page).metrics
        #expect(metrics.own == ["x{a=1} gauge 1.0 @1000000", "y gauge 1.0 @1000000"])
        #expect(metrics.scopes.contains("lib@2{kind=k}") && metrics.scopes.contains("other@{team=t}"))
    }

    @Test func `counters of OpenMetrics begin when they were created`() {
        var target = ScrapedTarget()
        let page = """
            # TYPE c counter
            # UNIT c_seconds seconds
            c_total 5
            c_created 900.5
            # TYPE h histogram
            h_bucket{le="+Inf"} 1
            h_count 1
            h_sum 1
            h_created 800
            # EOF
            """
        let own = target.scrape(page, .openMetrics).metrics.own
        #expect(
            own == [
                "c_total counter 5.0 @900500-1000000", "h histogram 1 1.0 [] [1] @800000-1000000",
            ])
    }

    @Test func `a counter that goes down begins anew`() {
        var target = ScrapedTarget()
        let page = "# TYPE c counter\nc "
        #expect(target.scrape(page + "5\n").metrics.own == ["c counter 5.0 @1000000-1000000"])
        #expect(target.scrape(page + "7\n").metrics.own == ["c counter 7.0 @1000000-1001000"])
        #expect(target.scrape(page + "6\n").metrics.own == ["c counter 6.0 @1002000-1002000"])
        #expect(target.scrape(page + "6\n").metrics.own == ["c counter 6.0 @1002000-1003000"])
    }

    @Test func `what vanishes becomes stale once`() {
        var target = ScrapedTarget()
        _ = target.scrape("a 1\nb 2\n")
        #expect(target.scrape("a 1\n").metrics.own == ["a gauge 1.0 @1001000", "b gauge @1001000 stale"])
        #expect(target.scrape("a 1\n").metrics.own == ["a gauge 1.0 @1002000"])
        let failed = target.fail()
        #expect(failed.own == ["a gauge @1003000 stale"])
        #expect(failed.own("up") == ["up gauge 0.0 @1003000"])
        #expect(target.fail().own.isEmpty)
        #expect(target.scrape("a 3\n").metrics.own == ["a gauge 3.0 @1005000"])
        let end = ReadMetrics(target.translator.end(at: target.time))
        #expect(end.lines.count == 6)
        #expect(end.lines.allSatisfy { $0.hasSuffix("stale") })
    }

    @Test func `a page with a fault is not taken in part`() {
        var target = ScrapedTarget()
        _ = target.scrape("a 1\n")
        let (outcome, metrics) = target.scrape("a 2\nb 3\nc\n")
        #expect(outcome.failure?.description == "the page cannot be read: line 3: the value is missing")
        #expect(metrics.own == ["a gauge @1001000 stale"])
        #expect(metrics.own("up") == ["up gauge 0.0 @1001000"])
        #expect(target.scrape("a 2\n").metrics.own == ["a gauge 2.0 @1002000"])
    }

    @Test func `stale markers and other NaNs are told apart`() {
        var target = ScrapedTarget()
        #expect(target.scrape("a NaN\n").metrics.own == ["a gauge nan @1000000"])
        let stale = PageWriter.family(
            "g", type: 1,
            [
                { writer in
                    let mark = writer.begin(2)
                    writer.write(fixed64: 0x7FF0_0000_0000_0002, 1)
                    writer.end(mark)
                }
            ])
        let (_, batch) = target.translator.translate(
            Bytes(stale), .protobuf, at: 1_001_000, elapsed: { 0 })
        #expect(ReadMetrics(batch).own.contains("g gauge @1001000 stale"))
    }

    @Test func `times of the page count unless they are not honored`() {
        var target = ScrapedTarget()
        #expect(target.scrape("a 1 500\n").metrics.own == ["a gauge 1.0 @500"])
        #expect(target.scrape("b 1\n").metrics.own == ["b gauge 1.0 @1001000"])
        var settings = TranslationSettings()
        settings.tracksTimestampStaleness = true
        var tracking = ScrapedTarget(settings)
        _ = tracking.scrape("a 1 500\n")
        #expect(tracking.scrape("").metrics.own == ["a gauge @1001000 stale"])
        settings.honorsTimestamps = false
        var own = ScrapedTarget(settings)
        #expect(own.scrape("a 1 500\n").metrics.own == ["a gauge 1.0 @1000000"])
    }

    @Test func `labels of the target win, unless those of the page are honored`() {
        let page = "a{job=\"page\",instance=\"\",zone=\"z\"} 1\n"
        var target = ScrapedTarget(labels: ["job": "api", "instance": "i:1", "zone": "t"])
        #expect(
            target.scrape(page).metrics.own == [
                "a{exported_job=page,exported_zone=z,zone=t} gauge 1.0 @1000000"
            ])
        var settings = TranslationSettings()
        settings.honorsLabels = true
        var honoring = ScrapedTarget(settings, labels: ["job": "api", "instance": "i:1", "zone": "t"])
        let metrics = honoring.scrape(page).metrics
        #expect(metrics.own == ["a{zone=z} gauge 1.0 @1000000"])
        #expect(metrics.resources.contains { $0["service.name"] == "page" })
    }
}
