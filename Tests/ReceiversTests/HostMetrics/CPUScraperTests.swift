import Telemetry
import Testing

@testable import Receivers

@Suite struct CPUScraperTests {
    static let statistics = """
        cpu  300 10 120 5000 40 6 8 2 0 0
        cpu0 100 4 60 2500 30 2 4 1 50 0
        cpu1 200 6 60 2500 10 4 4 1 0 0
        intr 12345 0 0
        ctxt 99
        btime 1700000000
        processes 4321
        procs_running 3
        procs_blocked 1
        """
    static let information = """
        processor\t: 0
        cpu MHz\t\t: 2445.426
        physical id\t: 0
        core id\t\t: 0

        processor\t: 1
        cpu MHz\t\t: 3000.000
        physical id\t: 0
        core id\t\t: 0
        """

    @Test func `the time of all processors is summed by state, and processors are counted`() throws {
        let host = try HostFolder(["/proc/stat": Self.statistics])
        var scraper = CPUScraper(MetricSwitches())
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(failures.isEmpty)
        #expect(
            lines == [
                "system.cpu.time{state=user} 3.0 @1000", "system.cpu.time{state=system} 1.2 @1000",
                "system.cpu.time{state=idle} 50.0 @1000", "system.cpu.time{state=interrupt} 0.06 @1000",
                "system.cpu.time{state=nice} 0.1 @1000", "system.cpu.time{state=softirq} 0.08 @1000",
                "system.cpu.time{state=steal} 0.02 @1000", "system.cpu.time{state=wait} 0.4 @1000",
                "system.cpu.logical.count{} 2 @1000",
            ])
    }

    @Test func `points have a processor, its socket and its core where that is asked for`() throws {
        let host = try HostFolder([
            "/proc/stat": "cpu0 100 0 0 900 0 0 0 0\n",
            "/sys/devices/system/cpu/cpu0/topology/physical_package_id": "1\n",
            "/sys/devices/system/cpu/cpu0/topology/core_id": "7\n",
            "/sys/devices/system/cpu/cpuidle/none": "",
        ])
        var scraper = CPUScraper(
            try MetricSwitches(
                yaml: """
                    system.cpu.logical.count: {enabled: false}
                    system.cpu.time: {attributes: [cpu, state, host.cpu.socket.id, host.cpu.core.id]}
                    """))
        let lines = scraper.scraped(host.moment()).lines
        #expect(
            lines.first
                == "system.cpu.time{cpu=cpu0,state=user,host.cpu.socket.id=1,host.cpu.core.id=7} 1.0 @1000")
        #expect(lines.count == 8)
    }

    @Test func `utilization is the share of a state since the scrape before`() throws {
        let host = try HostFolder(["/proc/stat": "cpu0 100 0 0 900 0 0 0 0\ncpu1 100 0 0 900 0 0 0 0\n"])
        var scraper = CPUScraper(
            try MetricSwitches(
                yaml: """
                    system.cpu.logical.count: {enabled: false}
                    system.cpu.time: {enabled: false}
                    system.cpu.utilization: {enabled: true}
                    """))
        #expect(scraper.scraped(host.moment()).lines.isEmpty)
        // One was busy for a quarter of its time; of the other one the idle time went back.
        try host.write("cpu0 125 0 0 975 0 0 0 0\ncpu1 200 0 0 890 0 0 0 0\n", to: "/proc/stat")
        let lines = scraper.scraped(host.moment()).lines
        #expect(lines.prefix(1) == ["system.cpu.utilization{state=user} 0.625"])
        #expect(lines.contains("system.cpu.utilization{state=idle} 0.375"))
        #expect(lines.count == 8)
    }

    @Test func `frequency and cores come from cpuinfo`() throws {
        let host = try HostFolder(["/proc/cpuinfo": Self.information])
        var scraper = CPUScraper(
            try MetricSwitches(
                yaml: """
                    system.cpu.logical.count: {enabled: false}
                    system.cpu.time: {enabled: false}
                    system.cpu.frequency: {enabled: true}
                    system.cpu.physical.count: {enabled: true}
                    """))
        #expect(
            scraper.scraped(host.moment()).lines == [
                "system.cpu.physical.count{} 1 @1000", "system.cpu.frequency{cpu=cpu0} 2445426000.0",
                "system.cpu.frequency{cpu=cpu1} 3000000000.0",
            ])
        // The kernel knows better which processors share a core.
        try host.write("0\n", to: "/sys/devices/system/cpu/cpu0/topology/core_cpus_list")
        try host.write("1\n", to: "/sys/devices/system/cpu/cpu1/topology/thread_siblings_list")
        #expect(scraper.scraped(host.moment()).lines.contains("system.cpu.physical.count{} 2 @1000"))
    }

    @Test func `metrics have the units and kinds of otelcol`() throws {
        let host = try HostFolder(["/proc/stat": Self.statistics, "/proc/cpuinfo": Self.information])
        var scraper = CPUScraper(
            try MetricSwitches(
                yaml: """
                    system.cpu.utilization: {enabled: true}
                    system.cpu.frequency: {enabled: true}
                    system.cpu.physical.count: {enabled: true}
                    """))
        var failures = ScrapeFailures()
        _ = scraper.scrape(host.moment(), &failures)
        try host.write("cpu0 1000 0 0 90000 0 0 0 0", to: "/proc/stat")
        let batch = scraper.scrape(host.moment(), &failures)
        #expect(
            batch.metricLines == [
                "system.cpu.time s counter", "system.cpu.utilization 1 gauge",
                "system.cpu.physical.count {cpu} amount", "system.cpu.logical.count {cpu} amount",
                "system.cpu.frequency Hz gauge",
            ])
        let group = try #require(batch.resourceMetrics.first)
        #expect(group.schemaURL == "https://opentelemetry.io/schemas/1.9.0")
        let scope = try #require(group.scopes.first?.scope)
        #expect(scope.name.hasSuffix("receiver/hostmetricsreceiver/internal/scraper/cpuscraper"))
        #expect(scope.version == "1.2.3")
        #expect(
            batch.metrics.first?.details == "Total seconds each logical CPU spent on each mode.")
    }

    @Test(arguments: [
        "", "\n\n", "cpu", "cpu0", "cpu0 a b c d e", "cpu0 1 2", "\u{0}\u{1}\u{FF}", "btime x\n",
    ])
    func `a file that is none is counted`(text: String) throws {
        let host = try HostFolder(["/proc/stat": text])
        var scraper = CPUScraper(MetricSwitches())
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(lines.isEmpty)
        #expect(failures.points == 2)
        #expect(failures.first == "cannot use \(host.path)/proc/stat: it has no line of a processor")
    }

    @Test func `a file that is not there is counted`() throws {
        var scraper = CPUScraper(MetricSwitches())
        let host = try HostFolder()
        let failures = scraper.scraped(host.moment()).failures
        #expect(failures.points == 2)
        #expect(failures.first == "cannot open \(host.path)/proc/stat: No such file or directory")
    }

    @Test func `numbers that are too large do not matter`() throws {
        let large = String(repeating: "9", count: 30)
        let host = try HostFolder(["/proc/stat": "cpu0 \(large) 2 3 4 5 6 7 8\ncpu1 1 2 3 4\n"])
        var scraper = CPUScraper(MetricSwitches())
        #expect(scraper.scraped(host.moment()).lines.contains("system.cpu.logical.count{} 2 @1000") == false)
        #expect(UInt64.max == Array("18446744073709551615".utf8)[...].number)
        #expect(Array("18446744073709551616".utf8)[...].number == nil)
    }

    @Test func `a file without an end is not read to its end`() throws {
        let host = try HostFolder()
        try host.write([UInt8](repeating: 0x61, count: HostFiles.limit + 1), to: "/proc/stat")
        var scraper = CPUScraper(MetricSwitches())
        let failures = scraper.scraped(host.moment()).failures
        #expect(failures.first == "cannot use \(host.path)/proc/stat: it has more than 4194304 bytes")
    }
}
