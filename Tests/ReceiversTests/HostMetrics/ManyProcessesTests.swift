import Settings
import Telemetry
import Testing

@testable import Receivers

/// What keeps the scrape of many or large processes small.
@Suite struct ManyProcessesTests {
    private static func scraper(
        _ yaml: String, scrapeLimit: Int = ProcessScraper.scrapeLimit
    ) throws -> ProcessScraper {
        ProcessScraper(try ProcessScraperSettings.decode(yaml: yaml), scrapeLimit: scrapeLimit)
    }

    /// Only one metric is made.
    private static func only(_ metric: ProcessMetric) -> String {
        let switches = ProcessMetric.allCases.map { "\($0.rawValue): {enabled: \($0 == metric)}" }
        return "{mute_process_io_error: true, metrics: {\(switches.joined(separator: ", "))}}"
    }

    private static func host(_ count: Int) throws -> HostFolder {
        let host = try ProcessScraperTests.host()
        let argument = String(repeating: "x", count: 40_000)
        for id in 100..<(100 + count) {
            try ProcessScraperTests.add(id, to: host)
            try host.write("/bin/bash\0\(argument)\0", to: "/proc/\(id)/cmdline")
        }
        return host
    }

    @Test func `a process of which nothing can be told has no resource`() throws {
        let host = try ProcessScraperTests.host()
        try ProcessScraperTests.add(43, to: host)
        // Not that of a process: it cannot be read, as those of others cannot.
        try host.remove("/proc/43/io")
        try host.write("", to: "/proc/43/io/nothing")
        var scraper = try Self.scraper(Self.only(.diskIO))
        var failures = ScrapeFailures()
        let batch = scraper.scrape(host.moment(), &failures)
        #expect(failures.isEmpty, "\(failures)")
        #expect(batch.resourceLines.map { $0.first } == ["process.pid=#42"])
        #expect(batch.itemCount == 2)
    }

    @Test func `a scrape without points has no chunks`() throws {
        // Enough for two of them.
        let host = try Self.host(40)
        var scraper = try Self.scraper(Self.only(.cpuUtilization))
        var failures = ScrapeFailures()
        #expect(scraper.scrape(host.moment(), &failures).chunks.isEmpty)
        #expect(scraper.scrape(host.moment(2010), &failures).resourceLines.count == 41)
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test func `a long command line is cut, and no failure`() throws {
        let host = try ProcessScraperTests.host()
        let name = "a-very-long-name-indeed"
        try ProcessScraperTests.add(43, to: host, name: String(name.prefix(15)))
        try host.write(
            "/bin/\(name)\0" + String(repeating: "x", count: 200_000) + "\0", to: "/proc/43/cmdline")
        var scraper = try Self.scraper(
            "resource_attributes: {process.command: {metrics_include: [{strict: /bin/\(name)}]}}")
        var failures = ScrapeFailures()
        let resources = scraper.scrape(host.moment(), &failures).resourceLines
        #expect(failures.isEmpty, "\(failures)")
        #expect(resources.count == 1)
        let attributes = try #require(resources.first)
        #expect(attributes.contains("process.executable.name=\(name)"))
        #expect(attributes.contains("process.command=/bin/\(name)"))
        let line = try #require(attributes.first { $0.hasPrefix("process.command_line=") })
        #expect(line.utf8.count == "process.command_line=".utf8.count + CommandLine.limit)
    }

    @Test func `a scrape has a limit in bytes`() throws {
        let host = try Self.host(10)
        var scraper = try Self.scraper("{}", scrapeLimit: 100_000)
        var failures = ScrapeFailures()
        let batch = scraper.scrape(host.moment(), &failures)
        // A small process, and three beyond it.
        #expect(batch.resourceLines.count == 4)
        #expect(failures.points == 7 * 4)
        #expect(
            failures.first
                == "what is told of the processes has more than 100000 bytes, the last ones are left out")
    }
}
