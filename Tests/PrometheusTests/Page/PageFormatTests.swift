import Prometheus
import Telemetry
import Testing
import Wire

@Suite struct PageFormatTests {
    @Test(arguments: [
        ("", PageFormat(.text004)), ("*/*", PageFormat(.text004)), ("text/html", PageFormat(.text004)),
        ("text/plain;version=1.0.0;escaping=allow-utf-8", PageFormat(.text100, .allowUTF8)),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", PageFormat(.openMetrics100)
        ),
        ("text/plain;q=0.3,application/openmetrics-text;q=0.4", PageFormat(.openMetrics001)),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
                + ";escaping=values;q=0.6,text/plain;q=0.5", PageFormat(.protobuf, .values)
        ),
        ("application/vnd.google.protobuf;proto=other;encoding=delimited", PageFormat(.text004)),
        ("application/openmetrics-text;q=0, text/plain; version=0.0.4 ;q=nonsense", PageFormat(.text004)),
    ])
    func `the scraper says what it takes`(accept: String, format: PageFormat) {
        #expect(PageFormat(accept: accept, allowsOpenMetrics: true) == format)
    }

    @Test func `without OpenMetrics the next best is taken`() {
        let accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
        let format = PageFormat(accept: accept, allowsOpenMetrics: false)
        #expect(format == PageFormat(.text004))
        #expect(format.contentType == "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")
    }

    @Test(arguments: [
        ("a.b_c", NameEscaping.underscores, "a_b_c"), ("a.b_c", .dots, "a_dot_b__c"),
        ("a.b_c", .values, "U__a_2e_b__c"), ("a.b_c", .allowUTF8, "a.b_c"),
        ("a:b_c", .underscores, "a:b_c"), ("a:b_c", .dots, "a:b__c"), ("a:b_c", .values, "a:b_c"),
        ("1é", .underscores, "__"), ("1é", .dots, "____"), ("1é", .values, "U___31__e9_"),
    ])
    func `names are escaped as the scraper wants`(name: String, escaping: NameEscaping, result: String) {
        #expect(escaping.name(name, isMetric: true) == result)
    }

    private static var utf8Page: TestPage {
        var settings = TestPage.plain
        settings.series = SeriesSettings(strategy: .noTranslation, includesScope: false)
        let page = TestPage(settings)
        page.take { builder in
            builder.histogram("my.time", [1], bounds: [])
            builder.gauge("my.gauge") { points in
                points.point { point in
                    point.value(.double(0.1))
                    point.attribute("a.b", .string("x\"\\\n"))
                    point.attribute("a_b", "y")
                }
            }
        }
        return page
    }

    @Test func `names with other characters stand in quotes`() {
        let found = Self.utf8Page.text(.text100, .allowUTF8)
        #expect(
            found == #"""
                # TYPE "my.gauge" gauge
                {"my.gauge","a.b"="x\"\\\n",a_b="y"} 0.1
                # TYPE "my.time" histogram
                {"my.time_bucket",le="+Inf"} 1
                {"my.time_sum"} 1
                {"my.time_count"} 1

                """#)
    }

    @Test func `without quotes a name stands once in a line`() {
        let found = Self.utf8Page.text()
        #expect(
            found == #"""
                # TYPE my_gauge gauge
                my_gauge{a_b="x\"\\\n"} 0.1
                # TYPE my_time histogram
                my_time_bucket{le="+Inf"} 1
                my_time_sum 1
                my_time_count 1

                """#)
        #expect(
            Self.utf8Page.text(.text004, .dots).contains(#"my_dot_gauge{a_dot_b="x\"\\\n",a__b="y"} 0.1"#))
    }

    private static func exemplified(_ settings: PageSettings) -> TestPage {
        let page = TestPage(settings)
        page.take(resource: [("service.name", "api"), ("host.name", "h")]) { builder in
            builder.sum(.init("my.requests", details: "A \"help\"\\\n."), .cumulative, isMonotonic: true) {
                points in
                points.point { point in
                    point.startTime(1_500_000_000)
                    point.time(2_250_000_000)
                    point.value(.double(1.5))
                    point.exemplar { exemplar in
                        exemplar.value(.double(0.25))
                        exemplar.time(2_000_000_000)
                        exemplar.traceID(Bytes([UInt8](repeating: 0xAB, count: 16)))
                        exemplar.spanID(Bytes([UInt8](repeating: 0xCD, count: 8)))
                    }
                }
            }
            builder.histogram(.init("my.time", unit: "s"), .cumulative) { points in
                points.point { point in
                    point.time(2_250_000_000)
                    point.count(3)
                    point.buckets(counts: [1, 1, 1], bounds: [0.5, 1])
                    for value in [0.4, 7.5] { point.exemplar { $0.value(.double(value)) } }
                }
            }
        }
        return page
    }

    @Test func `OpenMetrics has exemplars, units and an end`() {
        var settings = TestPage.plain
        settings.writesCreatedLines = true
        let trace = String(repeating: "ab", count: 16)
        let span = String(repeating: "cd", count: 8)
        #expect(
            Self.exemplified(settings).text(.openMetrics100) == #"""
                # HELP my_requests A \"help\"\\\n.
                # TYPE my_requests counter
                my_requests_total{job="api"} 1.5 # {span_id="\#(span)",trace_id="\#(trace)"} 0.25 2.000
                my_requests_created{job="api"} 1.500
                # TYPE my_time_seconds histogram
                # UNIT my_time_seconds seconds
                my_time_seconds_bucket{job="api",le="0.5"} 1 # {} 0.4
                my_time_seconds_bucket{job="api",le="1.0"} 2
                my_time_seconds_bucket{job="api",le="+Inf"} 3 # {} 7.5
                my_time_seconds_sum{job="api"} 0
                my_time_seconds_count{job="api"} 3
                # HELP target Target metadata
                # TYPE target info
                target_info{host_name="h",job="api"} 1
                # EOF

                """#)
        #expect(!Self.exemplified(TestPage.plain).text(.openMetrics100).contains("_created"))
    }

    @Test func `a bucket keeps its newest exemplar`() {
        let page = TestPage()
        func take(_ exemplars: [(value: Double, seconds: UInt64)], bounds: [Double] = [1, 2]) {
            page.take { builder in
                builder.histogram("h", .cumulative) { points in
                    points.point { point in
                        point.count(3)
                        point.buckets(counts: [1, 1, 1], bounds: bounds)
                        for (value, seconds) in exemplars {
                            point.exemplar { exemplar in
                                exemplar.value(.double(value))
                                exemplar.time(seconds * 1_000_000_000)
                            }
                        }
                    }
                }
            }
        }
        func exemplars() -> [String] {
            page.text(.openMetrics100).split(separator: "\n").compactMap { line in
                line.firstRange(of: " # {} ").map { String(line[$0.upperBound...]) }
            }
        }
        take([(5, 3), (0.1, 2), (0.2, 4), (0.3, 3), (1.5, 9), (.nan, 9)])
        #expect(exemplars() == ["0.2 4.000", "1.5 9.000", "5 3.000"])
        take([(1, 4), (2, 8), (6, 5)])
        #expect(exemplars() == ["1 4.000", "1.5 9.000", "6 5.000"])
        take([], bounds: [1, 3])
        #expect(exemplars().isEmpty)
    }

    @Test func `labels of exemplars are escaped as all others`() throws {
        var settings = TestPage.plain
        settings.series = SeriesSettings(strategy: .noTranslation, includesScope: false)
        let page = TestPage(settings)
        page.take { builder in
            builder.sum("n", .cumulative, isMonotonic: true) { points in
                points.point { point in
                    point.value(.int(1))
                    point.exemplar { exemplar in
                        exemplar.value(.int(1))
                        exemplar.attribute("http.route", "/")
                    }
                }
            }
        }
        func labels(_ escaping: NameEscaping) -> Substring? {
            page.text(.openMetrics100, escaping).split(separator: "\n").compactMap { line in
                line.firstRange(of: " # {").map { line[$0.upperBound...].prefix { $0 != "}" } }
            }.first
        }
        #expect(labels(.underscores) == #"http_route="/""#)
        #expect(labels(.dots) == #"http_dot_route="/""#)
        #expect(labels(.allowUTF8) == #""http.route"="/""#)
        let body = page.page.write(PageFormat(.protobuf, .underscores), at: page.now)
        var reader = ExpositionReader(body, format: .protobuf)
        var found: [LabelSet.Label] = []
        while let entry = try reader.next() {
            if case .sample(let sample) = entry { found += sample.exemplars.flatMap { $0.labels } }
        }
        #expect(found == [LabelSet.Label("http_route", "/")])
    }

    @Test func `a unit with other characters has no line of its own`() {
        var settings = TestPage.plain
        settings.series = SeriesSettings(strategy: .noUTF8EscapingWithSuffixes, includesScope: false)
        let page = TestPage(settings)
        page.take { builder in
            builder.gauge(.init("g", unit: "x\nevil_total 1")) { $0.point { $0.value(.int(1)) } }
            builder.gauge(.init("h", unit: "s")) { $0.point { $0.value(.int(1)) } }
        }
        #expect(
            page.text(.openMetrics100, .allowUTF8) == #"""
                # TYPE "g_x\nevil_total 1" gauge
                {"g_x\nevil_total 1"} 1
                # TYPE h_seconds gauge
                # UNIT h_seconds seconds
                h_seconds 1
                # EOF

                """#)
    }

    @Test func `the text format has neither, times where they are wanted`() {
        var settings = TestPage.plain
        settings.sendsTimestamps = true
        let page = Self.exemplified(settings)
        #expect(
            page.text() == #"""
                # HELP my_requests_total A "help"\\\n.
                # TYPE my_requests_total counter
                my_requests_total{job="api"} 1.5 2250
                # TYPE my_time_seconds histogram
                my_time_seconds_bucket{job="api",le="0.5"} 1 2250
                my_time_seconds_bucket{job="api",le="1"} 2 2250
                my_time_seconds_bucket{job="api",le="+Inf"} 3 2250
                my_time_seconds_sum{job="api"} 0 2250
                my_time_seconds_count{job="api"} 3 2250
                # HELP target_info Target metadata
                # TYPE target_info gauge
                target_info{host_name="h",job="api"} 1

                """#)
        #expect(page.text(.openMetrics001).contains(#"my_time_seconds_count{job="api"} 3 2.250"#))
    }

    @Test func `where OpenMetrics would give two families one name the second has no type`() {
        let page = TestPage()
        page.take { builder in
            builder.one("jobs", 1)
            builder.sum("jobs", .int(2))
        }
        #expect(
            page.text(.openMetrics100)
                == "# TYPE jobs gauge\njobs 1\n# TYPE jobs_total unknown\njobs_total 2\n# EOF\n")
        var settings = TestPage.plain
        settings.series = SeriesSettings(strategy: .underscoreEscapingWithoutSuffixes, includesScope: false)
        let plain = TestPage(settings)
        plain.take { $0.sum("jobs", .int(2)) }
        #expect(plain.text() == "# TYPE jobs counter\njobs 2\n")
        #expect(plain.text(.openMetrics100) == "# TYPE jobs counter\njobs_total 2\n# EOF\n")
    }

    @Test func `numbers are written so that they read back as they were`() throws {
        let numbers: [Double] = [
            0, -0.0, 0.1, -1e300, .leastNonzeroMagnitude, 0x1p53 + 2, 1e15, 123_456.789, .infinity,
            -.infinity,
            .nan,
        ]
        let page = TestPage()
        page.take { builder in
            for (index, number) in numbers.enumerated() { builder.one("n\(index)", number) }
            builder.sum("whole", .int(.min), isMonotonic: false)
        }
        for syntax in [PageFormat.Syntax.text004, .openMetrics100, .protobuf] {
            let text = page.page.write(PageFormat(syntax), at: page.now)
            var reader = ExpositionReader(text, format: syntax.reading)
            var found: [String: Double] = [:]
            while let entry = try reader.next() {
                guard case .sample(let sample) = entry else { continue }
                found[try reader.series(of: sample).name] = sample.value
            }
            for (index, number) in numbers.enumerated() {
                let value = try #require(found["n\(index)"])
                #expect(value == number || value.isNaN && number.isNaN, "\(number)")
            }
            #expect(found["whole"] == -0x1p63)
        }
    }

    @Test func `protobuf has everything`() throws {
        let page = Self.exemplified(TestPage.plain)
        page.take { builder in
            builder.exponentialHistogram("my.native", .cumulative) { points in
                points.point { point in
                    point.startTime(3_000_000_000)
                    point.count(4)
                    point.sum(9)
                    point.scale(3)
                    point.zeroCount(1)
                    point.zeroThreshold(0.5)
                    point.positive(offset: 3, counts: [1, 0, 0, 0, 2])
                    point.exemplar { exemplar in
                        exemplar.value(.int(2))
                        exemplar.time(1_000_000)
                    }
                }
            }
            builder.summary("my.size") { points in
                points.point { point in
                    point.count(3)
                    point.sum(6)
                    point.quantile(0.5, 2)
                }
            }
        }
        let body = page.page.write(PageFormat(.protobuf), at: page.now)
        var reader = ExpositionReader(body, format: .protobuf)
        var lines: [String] = []
        while let entry = try reader.next() {
            switch entry {
            case .type(let name, let type): lines.append("\(try reader.text(name)) \(type)")
            case .sample(let sample):
                let (name, labels) = try reader.series(of: sample)
                let exemplars = sample.exemplars.map { "\($0.value)@\($0.timestamp ?? -1)" }
                let native = sample.histogram.map {
                    " \($0.schema) \($0.zeroThreshold) \($0.positive.counts)"
                }
                lines.append(
                    "\(name)\(LabelSet(labels)) \(sample.value)\(native ?? "") \(sample.created ?? -1) "
                        + exemplars.joined(separator: ","))
            case .help, .unit: break
            }
        }
        #expect(
            lines == [
                "my_native histogram", "my_native{} 4.0 3 0.5 [1, 0, 0, 0, 2] 3000 2.0@1",
                "my_requests_total counter", #"my_requests_total{job="api"} 1.5 1500 0.25@2000"#,
                "my_size summary", #"my_size{quantile="0.5"} 2.0 -1 "#, "my_size_sum{} 6.0 -1 ",
                "my_size_count{} 3.0 -1 ", "my_time_seconds histogram",
                #"my_time_seconds_bucket{job="api", le="0.5"} 1.0 -1 0.4@-1"#,
                #"my_time_seconds_bucket{job="api", le="1.0"} 2.0 -1 "#,
                #"my_time_seconds_bucket{job="api", le="+Inf"} 3.0 -1 7.5@-1"#,
                #"my_time_seconds_sum{job="api"} 0.0 -1 "#, #"my_time_seconds_count{job="api"} 3.0 -1 "#,
                "target_info gauge", #"target_info{host_name="h", job="api"} 1.0 -1 "#,
            ])
    }

    /// A page that the translator of scrapes turns back into what was exported.
    @Test func `a scrape gives back what was exported`() throws {
        var settings = TestPage.plain
        settings.writesCreatedLines = true
        let page = Self.exemplified(settings)
        var target = ScrapedTarget()
        let own = target.scrape(page.text(.openMetrics100), .openMetrics).metrics
        let requests = try #require(own.metric("my_requests_total"))
        guard case .sum(let points, temporality: 2, isMonotonic: true) = requests.content,
            let point = points.first
        else { return #expect(Bool(false), "\(requests)") }
        #expect(point.value == .double(1.5) && point.startTime == 1_500_000_000)
        #expect(point.exemplars.first?.value == .double(0.25))
        let time = try #require(own.metric("my_time_seconds"))
        #expect(time.unit == "s")
        guard case .histogram(let histograms, _) = time.content, let histogram = histograms.first
        else { return #expect(Bool(false), "\(time)") }
        #expect(histogram.bucketCounts == [1, 1, 1] && histogram.explicitBounds == [0.5, 1])
        #expect(own.resources.first?["host_name"] == "h")
    }
}
