import Settings
import Telemetry
import Testing

@testable import Receivers

@Suite struct ProcessScraperTests {
    static func host() throws -> HostFolder {
        let host = try HostFolder([
            "/proc/stat": CPUScraperTests.statistics, "/proc/meminfo": SystemScraperTests.memory,
            "/etc/passwd": "root:x:0:0:root:/r:/bin/sh\nann:x:1000:1000::/a:/bin/sh\n", "/proc/sys/none": "",
        ])
        try add(42, to: host)
        return host
    }

    static func add(
        _ id: Int, to host: HostFolder, name: String = "bash", user: Int = 1000, ticks: Int = 250,
        start: Int = 50_000
    ) throws {
        let directory = "/proc/\(id)"
        try host.write(
            ProcessFilesTests.statistics(name: name, user: ticks, start: start), to: directory + "/stat")
        try host.write(
            """
            Name:\t\(name)
            Uid:\t\(user)\t0\t0\t0
            Threads:\t4
            SigPnd:\t0000000000000000
            ShdPnd:\t0000000000000003
            voluntary_ctxt_switches:\t9
            nonvoluntary_ctxt_switches:\t5

            """, to: directory + "/status")
        try host.write("2000 512 100 1 0 300 0\n", to: directory + "/statm")
        try host.write("/bin/\(name)\0-c\0echo hi\0", to: directory + "/cmdline")
        try host.write("0::/user.slice\n", to: directory + "/cgroup")
        try host.write(
            "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 4096\nwrite_bytes: 8192\n",
            to: directory + "/io")
        try host.link(directory + "/exe", to: "/usr/bin/\(name)")
        for descriptor in 0..<3 { try host.write("", to: directory + "/fd/\(descriptor)") }
    }

    private static func scraper(_ yaml: String = "{}") throws -> ProcessScraper {
        ProcessScraper(try ProcessScraperSettings.decode(yaml: yaml))
    }

