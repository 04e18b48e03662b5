import Telemetry
import Testing

@testable import Receivers

/// The scrapers load, memory, paging, processes and system.
@Suite struct SystemScraperTests {
    @Test func `load is that of the kernel, or its share of a processor`() throws {
        let host = try HostFolder([
            "/proc/loadavg": "2.97 2.27 1.20 5/128 14209\n", "/proc/stat": CPUScraperTests.statistics,
        ])
        var scraper = LoadScraper(MetricSwitches(), isPerProcessor: false)
        #expect(
            scraper.scraped(host.moment()).lines == [
                "system.cpu.load_average.1m{} 2.97", "system.cpu.load_average.5m{} 2.27",
                "system.cpu.load_average.15m{} 1.2",
            ])
        var average = LoadScraper(MetricSwitches(), isPerProcessor: true)
        #expect(average.scraped(host.moment()).lines.first == "system.cpu.load_average.1m{} 1.485")
    }

    @Test(arguments: ["", "1 2", "a b c d", "nan inf 1", "1.0 2.0 \(String(repeating: "3", count: 5000))"])
    func `load that is none is counted`(text: String) throws {
        var scraper = LoadScraper(MetricSwitches(), isPerProcessor: false)
        let host = try HostFolder(["/proc/loadavg": text])
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(lines.isEmpty)
        #expect(failures.points == 3)
    }

    static let memory = """
        MemTotal:        1000 kB
        MemFree:          200 kB
        MemAvailable:     600 kB
        Buffers:           50 kB
        Cached:           300 kB
        Shmem:             20 kB
        Dirty:              4 kB
        SReclaimable:      30 kB
        SUnreclaim:        10 kB
        HugePages_Total:      8
        HugePages_Free:       2
        HugePages_Rsvd:       1
        HugePages_Surp:       3
        Hugepagesize:      2048 kB
        """

    @Test func `memory is told by state`() throws {
        let host = try HostFolder(["/proc/meminfo": Self.memory])
        var scraper = MemoryScraper(
            try MetricSwitches(yaml: "system.memory.utilization: {enabled: true}"))
        #expect(
            scraper.scraped(host.moment()).lines == [
                "system.memory.usage{state=used} 409600 @1000",
                "system.memory.usage{state=free} 204800 @1000",
                "system.memory.usage{state=buffered} 51200 @1000",
                "system.memory.usage{state=cached} 337920 @1000",
                "system.memory.usage{state=slab_reclaimable} 30720 @1000",
                "system.memory.usage{state=slab_unreclaimable} 10240 @1000",
                "system.memory.utilization{state=used} 0.4", "system.memory.utilization{state=free} 0.2",
                "system.memory.utilization{state=buffered} 0.05",
                "system.memory.utilization{state=cached} 0.33",
                "system.memory.utilization{state=slab_reclaimable} 0.03",
                "system.memory.utilization{state=slab_unreclaimable} 0.01",
            ])
    }

    @Test func `everything else about memory is there on demand`() throws {
        let host = try HostFolder(["/proc/meminfo": Self.memory])
        let names = MemoryMetric.allCases.filter { $0 != .usage && $0 != .utilization && $0 != .pageSize }
        let switches =
            "system.memory.usage: {enabled: false}\n"
            + names.map { "\($0.rawValue): {enabled: true}" }.joined(separator: "\n")
        var scraper = MemoryScraper(try MetricSwitches(yaml: switches))
        let pages = "system.memory.linux.hugepages"
        #expect(
            scraper.scraped(host.moment()).lines == [
                "system.memory.limit{} 1024000 @1000", "system.linux.memory.available{} 614400 @1000",
                "system.linux.memory.dirty{} 4096 @1000", "system.memory.linux.shared{} 20480 @1000",
                "\(pages).limit{} 8 @1000", "\(pages).page_size{} 2097152 @1000",
                "\(pages).reserved{} 1 @1000", "\(pages).surplus{} 3 @1000",
                "\(pages).usage{\(pages).state=free} 2 @1000", "\(pages).usage{\(pages).state=used} 6 @1000",
                "\(pages).utilization{\(pages).state=free} 0.25",
                "\(pages).utilization{\(pages).state=used} 0.75",
            ])
    }

    @Test(arguments: ["", "MemTotal: 0 kB", "MemTotal: x kB", "MemFree: 12 kB"])
    func `memory that is none is counted`(text: String) throws {
        var scraper = MemoryScraper(MetricSwitches())
        let host = try HostFolder(["/proc/meminfo": text])
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(lines.isEmpty)
        #expect(failures.points == 1)
    }

    @Test func `swap areas and page faults are told`() throws {
        let host = try HostFolder([
            "/proc/swaps":
                "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n/dev/sda2 partition 1000 250 -2\n",
            "/proc/vmstat": "pgpgin 10\npgpgout 20\npswpin 1\npswpout 2\npgfault 300\npgmajfault 7\n",
        ])
        var scraper = PagingScraper(
            try MetricSwitches(yaml: "system.paging.utilization: {enabled: true}"))
        #expect(
            scraper.scraped(host.moment()).lines == [
                "system.paging.usage{device=/dev/sda2,state=used} 256000 @1000",
                "system.paging.usage{device=/dev/sda2,state=free} 768000 @1000",
                "system.paging.utilization{device=/dev/sda2,state=used} 0.25",
                "system.paging.utilization{device=/dev/sda2,state=free} 0.75",
                "system.paging.operations{direction=page_in,type=major} 1 @1000",
                "system.paging.operations{direction=page_out,type=major} 2 @1000",
                "system.paging.operations{direction=page_in,type=minor} 10 @1000",
                "system.paging.operations{direction=page_out,type=minor} 20 @1000",
                "system.paging.faults{type=major} 7 @1000", "system.paging.faults{type=minor} 293 @1000",
            ])
    }

    @Test func `what can be read of paging is told where the rest cannot`() throws {
        let host = try HostFolder(["/proc/swaps": "nonsense", "/proc/vmstat": "pgfault 3\npgmajfault 1\n"])
        var scraper = PagingScraper(MetricSwitches())
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(
            lines == ["system.paging.faults{type=major} 1 @1000", "system.paging.faults{type=minor} 2 @1000"])
        #expect(failures.points == 1)
        #expect(failures.first?.hasSuffix("it does not begin with the names of columns") == true)
    }

    @Test func `processes are counted by status`() throws {
        let host = try HostFolder(["/proc/stat": CPUScraperTests.statistics])
        for (id, state) in [(1, "S"), (2, "S"), (3, "R"), (4, "Z"), (5, "I"), (6, "?"), (7, "T")] {
            try host.write(ProcessFilesTests.statistics(state: state), to: "/proc/\(id)/stat")
        }
        try host.write("", to: "/proc/8/status")
        var scraper = ProcessesScraper(MetricSwitches())
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(failures.isEmpty)
        #expect(
            lines == [
                "system.processes.created{} 4321 @1000", "system.processes.count{status=blocked} 1 @1000",
                "system.processes.count{status=idle} 1 @1000",
                "system.processes.count{status=running} 3 @1000",
                "system.processes.count{status=sleeping} 2 @1000",
                "system.processes.count{status=stopped} 1 @1000",
                "system.processes.count{status=unknown} 1 @1000",
                "system.processes.count{status=zombies} 1 @1000",
            ])
    }

    @Test func `processes that are too many to be counted are told`() throws {
        let host = try HostFolder(["/proc/stat": CPUScraperTests.statistics])
        for id in 1...3 { try host.write(ProcessFilesTests.statistics(), to: "/proc/\(id)/stat") }
        var scraper = ProcessesScraper(MetricSwitches(), limit: 2)
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(lines.contains("system.processes.count{status=sleeping} 2 @1000"))
        #expect(failures.first == "there are more than 2 processes, the last ones are not counted")
        #expect(failures.points == 1)
    }

    @Test func `the uptime is a gauge`() throws {
        let host = try HostFolder(["/proc/uptime": "12345.67 20000.00\n"])
        var scraper = SystemScraper(MetricSwitches())
        #expect(scraper.scraped(host.moment()).lines == ["system.uptime{} 12345.67"])
        try host.write("soon", to: "/proc/uptime")
        #expect(scraper.scraped(host.moment()).failures.points == 1)
    }
}
