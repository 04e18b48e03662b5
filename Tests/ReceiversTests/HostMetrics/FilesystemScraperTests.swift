import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

@testable import Receivers

@Suite struct FilesystemScraperTests {
    private static let usage = FilesystemUsage(
        total: 1000, free: 600, used: 300, inodes: 50, freeInodes: 40)

    private static func scraper(
        _ yaml: String = "{}", _ clock: ManualClock = ManualClock(),
        hanging: HangingMounts = HangingMounts(), usage: @escaping FilesystemScraper.Usage
    ) throws -> (FilesystemScraper, HostThreads) {
        let threads = HostThreads(clock: clock)
        let settings = try FilesystemScraperSettings.decode(yaml: yaml)
        return (
            FilesystemScraper(
                settings, on: threads, within: .seconds(30), hanging: hanging, usage: usage), threads
        )
    }

    @Test func `what is used, free and reserved is told, in bytes and inodes`() async throws {
        let host = try MountTests.host()
        let (scraper, threads) = try Self.scraper(
            """
            include_mount_points: {match_type: strict, mount_points: [/]}
            metrics: {system.filesystem.utilization: {enabled: true}}
            """
        ) { path in
            path == host.path + "/" ? .success(Self.usage) : .failure(.init(code: 2))
        }
        let scraped = await scraper.scrape(host.moment())
        threads.close()
        let place = "device=/dev/vda,mode=rw,mountpoint=/,type=ext4"
        #expect(scraped.failures.isEmpty)
        #expect(
            scraped.batch.pointLines == [
                "system.filesystem.usage{\(place),state=used} 300 @1000",
                "system.filesystem.usage{\(place),state=free} 600 @1000",
                "system.filesystem.usage{\(place),state=reserved} 100 @1000",
                "system.filesystem.inodes.usage{\(place),state=used} 10 @1000",
                "system.filesystem.inodes.usage{\(place),state=free} 40 @1000",
                "system.filesystem.utilization{\(place)} 0.3333333333333333",
            ])
        #expect(
            scraped.batch.metricLines == [
                "system.filesystem.usage By amount", "system.filesystem.inodes.usage {inodes} amount",
                "system.filesystem.utilization 1 gauge",
            ])
    }

    @Test func `devices, types and mount points can be chosen`() async throws {
        let host = try MountTests.host()
        let asked = Mutex<[String]>([])
        let (scraper, threads) = try Self.scraper(
            """
            include_virtual_filesystems: true
            exclude_fs_types: {match_type: strict, fs_types: [proc, tmpfs]}
            exclude_devices: {match_type: regexp, devices: ['^server:']}
            exclude_mount_points: {match_type: regexp, mount_points: [^/pool]}
            """
        ) { path in
            asked.withLock { $0.append(String(path.dropFirst(host.path.count))) }
            return .success(Self.usage)
        }
        _ = await scraper.scrape(host.moment())
        threads.close()
        #expect(asked.withLock { $0 } == ["/", "/with blank"])
    }

    @Test func `one that cannot be read does not keep the others from it`() async throws {
        let host = try MountTests.host()
        let (scraper, threads) = try Self.scraper { path in
            path.hasSuffix("/pool") ? .failure(.init(code: 13)) : .success(Self.usage)
        }
        let scraped = await scraper.scrape(host.moment())
        threads.close()
        #expect(scraped.batch.itemCount == 2 * 5)
        #expect(scraped.failures.points == 2)
        #expect(
            scraped.failures.first == "the file system at \(host.path)/pool cannot be read: Permission denied"
        )
    }

    @Test func `the answer of another file system in its place is not taken`() async throws {
        let host = try MountTests.host()
        var other = Self.usage
        other.device = "8:99"
        let answer = other
        let (scraper, threads) = try Self.scraper { _ in .success(answer) }
        let scraped = await scraper.scrape(host.moment())
        threads.close()
        // That of /pool has no number of its own.
        #expect(scraped.batch.itemCount == 5)
        #expect(
            scraped.failures.first
                == "the file system at \(host.path)/ is hidden from the collector by another")
        #expect(FilesystemUsage.deviceNumber(0x8_63) == "8:99")
        #expect(FilesystemUsage.deviceNumber(0x493103e0) == "259:300000")
    }

    @Test func `one that hangs is left behind, and asked again when it has answered`() async throws {
        let host = try MountTests.host()
        let clock = ManualClock()
        let (begun, release) = (Gate(), Gate())
        let hangs = Mutex(true)
        let hanging = HangingMounts()
        let (scraper, threads) = try Self.scraper("{}", clock, hanging: hanging) { path in
            if path.hasSuffix("/with blank"), hangs.withLock({ $0 }) {
                begun.open()
                release.wait()
            }
            return .success(Self.usage)
        }
        let moment = host.moment()
        async let first = scraper.scrape(moment)
        await begun.opened()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(5))
        let scraped = await first
        #expect(scraped.batch.itemCount == 2 * 5)
        #expect(
            scraped.failures.first == "the file system at \(host.path)/with blank has not ended within 5s")
        #expect(hanging.count == 1)
        // Nobody waits for it a second time.
        let second = await scraper.scrape(moment)
        #expect(second.batch.itemCount == 2 * 5)
        #expect(
            second.failures.first == "the file system at \(host.path)/with blank still does not answer")
        hangs.withLock { $0 = false }
        release.open()
        while hanging.count > 0 { await Task.yield() }
        let third = await scraper.scrape(moment)
        #expect(third.failures.isEmpty)
        #expect(third.batch.itemCount == 3 * 5)
        threads.close()
    }

    @Test func `the file system of the machine can be asked`() throws {
        let usage = try FilesystemUsage.read(at: "/").get()
        #expect(usage.total > 0)
        #expect(usage.used + usage.free + usage.reserved == usage.total)
        #expect(throws: FilesystemUsage.Failure.self) { try FilesystemUsage.read(at: "/no/such/place").get() }
    }
}
