import Settings
import Telemetry
import Testing

@testable import Receivers

/// The scrapers disk and network.
@Suite struct DeviceScraperTests {
    static let disks = """
           7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
         253       0 vda 100 5 2000 30 200 6 4000 70 2 90 100 0 0 0 0 0 0
         253       1 vda1 1 0 8 1 0 0 0 0 0 1 1
        """

    @Test func `disks that have done something are told`() throws {
        let host = try HostFolder(["/proc/diskstats": Self.disks])
        var scraper = DiskScraper(
            MetricSwitches(),
            try filter(DeviceNames.self, exclude: "{match_type: regexp, devices: ['vda\\d']}"))
        #expect(
            scraper.scraped(host.moment()).lines == [
                "system.disk.io{device=vda,direction=read} 1024000 @1000",
                "system.disk.io{device=vda,direction=write} 2048000 @1000",
                "system.disk.operations{device=vda,direction=read} 100 @1000",
                "system.disk.operations{device=vda,direction=write} 200 @1000",
                "system.disk.io_time{device=vda} 0.09 @1000",
                "system.disk.operation_time{device=vda,direction=read} 0.03 @1000",
                "system.disk.operation_time{device=vda,direction=write} 0.07 @1000",
                "system.disk.weighted_io_time{device=vda} 0.1 @1000",
                "system.disk.pending_operations{device=vda} 2 @1000",
                "system.disk.merged{device=vda,direction=read} 5 @1000",
                "system.disk.merged{device=vda,direction=write} 6 @1000",
            ])
    }

    @Test func `only the disks that are wanted are told`() throws {
        let host = try HostFolder(["/proc/diskstats": Self.disks + "\n1 2\nx y z a b\n"])
        var scraper = DiskScraper(
            MetricSwitches(),
            try filter(DeviceNames.self, include: "{match_type: strict, devices: [vda1, sda]}"))
        let lines = scraper.scraped(host.moment()).lines
        #expect(lines.count == 11)
        #expect(lines.allSatisfy { $0.contains("device=vda1") })
    }

    @Test func `points of disks can be joined`() throws {
        let host = try HostFolder(["/proc/diskstats": Self.disks])
        var scraper = DiskScraper(
            try MetricSwitches(
                yaml: """
                    system.disk.io: {attributes: [direction]}
                    system.disk.operations: {attributes: [], aggregation_strategy: max}
                    system.disk.io_time: {attributes: [], aggregation_strategy: avg}
                    system.disk.operation_time: {attributes: [direction], aggregation_strategy: min}
                    system.disk.weighted_io_time: {enabled: false}
                    system.disk.pending_operations: {enabled: false}
                    system.disk.merged: {enabled: false}
                    """), try filter(DeviceNames.self))
        #expect(
            scraper.scraped(host.moment()).lines == [
                "system.disk.io{direction=read} 1028096 @1000",
                "system.disk.io{direction=write} 2048000 @1000",
                "system.disk.operations{} 200 @1000", "system.disk.io_time{} 0.0455 @1000",
                "system.disk.operation_time{direction=read} 0.001 @1000",
                "system.disk.operation_time{direction=write} 0.0 @1000",
            ])
    }

    static let interfaces = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo
            lo:    3345      32    0    0    0     0          0         0     3345      32    0    0    0
          eth0:208005939    4202    1    2    0     0          0         0   242973    2325    3    4    0
        """
    static let connections = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0
           1: 0100007F:1F90 0100007F:A000 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0
           2: broken
        """

    @Test func `interfaces and connections are told`() throws {
        let host = try HostFolder([
            "/proc/net/dev": Self.interfaces, "/proc/net/tcp": Self.connections,
            "/proc/net/tcp6": Self.connections,
        ])
        var scraper = NetworkScraper(
            MetricSwitches(),
            try filter(InterfaceNames.self, exclude: "{match_type: strict, interfaces: [lo]}"))
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(failures.isEmpty)
        #expect(
            lines.prefix(8) == [
                "system.network.packets{device=eth0,direction=transmit} 2325 @1000",
                "system.network.packets{device=eth0,direction=receive} 4202 @1000",
                "system.network.dropped{device=eth0,direction=transmit} 4 @1000",
                "system.network.dropped{device=eth0,direction=receive} 2 @1000",
                "system.network.errors{device=eth0,direction=transmit} 3 @1000",
                "system.network.errors{device=eth0,direction=receive} 1 @1000",
                "system.network.io{device=eth0,direction=transmit} 242973 @1000",
                "system.network.io{device=eth0,direction=receive} 208005939 @1000",
            ])
        #expect(lines.count == 8 + 11)
        #expect(lines.contains("system.network.connections{protocol=tcp,state=LISTEN} 2 @1000"))
        #expect(lines.contains("system.network.connections{protocol=tcp,state=ESTABLISHED} 2 @1000"))
        #expect(lines.contains("system.network.connections{protocol=tcp,state=TIME_WAIT} 0 @1000"))
    }

    @Test func `a table of connections is counted piece by piece`() throws {
        let lines = (0..<3000).map { number in
            "\(number): 0100007F:1F90 0100007F:A000 \(number % 3 == 0 ? "06" : "01") 00000000:00000000\n"
        }
        // A line that does not end costs no more than itself.
        let endless = String(repeating: "x ", count: 50_000) + "\n"
        let text = Self.connections + "\n" + endless + lines.joined()
        let host = try HostFolder(["/proc/net/tcp": text])
        let counts = try ConnectionStates.read(host.files).counts
        #expect(counts.first { $0.state == "TIME_WAIT" }?.count == 1000)
        #expect(counts.first { $0.state == "ESTABLISHED" }?.count == 2001)
        #expect(counts.first { $0.state == "LISTEN" }?.count == 1)
        #expect(try ConnectionStates.read(host.files, limit: text.utf8.count).counts.count == counts.count)
        let error = #expect(throws: HostReadError.self) {
            try ConnectionStates.read(host.files, limit: text.utf8.count - 1)
        }
        #expect(error?.description.hasSuffix("it has more than \(text.utf8.count - 1) bytes") == true)
    }

    @Test func `below another root the network is that of its first process`() throws {
        let host = try HostFolder([
            "/proc/net/dev": "", "/proc/1/net/dev": Self.interfaces, "/proc/1/net/tcp": Self.connections,
            "/proc/sys/net/netfilter/nf_conntrack_count": "12\n",
            "/proc/sys/net/netfilter/nf_conntrack_max": "none\n",
        ])
        var scraper = NetworkScraper(
            try MetricSwitches(
                yaml: """
                    system.network.conntrack.count: {enabled: true}
                    system.network.conntrack.max: {enabled: true}
                    """), try filter(InterfaceNames.self))
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(lines.contains("system.network.io{device=lo,direction=receive} 3345 @1000"))
        #expect(lines.contains("system.network.conntrack.count{} 12 @1000"))
        #expect(failures.points == 1)
        #expect(failures.first?.hasSuffix("nf_conntrack_max: it holds no number") == true)
    }

    @Test(arguments: ["", "a\nb\n", "a\nb\neth0 1 2 3\n: 1 2 3 4 5 6 7 8 9 10 11 12\n"])
    func `interfaces that are none are counted`(text: String) throws {
        let host = try HostFolder(["/proc/net/dev": text, "/proc/net/tcp": ""])
        var scraper = NetworkScraper(MetricSwitches(), try filter(InterfaceNames.self))
        let (lines, failures) = scraper.scraped(host.moment())
        #expect(failures.points == 4)
        #expect(lines.allSatisfy { $0.hasPrefix("system.network.connections") })
    }

    private func filter<Names: FilteredNames>(
        _ type: Names.Type, include: String = "{}", exclude: String = "{}"
    ) throws -> NameFilter {
        NameFilter(
            try NameFilterSettings<Names>.decode(yaml: include),
            try NameFilterSettings<Names>.decode(yaml: exclude))
    }
}
