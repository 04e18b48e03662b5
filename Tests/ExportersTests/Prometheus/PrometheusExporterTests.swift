import Compression
import Exporters
import Pipeline
import PipelineTesting
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite struct PrometheusExporterTests {
    private static func gauge(_ builder: inout MetricsBuilder, _ name: String, _ value: Int64 = 1) {
        builder.gauge(.init(name, unit: "s")) { $0.point { $0.value(.int(value)) } }
    }

    @Test func `it is a component like any other`() async throws {
        try await Conformance.check(PrometheusExporter.self, yaml: "{endpoint: '127.0.0.1:0'}")
    }

    @Test func `what is exported is on the page`() async throws {
        try await withPage { page in
            let outcome = try await page.export { Self.gauge(&$0, "a.b", 7) }
            #expect(outcome == .delivered)
            let response = try await page.get()
            #expect(response.status == 200)
            #expect(response.body.string == "# TYPE a_b_seconds gauge\na_b_seconds 7\n")
            #expect(
                response.fields["content-type"]
                    == "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")
            #expect(response.fields["vary"] == "Accept, Accept-Encoding")
            #expect(page.value("apus_exporter_page_series") == 1)
            #expect(page.value("apus_exporter_page_scrapes") == 1)
            #expect((page.value("apus_exporter_page_size") ?? 0) > 100)
        }
    }

    @Test func `only the page is there, and only for reading`() async throws {
        try await withPage { page in
            #expect(try await page.get(path: "/").status == 404)
            let posted = try await page.get(method: "POST")
            #expect(posted.status == 405 && posted.fields["allow"] == "GET, HEAD")
            let head = try await page.get(method: "HEAD")
            #expect(head.status == 200 && head.body.isEmpty)
            #expect(try await page.get(path: "/metrics?name=x").status == 200)
            #expect(try await page.get(body: [Bytes(utf8: "x")]).status == 413)
        }
    }

    @Test func `the scraper chooses among the formats that are switched on`() async throws {
        let accept: HTTPFields = ["accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"]
        try await withPage { page in
            let response = try await page.get(accept)
            #expect(response.fields["content-type"]?.hasPrefix("text/plain") == true)
        }
        try await withPage("enable_open_metrics: true, created_lines: true") { page in
            try await page.export { builder in
                builder.sum("n", .cumulative, isMonotonic: true) { points in
                    points.point { point in
                        point.startTime(1_500_000_000)
                        point.value(.int(1))
                    }
                }
            }
            let response = try await page.get(accept)
            #expect(
                response.fields["content-type"]
                    == "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores")
            let text = response.body.string
            #expect(text.hasSuffix("# EOF\n"))
            #expect(text.contains("} 1.500\n") && text.contains("n_created{"))
        }
    }

    @Test(arguments: [
        ("gzip", CompressionAlgorithm.gzip), ("zstd, gzip;q=0.5", .zstd), ("br, gzip;q=0.1", .gzip),
        ("gzip;q=0", nil), ("", nil), ("identity", nil), ("gzip;q=x", nil),
    ])
    func `pages are compressed as the scraper likes`(
        accept: String, algorithm: CompressionAlgorithm?
    ) async throws {
        try await withPage { page in
            try await page.export { builder in
                for number in 0..<500 { Self.gauge(&builder, "metric_\(number)") }
            }
            let response = try await page.get(["accept-encoding": accept])
            #expect(response.fields["content-encoding"] == algorithm?.rawValue)
            var body = response.body
            if let algorithm { body = try Decompression.decompress(body, algorithm, limit: 1 << 20) }
            #expect(body.string.hasPrefix("# TYPE metric_0_seconds gauge\n"))
            #expect(body.string.split(separator: "\n").count == 1000)
        }
    }

    @Test func `a long page arrives whole`() async throws {
        try await withPage { page in
            try await page.export { builder in
                for number in 0..<10_000 { Self.gauge(&builder, "metric_\(number)") }
            }
            for _ in 0..<2 {
                let body = try await page.get().body
                #expect(body.count > 400_000 && body.string.split(separator: "\n").count == 20_000)
            }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `pages that nobody takes are bounded in number, and are let go`() async throws {
        try await withPage("without_scope_info: true, write_timeout: 2s") { page in
            try await page.export { builder in
                builder.gauge("g") { points in
                    points.point { point in
                        point.value(.int(1))
                        point.attribute("l", .string(String(repeating: "x", count: 1 << 20)))
                    }
                }
            }
            let scraper = HeldBackScraper(page.address)
            #expect(scraper.ask(20))
            while (page.value("apus_exporter_page_scrapes") ?? 0) < 8 { await Task.yield() }
            #expect(try await page.get().status == 503)
            while try await page.get().status != 200 { await Task.yield() }
            withExtendedLifetime(scraper) {}
        }
    }

    @Test func `keys say how series are named and labelled`() async throws {
        let keys = """
            namespace: ns, translation_strategy: UnderscoreEscapingWithoutSuffixes, \
            const_labels: {another label: c}, without_scope_info: true, send_timestamps: true, \
            resource_constant_labels: {included: ['host.*'], excluded: [host.ip]}
            """
        try await withPage(keys) { page in
            try await page.export(resource: [
                ("host.name", "h"), ("host.ip", "i"), ("service.name", "api"),
            ]) { builder in
                builder.gauge(.init("a.b", unit: "s")) { points in
                    points.point { point in
                        point.time(5_000_000)
                        point.value(.int(1))
                    }
                }
            }
            #expect(
                try await page.lines == [
                    #"ns_a_b{another_label="c",host_name="h",job="api"} 1 5"#,
                    #"ns_target_info{another_label="c",host_ip="i",host_name="h",job="api"} 1"#,
                ])
        }
    }

    @Test func `older keys do what they did`() async throws {
        let keys = """
            add_metric_suffixes: false, without_scope_info: true, \
            resource_to_telemetry_conversion: {enabled: true, exclude_service_attributes: true}
            """
        try await withPage(keys) { page in
            try await page.export(resource: [("host.name", "h"), ("service.name", "api")]) {
                Self.gauge(&$0, "a.b")
            }
            #expect(try await page.lines.first == #"a_b{host_name="h",job="api"} 1"#)
        }
        try await withPage("resource_to_telemetry_conversion: {included: [service.*]}") { page in
            try await page.export(resource: [("host.name", "h"), ("service.name", "api")]) {
                Self.gauge(&$0, "a")
            }
            #expect(try await page.lines.first?.contains(#"{job="api",otel_scope_name="#) == true)
            #expect(try await page.lines.first?.contains(#"service_name="api""#) == true)
        }
    }

    @Test func `scopes give labels`() async throws {
        try await withPage("") { page in
            try await page.export { Self.gauge(&$0, "g") }
            let line = #"g_seconds{otel_scope_name="lib",otel_scope_version="1"} 1"#
            #expect(try await page.lines == [line])
        }
    }

    @Test func `names with other characters need a scraper that takes them`() async throws {
        try await withPage("translation_strategy: NoTranslation, without_scope_info: true") { page in
            try await page.export { Self.gauge(&$0, "a.b") }
            #expect(try await page.lines == ["a_b 1"])
            let accept: HTTPFields = ["accept": "text/plain;version=1.0.0;escaping=allow-utf-8"]
            #expect(try await page.get(accept).body.string.hasSuffix("{\"a.b\"} 1\n"))
        }
    }

    @Test func `series expire`() async throws {
        try await withPage("metric_expiration: 10s, without_scope_info: true") { page in
            try await page.export { Self.gauge(&$0, "old") }
            page.harness.clock.advance(by: .seconds(6))
            try await page.export { Self.gauge(&$0, "new") }
            page.harness.clock.advance(by: .seconds(6))
            #expect(try await page.lines == ["new_seconds 1"])
            #expect(page.value("apus_exporter_page_expired_series") == 1)
        }
    }

    @Test func `points without a place are counted with the reason`() async throws {
        try await withPage("max_series: 2, without_scope_info: true") { page in
            let outcome = try await page.export { builder in
                builder.sum("falls", .delta, isMonotonic: false) { points in
                    points.point { $0.value(.int(1)) }
                    points.point { $0.value(.int(2)) }
                }
                for name in ["a", "b", "c"] { Self.gauge(&builder, name) }
            }
            #expect(outcome.rejectedItems == 3)
            #expect(outcome.message.contains("max_series") && outcome.message.contains("(points: 2)"))
            #expect(page.value("apus_exporter_page_refused_points", "temporality") == 2)
            #expect(page.value("apus_exporter_page_refused_points", "full") == 1)
        }
    }

    @Test func `a second page at the same address says so`() async throws {
        try await withPage { page in
            let line = try #require(page.harness.log.lines.first { $0.message == "the page is there" })
            let url = try #require(line.metadata["address"])
            let address = url.dropFirst("http://".count).dropLast("/metrics".count)
            let configuration = try PrometheusExporter.Configuration.decode(
                yaml: "{endpoint: '\(address)'}")
            let other = try PrometheusExporter(
                configuration, in: page.harness.context(.exporter, "prometheus/2"))
            let error = await #expect(throws: ComponentError.self) { try await other.open() }
            #expect(error?.key == "endpoint")
        }
    }

    @Test(arguments: [
        ("{}", "set the address"), ("{endpoint: ':8889', metric_expiration: 0s}", "must be positive"),
        ("{endpoint: ':8889', max_series: 0}", "at least 1"),
        ("{endpoint: ':8889', max_size: 1KiB}", "at least 1MiB"),
        ("{endpoint: ':8889', translation_strategy: None}", "NoTranslation"),
        ("{endpoint: ':8889', const_labels: {'': x}}", "must have a name"),
        ("{endpoint: ':8889', resource_constant_labels: {included: ['[']}}", "'['"),
        ("{endpoint: ':8889', max_page: 1}", "max_page"),
        (
            "{endpoint: ':1', resource_constant_labels: {included: [a]}, "
                + "resource_to_telemetry_conversion: {enabled: true}}", "leave that one out"
        ),
    ])
    func `what cannot work is refused at its place`(yaml: String, problem: String) throws {
        let error = #expect(throws: InvalidSettings.self) {
            try PrometheusExporter.Configuration.decode(yaml: yaml)
        }
        #expect("\(error as Any)".contains(problem))
    }

    @Test func `the queue is there when it is written`() throws {
        func delivery(_ keys: String) throws -> DeliverySettings {
            let configuration = try PrometheusExporter.Configuration.decode(
                yaml: "{endpoint: '127.0.0.1:0'\(keys)}")
            return try PrometheusExporter(configuration, in: Harness().context(.exporter, "prometheus"))
                .delivery
        }
        #expect(try !delivery("").sendingQueue.enabled)
        let queue = try delivery(", sending_queue: {queue_size: 7}").sendingQueue
        #expect(queue.enabled && queue.queueSize == 7)
    }
}
