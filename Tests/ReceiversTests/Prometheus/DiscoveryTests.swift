import Glibc
import Pipeline
import PipelineTesting
import Receivers
import Settings
import Telemetry
import Testing
import Transport
import Wire

@Suite(.timeLimit(.minutes(2))) struct DiscoveryTests {
    /// A directory of its own.
    private struct Folder: ~Copyable {
        let path = "/tmp/apus-discovery-\(UInt64.random(in: 0 ... .max))"

        init() { mkdir(path, 0o700) }

        func write(_ name: String, _ text: String) {
            guard let file = fopen("\(path)/\(name)", "w") else { return }
            fputs(text, file)
            fclose(file)
        }

        func remove(_ name: String) { unlink("\(path)/\(name)") }

        deinit {
            for name in ["a.json", "b.yml", "c.txt"] { unlink("\(path)/\(name)") }
            rmdir(path)
        }
    }

    @Test func `targets come from files, and go with them`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let folder = Folder()
        folder.write("b.yml", "- targets: ['\(server.address)']\n  labels: {from: yaml}\n")
        folder.write("c.txt", "nothing")
        let scraper = try await RunningScraper(
            job: """
                file_sd_configs: [{files: ['\(folder.path)/*.json', '\(folder.path)/*.yml']}], \
                relabel_configs: [{source_labels: [__meta_filepath], target_label: file, regex: '.*/(.*)'}]
                """)
        #expect(await scraper.scrape(items: 6, sleepers: 2).contains("up{file=b.yml,from=yaml} 1.0"))
        folder.write("a.json", "[{\"targets\": [\"\(server.address)\"], \"labels\": {\"from\": \"json\"}}]")
        folder.remove("b.yml")
        // Files are looked at every five seconds; up to then the old target is scraped.
        await scraper.clock.waitForSleepers(2)
        scraper.clock.advance(by: .seconds(5))
        while !RunningScraper.points(scraper.sink.batches).contains("up{file=b.yml,from=yaml} stale") {
            await scraper.clock.waitForSleepers(2)
            await Task.yield()
        }
        _ = scraper.sink.takeBatches()
        #expect(await scraper.scrape(items: 6, sleepers: 2).contains("up{file=a.json,from=json} 1.0"))
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `a file that cannot be read leaves its targets as they were`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let folder = Folder()
        folder.write("a.json", "[{\"targets\": [\"\(server.address)\"]}]")
        let scraper = try await RunningScraper(
            job: "file_sd_configs: [{files: ['\(folder.path)/a.json'], refresh_interval: 1m}]")
        #expect(await scraper.scrape(items: 6, sleepers: 2) == ["a 1.0", "up 1.0"])
        folder.write("a.json", "[{\"targets\": 5}]")
        #expect(await scraper.scrape(items: 6, sleepers: 2) == ["a 1.0", "up 1.0"])
        #expect(await scraper.scrape(items: 6, sleepers: 2) == ["a 1.0", "up 1.0"])
        await scraper.clock.waitForSleepers(2)
        let line = scraper.log.lines.first { $0.message.hasPrefix("targets could not be discovered") }
        #expect(line?.metadata["error"]?.contains("is not a list of texts") == true)
        try await scraper.harness.stop()
        await server.stop()
    }

    @Test func `a job stops while a file hangs`() async throws {
        let folder = Folder()
        // Nobody writes into it, so opening it never ends.
        mkfifo("\(folder.path)/a.json", 0o600)
        let scraper = try await RunningScraper(job: "file_sd_configs: [{files: ['\(folder.path)/a.json']}]")
        try await scraper.harness.stop()
        freeReaders(of: "\(folder.path)/a.json")
    }

    @Test func `targets come from a server`() async throws {
        let server = try await PageServer(pages: ["a 1\n"])
        let address = server.address
        let list = try await PageServer { _, number in
            let text = "[{\"targets\":[\"\(address)\"],\"labels\":{\"__meta_x\":\"1\",\"team\":\"t\"}}]"
            return number == 1
                ? PageServer.page(text, type: "application/json; charset=utf-8") : .text(500, "down")
        }
        let scraper = try await RunningScraper(
            job: """
                http_sd_configs: [{url: 'http://\(list.address)/list', refresh_interval: 1m}], \
                relabel_configs: [{source_labels: [__meta_url], target_label: url}]
                """)
        let up = "up{team=t,url=http://\(list.address)/list} 1.0"
        #expect(await scraper.scrape(items: 6, sleepers: 2).contains(up))
        // The list cannot be fetched any more, and what it said stays.
        #expect(await scraper.scrape(items: 6, sleepers: 2).contains(up))
        #expect(list.asked.first?.fields["x-prometheus-refresh-interval-seconds"] == "60")
        try await scraper.harness.stop()
        await server.stop()
        await list.stop()
    }
}