    @Test func `a process has a resource, and sums since it was started`() throws {
        var scraper = try Self.scraper()
        var failures = ScrapeFailures()
        let batch = scraper.scrape(try Self.host().moment(), &failures)
        #expect(failures.isEmpty, "\(failures)")
        #expect(
            batch.resourceLines == [
                [
                    "process.pid=#42", "process.parent_pid=#1", "process.executable.name=bash",
                    "process.executable.path=/usr/bin/bash", "process.command=/bin/bash",
                    "process.command_line=/bin/bash -c echo hi", "process.owner=ann",
                ]
            ])
        // 50 000 ticks after the host, which was started at second 1000.
        #expect(
            batch.pointLines == [
                "process.cpu.time{state=user} 2.5 @1500", "process.cpu.time{state=system} 1.5 @1500",
                "process.cpu.time{state=wait} 0.25 @1500", "process.memory.usage{} 2097152 @1500",
                "process.memory.virtual{} 8192000 @1500", "process.disk.io{direction=read} 4096 @1500",
                "process.disk.io{direction=write} 8192 @1500",
            ])
    }

    @Test func `everything else about a process is there on demand`() throws {
        let usual: Set<ProcessMetric> = [.cpuTime, .memoryUsage, .memoryVirtual, .diskIO]
        let switches = ProcessMetric.allCases.map { "\($0.rawValue): {enabled: \(!usual.contains($0))}" }
        var scraper = try Self.scraper("metrics: {\(switches.joined(separator: ", "))}")
        var failures = ScrapeFailures()
        let host = try Self.host()
        let batch = scraper.scrape(host.moment(), &failures)
        #expect(
            batch.pointLines == [
                "process.memory.utilization{} 204.8", "process.disk.operations{direction=read} 3 @1500",
                "process.disk.operations{direction=write} 4 @1500",
                "process.paging.faults{type=major} 3 @1500",
                "process.paging.faults{type=minor} 11 @1500", "process.signals_pending{} 2 @1500",
                "process.threads{} 4 @1500", "process.open_file_descriptors{} 3 @1500",
                "process.context_switches{type=involuntary} 5 @1500",
                "process.context_switches{type=voluntary} 9 @1500", "process.uptime{} 500.0",
            ])
        #expect(batch.metricLines.contains("process.open_file_descriptors {count} amount"))
        // 100 ticks of one of two processors within 10 s.
        try Self.add(43, to: host)
        try host.write(ProcessFilesTests.statistics(user: 350), to: "/proc/42/stat")
        let lines = scraper.scrape(host.moment(2010), &failures).pointLines
        #expect(
            lines.filter { $0.contains("cpu.utilization") } == [
                "process.cpu.utilization{state=user} 0.05", "process.cpu.utilization{state=system} 0.0",
                "process.cpu.utilization{state=wait} 0.0",
            ])
        // Another process with the same number begins anew.
        try host.write(ProcessFilesTests.statistics(user: 900, start: 60_000), to: "/proc/42/stat")
        try Self.add(43, to: host, start: 60_000)
        let others = scraper.scrape(host.moment(2020), &failures).pointLines
        #expect(!others.contains { $0.contains("cpu.utilization") })
    }

    @Test func `names, values and age choose processes`() throws {
        let host = try Self.host()
        try Self.add(50, to: host, name: "nginx", user: 0)
        try Self.add(51, to: host, name: "sshd", user: 0, start: 99_900)
        func names(_ yaml: String) throws -> [String] {
            var scraper = try Self.scraper(yaml)
            var failures = ScrapeFailures()
            return scraper.scrape(host.moment(), &failures).resourceLines.compactMap { attributes in
                attributes.first { $0.hasPrefix("process.executable.name=") }.map { String($0.dropFirst(24)) }
            }
        }
        #expect(try names("{}") == ["bash", "nginx", "sshd"])
        #expect(try names("include: {match_type: strict, names: [nginx]}") == ["nginx"])
        #expect(try names("exclude: {match_type: regexp, names: [^ba, hd$]}") == ["nginx"])
        #expect(try names("scrape_process_delay: 10s") == ["bash", "nginx"])
        let owner =
            "resource_attributes: {process.owner: {enabled: false, metrics_include: [{strict: root}]}}"
        #expect(try names(owner) == ["nginx", "sshd"])
        let command =
            "resource_attributes: {process.command: {metrics_exclude: [{regexp: bash}, {strict: /bin/sshd}]}}"
        #expect(try names(command) == ["nginx"])
    }

    @Test func `attributes can be switched on and off`() throws {
        var scraper = try Self.scraper(
            """
            resource_attributes:
              process.cgroup: {enabled: true}
              process.command: {enabled: false}
              process.command_line: {enabled: false}
              process.executable.path: {enabled: false}
              process.parent_pid: {enabled: false}
              process.owner: {enabled: false}
            """)
        var failures = ScrapeFailures()
        let host = try Self.host()
        try host.remove("/etc/passwd")
        #expect(
            scraper.scrape(host.moment(), &failures).resourceLines == [
                ["process.pid=#42", "process.executable.name=bash", "process.cgroup=0::/user.slice"]
            ])
        #expect(failures.isEmpty)
    }

    @Test func `what cannot be read of a process is counted, and the rest of it shown`() throws {
        let host = try Self.host()
        try Self.add(50, to: host, user: 77)
        try host.write("no numbers", to: "/proc/50/statm")
        var scraper = try Self.scraper()
        var failures = ScrapeFailures()
        let batch = scraper.scrape(host.moment(), &failures)
        #expect(batch.resourceLines.count == 2)
        #expect(batch.itemCount == 7 + 5)
        #expect(failures.points == 2)
        #expect(failures.first == "user 77 of process 50 has no name")
        var muted = try Self.scraper(
            "{mute_process_user_error: true, metrics: {process.memory.virtual: {enabled: false}}}")
        var others = ScrapeFailures()
        _ = muted.scrape(host.moment(), &others)
        #expect(others.first == "cannot use \(host.path)/proc/50/statm: it is not what it should be")
        #expect(others.points == 1)
        var silent = try Self.scraper("mute_process_all_errors: true")
        var none = ScrapeFailures()
        _ = silent.scrape(host.moment(), &none)
        #expect(none.isEmpty)
    }

    @Test func `processes that end meanwhile are no failure`() throws {
        let host = try Self.host()
        // It has gone after the list was read.
        try host.write("", to: "/proc/60/nothing")
        try Self.add(61, to: host)
        for file in ["io", "statm", "cmdline", "exe"] { try host.remove("/proc/61/\(file)") }
        var scraper = try Self.scraper()
        var failures = ScrapeFailures()
        let batch = scraper.scrape(host.moment(), &failures)
        #expect(failures.isEmpty, "\(failures)")
        #expect(batch.resourceLines.count == 2)
        #expect(
            batch.resourceLines.last == [
                "process.pid=#61", "process.parent_pid=#1", "process.executable.name=bash",
                "process.executable.path=", "process.owner=ann",
            ])
    }

    @Test func `a host without processes is counted`() throws {
        var scraper = try Self.scraper()
        var failures = ScrapeFailures()
        let host = try HostFolder(["/proc/stat": CPUScraperTests.statistics])
        #expect(scraper.scrape(host.moment(), &failures).itemCount == 0)
        #expect(failures.first == "cannot use \(host.path)/proc: it shows no process")
    }

    @Test func `many processes become several chunks`() throws {
        let host = try Self.host()
        let name = String(repeating: "x", count: 40_000)
        for id in 100..<140 {
            try Self.add(id, to: host)
            try host.write("/bin/bash\0\(name)\0", to: "/proc/\(id)/cmdline")
        }
        var scraper = try Self.scraper()
        var failures = ScrapeFailures()
        let batch = scraper.scrape(host.moment(), &failures)
        #expect(batch.chunks.count == 2)
        #expect(batch.resourceLines.count == 41)
        #expect(batch.itemCount == 41 * 7)
    }
}
