import Compression
import Glibc
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite struct ScrapingTests {
    @Test func `a target is scraped once in every interval`() async throws {
        let server = try await PageServer(pages: ["a 1\nb 2\n", "a 3\n"])
        let scraper = try await RunningScraper(
            job: "static_configs: [{targets: ['\(server.address)'], labels: {zone: z}}]")
        #expect(await scraper.scrape(items: 7) == ["a{zone=z} 1.0", "b{zone=z} 2.0", "up{zone=z} 1.0"])
        #expect(await scraper.scrape(items: 7) == ["a{zone=z} 3.0", "b{zone=z} stale", "up{zone=z} 1.0"])
        #expect(server.asked.count == 2)
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `the request is the one that Prometheus makes`() async throws {
        let server = try await PageServer(pages: [""])
        let scraper = try await RunningScraper(
            job: """
                static_configs: [{targets: ['\(server.address)']}], metrics_path: /x y, \
                params: {b: [1, '2&'], a: [z]}, basic_auth: {username: u, password: p}, \
                scrape_timeout: 30s, http_headers: {x-extra: {values: [e]}}
                """)
        _ = await scraper.scrape(items: 5)
        let request = try #require(server.asked.first)
        #expect(request.path == "/x%20y" && request.query == "a=z&b=1&b=2%26")
        #expect(request.fields["authorization"] == "Basic dTpw")
        #expect(request.fields["x-extra"] == "e")
        #expect(request.fields["accept-encoding"] == "gzip")
        #expect(request.fields["x-prometheus-scrape-timeout-seconds"] == "30")
        #expect(request.fields["accept"]?.hasPrefix("application/openmetrics-text;version=1.0.0") == true)
        #expect(request.fields["user-agent"] == "Apus/test")
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `the resource is the target`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let scraper = try await RunningScraper(job: "static_configs: [{targets: ['\(server.address)']}]")
        await scraper.clock.waitForSleepers()
        scraper.clock.advance(by: RunningScraper.interval)
        await scraper.sink.waitForItems(6)
        let resource = try #require(RunningScraper.resources(scraper.sink.batches).first)
        let port = server.address.split(separator: ":").last.map(String.init)
        #expect(resource["service.name"] == "test" && resource["service.instance.id"] == server.address)
        #expect(resource["server.port"] == port && resource["url.scheme"] == "http")
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `a page that cannot be had makes the target down`() async throws {
        let server = try await PageServer { _, number in
            number == 2 ? .text(503, "no") : PageServer.page("a 1\n")
        }
        let scraper = try await RunningScraper(job: "static_configs: [{targets: ['\(server.address)']}]")
        #expect(await scraper.scrape(items: 6) == ["a 1.0", "up 1.0"])
        #expect(await scraper.scrape(items: 6) == ["a stale", "up 0.0"])
        #expect(await scraper.scrape(items: 6) == ["a 1.0", "up 1.0"])
        await scraper.clock.waitForSleepers()
        let line = scraper.log.lines.first { $0.message == "a target could not be scraped" }
        #expect(line?.metadata["error"] == "the target answers with the status 503, not 200")
        #expect(scraper.log.lines.contains { $0.message == "a target is scraped again" })
        let failed = scraper.harness.surroundings.metric(
            "apus_receiver_failed_scrapes", ["reason": "unreachable"])
        #expect(failed == 1)
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `nobody at the address makes the target down`() async throws {
        // A port that is never handed out, unlike one that was free a moment ago.
        let scraper = try await RunningScraper(job: "static_configs: [{targets: ['127.0.0.1:1']}]")
        #expect(await scraper.scrape(items: 5) == ["up 0.0"])
        try await scraper.harness.stop()
    }

    @Test func `pages may be compressed, up to a limit`() async throws {
        let server = try await PageServer { _, number in
            let text = number == 1 ? "a 1\n" : String(repeating: "# comment\n", count: 10_000)
            var page = PageServer.page("")
            page.fields.add("content-encoding", "gzip")
            page.body = (try? Compressor(.gzip).compress([Bytes(utf8: text)])) ?? .empty
            return page
        }
        let scraper = try await RunningScraper(
            job: "static_configs: [{targets: ['\(server.address)']}], body_size_limit: 50KB")
        #expect(await scraper.scrape(items: 6) == ["a 1.0", "up 1.0"])
        #expect(await scraper.scrape(items: 6) == ["a stale", "up 0.0"])
        await scraper.clock.waitForSleepers()
        #expect(scraper.log.lines.contains { $0.metadata["error"]?.contains("body_size_limit") == true })
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `redirects are followed, and elsewhere without credentials`() async throws {
        let other = try await PageServer(pages: ["other 1\n"])
        let place = "http://\(other.address)/there"
        let server = try await PageServer { request, _ in
            switch request.path {
            case "/metrics": ServerResponse(status: 302, fields: ["location": "next"])
            case "/next": ServerResponse(status: 307, fields: ["location": place])
            default: .text(404, "")
            }
        }
        let scraper = try await RunningScraper(
            job: "static_configs: [{targets: ['\(server.address)']}], authorization: {credentials: secret}")
        #expect(await scraper.scrape(items: 6) == ["other 1.0", "up 1.0"])
        #expect(server.asked.map(\.path) == ["/metrics", "/next"])
        #expect(server.asked.map { $0.fields["authorization"] } == ["Bearer secret", "Bearer secret"])
        #expect(other.asked.first?.fields["authorization"] == nil)
        try await scraper.harness.stop()
        await server.stop()
        await other.stop()
    }

    @Test func `redirects are answers when they are not followed`() async throws {
        let server = try await PageServer { _, _ in
            ServerResponse(status: 302, fields: ["location": "/x"])
        }
        let scraper = try await RunningScraper(
            job: "static_configs: [{targets: ['\(server.address)']}], follow_redirects: false")
        #expect(await scraper.scrape(items: 5) == ["up 0.0"])
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `relabeling changes where and how a target is scraped`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let scraper = try await RunningScraper(
            job: """
                static_configs: [{targets: [one, two]}], relabel_configs: [ \
                {source_labels: [__address__], target_label: __param_target}, \
                {source_labels: [__param_target], target_label: instance}, \
                {source_labels: [instance], regex: two, action: drop}, \
                {target_label: __address__, replacement: '\(server.address)'}, \
                {target_label: __metrics_path__, replacement: /probe}]
                """)
        #expect(await scraper.scrape(items: 6) == ["a 1.0", "up 1.0"])
        let request = try #require(server.asked.first)
        #expect(request.path == "/probe" && request.query == "target=one")
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `a job with too many targets is not scraped`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let scraper = try await RunningScraper(
            job: "static_configs: [{targets: ['\(server.address)', '127.0.0.1:1']}], target_limit: 1")
        #expect(await scraper.scrape(items: 10, sleepers: 2) == ["up 0.0", "up 0.0"])
        #expect(server.asked.isEmpty)
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `what the pipeline refuses for now is offered again`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let scraper = try await RunningScraper(job: "static_configs: [{targets: ['\(server.address)']}]")
        scraper.sink.refuse(with: .later(reason: "full"))
        await scraper.clock.waitForSleepers()
        scraper.clock.advance(by: RunningScraper.interval)
        while scraper.harness.surroundings.clock.sleeperCount == 0 || server.asked.isEmpty {
            await Task.yield()
        }
        scraper.clock.advance(by: .seconds(1))
        await scraper.sink.waitForItems(6)
        #expect(RunningScraper.lines(scraper.sink.takeBatches()) == ["a 1.0", "up 1.0"])
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `what the pipeline refuses until the next scrape is lost, and that is said`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let scraper = try await RunningScraper(job: "static_configs: [{targets: ['\(server.address)']}]")
        scraper.sink.refuse(with: .never(reason: "no"))
        await scraper.clock.waitForSleepers()
        scraper.clock.advance(by: RunningScraper.interval)
        await scraper.clock.waitForSleepers()
        #expect(await scraper.scrape(items: 6) == ["a 1.0", "up 1.0"])
        let line = scraper.log.lines.first { $0.message.hasPrefix("the metrics of a target are lost") }
        #expect(line?.metadata["error"] == "no")
        #expect(scraper.harness.surroundings.metric("apus_scraper_given_up_metric_points", [:]) == 6)
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `redirects to sockets of the machine are not followed`() async throws {
        let server = try await PageServer { _, _ in
            ServerResponse(status: 302, fields: ["location": "unix:///run/some.sock"])
        }
        let scraper = try await RunningScraper(job: "static_configs: [{targets: ['\(server.address)']}]")
        #expect(await scraper.scrape(items: 5) == ["up 0.0"])
        await scraper.clock.waitForSleepers()
        #expect(scraper.log.lines.contains { $0.metadata["error"]?.contains("is not followed") == true })
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `a target is down, and not forgotten, when there can be no client for it`() async throws {
        let scraper = try await RunningScraper(
            job: "static_configs: [{targets: ['127.0.0.1:1']}], proxy_url: 'http://'")
        #expect(await scraper.scrape(items: 5) == ["up 0.0"])
        #expect(await scraper.scrape(items: 5) == ["up 0.0"])
        try await scraper.harness.stop()
    }

    @Test func `parameters are not shown in the log`() async throws {
        let scraper = try await RunningScraper(
            job: "static_configs: [{targets: ['127.0.0.1:1']}], params: {token: [hidden]}")
        #expect(await scraper.scrape(items: 5) == ["up 0.0"])
        await scraper.clock.waitForSleepers()
        #expect(scraper.log.lines.contains { $0.metadata["target"] == "http://127.0.0.1:1/metrics" })
        #expect(!scraper.log.lines.contains { $0.metadata.values.contains { $0.contains("hidden") } })
        try await scraper.harness.stop()
    }

    @Test(.timeLimit(.minutes(1)))
    func `credentials that cannot be read in time make the target down`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        // Nobody writes into it, so opening it never ends.
        let pipe = "/tmp/apus-credentials-\(UInt64.random(in: 0 ... .max))"
        mkfifo(pipe, 0o600)
        defer { unlink(pipe) }
        let scraper = try await RunningScraper(
            job: """
                static_configs: [{targets: ['\(server.address)']}], scrape_timeout: 100ms, \
                authorization: {credentials_file: '\(pipe)'}
                """)
        #expect(await scraper.scrape(items: 5) == ["up 0.0"])
        await scraper.clock.waitForSleepers()
        let line = scraper.log.lines.first { $0.message == "a target could not be scraped" }
        #expect(line?.metadata["error"]?.contains("credentials") == true)
        #expect(server.asked.isEmpty)
        try await scraper.harness.stop()
        await server.stop()
        freeReaders(of: pipe)
    }

    @Test func `extra series are reported when that is wanted`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let scraper = try await RunningScraper(
            job: "static_configs: [{targets: ['\(server.address)']}], sample_limit: 7",
            receiver: ", report_extra_scrape_metrics: true")
        await scraper.clock.waitForSleepers()
        scraper.clock.advance(by: RunningScraper.interval)
        await scraper.sink.waitForItems(9)
        let points = RunningScraper.points(scraper.sink.batches)
        #expect(points.contains("scrape_sample_limit 7.0"))
        #expect(points.contains("scrape_timeout_seconds 60.0"))
        #expect(points.contains("scrape_body_size_bytes 4.0"))
        try await scraper.harness.stop()
        await server.stop()
    }
}
