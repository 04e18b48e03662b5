import PipelineTesting
import Settings
import Synchronization
import Telemetry
import Testing

@testable import Receivers

/// File systems that answer slowly, or never.
@Suite struct SlowFilesystemTests {
    private static let usage = FilesystemUsage(
        total: 1000, free: 600, used: 300, inodes: 50, freeInodes: 40)

    /// A file system is mounted at `/` from each of these devices, last, and at `/N` for others.
    private static func host(_ devices: [String], type: String) throws -> HostFolder {
        var lines = devices.enumerated().map { number, device in
            "\(number) 1 0:\(number + 50) / /\(number) rw - \(type) \(device) rw\n"
        }
        lines.append("100 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
        return try HostFolder([
            "/proc/1/mountinfo": lines.joined(), "/proc/filesystems": "nodev\tnfs4\n\text4\n",
        ])
    }

    /// A scraper of file systems of which some hang until they are released.
    private struct Running {
        let clock = ManualClock()
        let hanging = HangingMounts()
        let release = Gate()
        private let begun: [String: Gate]

        init(_ places: [String]) {
            begun = Dictionary(uniqueKeysWithValues: places.map { ($0, Gate()) })
        }

        func scraper(
            _ host: HostFolder, on threads: HostThreads, within limit: Duration = .seconds(600)
        ) throws -> FilesystemScraper {
            let settings = try FilesystemScraperSettings.decode(yaml: "include_virtual_filesystems: true")
            return FilesystemScraper(settings, on: threads, within: limit, hanging: hanging) {
                [begun, release] path in
                if let gate = begun[String(path.dropFirst(host.path.count))] {
                    gate.open()
                    release.wait()
                }
                return .success(SlowFilesystemTests.usage)
            }
        }

        /// Lets the time go on when each of these is asked, until nobody waits for it any more.
        func pass(_ places: [String]) async {
            for place in places {
                await begun[place]?.opened()
                await clock.waitForSleepers()
                clock.advance(by: .seconds(5))
            }
        }

        /// Lets all of them answer, and waits until they have.
        func end() async {
            release.open()
            while hanging.count > 0 { await Task.yield() }
        }
    }

    @Test func `all of them together have the time of the scraper`() async throws {
        let clock = ManualClock()
        let threads = HostThreads(clock: clock)
        let host = try Self.host((0..<12).map { "slow:/\($0)" }, type: "nfs4")
        let settings = try FilesystemScraperSettings.decode(yaml: "include_virtual_filesystems: true")
        let (begun, release) = (Gate(), Gate())
        let asked = Mutex<[String]>([])
        let scraper = FilesystemScraper(
            settings, on: threads, within: .seconds(30), hanging: HangingMounts()
        ) { path in
            asked.withLock { $0.append(String(path.dropFirst(host.path.count))) }
            if path.hasSuffix("/8") {
                begun.open()
                release.wait()
            } else {
                clock.advance(by: .seconds(3))
            }
            return .success(Self.usage)
        }
        async let scrape = scraper.scrape(host.moment())
        // It is the tenth, and has the 3 s that are left.
        await begun.opened()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(3))
        let scraped = await scrape
        release.open()
        threads.close()
        #expect(asked.withLock { $0 } == ["/"] + (0...8).map { "/\($0)" })
        #expect(scraped.batch.itemCount == 9 * 5)
        #expect(scraped.failures.points == 4 * 2)
        #expect(scraped.failures.first == "the file system at \(host.path)/8 has not ended within 3s")
    }

    @Test func `a server that is gone costs its own file systems only`() async throws {
        let devices = (0..<20).map { "gone:/\($0)" } + ["there:/"]
        let host = try Self.host(devices, type: "nfs4")
        let running = Running((0..<20).map { "/\($0)" })
        let threads = HostThreads(clock: running.clock)
        let scraper = try running.scraper(host, on: threads)
        let moment = host.moment()
        async let first = scraper.scrape(moment)
        await running.pass(["/0", "/1"])
        let scraped = await first
        #expect(scraped.batch.itemCount == 2 * 5)
        #expect(scraped.failures.points == 20 * 2)
        #expect(scraped.failures.first == "the file system at \(host.path)/0 has not ended within 5s")
        #expect(running.hanging.count == 2)
        #expect(threads.disks.hangingCount == 0)
        // A receiver that a change puts in the place of the first knows of it, and leaves no threads behind.
        let others = HostThreads(clock: running.clock)
        let second = await (try running.scraper(host, on: others)).scrape(moment)
        #expect(second.batch.itemCount == 2 * 5)
        #expect(second.failures.points == 20 * 2)
        #expect(others.servers.hangingCount == 0)
        await running.end()
        #expect(await scraper.scrape(moment).failures.isEmpty)
        threads.close()
        others.close()
    }

    @Test func `however many servers are gone, the file systems of the host are measured`() async throws {
        let host = try Self.host((0..<18).map { "gone-\($0):/" }, type: "nfs4")
        let places = (0..<18).map { "/\($0)" }
        let running = Running(places)
        let threads = HostThreads(clock: running.clock)
        let scraper = try running.scraper(host, on: threads)
        let moment = host.moment()
        async let first = scraper.scrape(moment)
        await running.pass(Array(places.prefix(16)))
        #expect(await first.batch.itemCount == 5)
        #expect(running.hanging.count == 16)
        let second = await scraper.scrape(moment)
        #expect(second.batch.itemCount == 5)
        #expect(second.failures.points == 18 * 2)
        #expect(running.hanging.count == 16)
        await running.end()
        threads.close()
    }

    @Test func `what others are left alone for is said`() throws {
        func mount(_ device: String, _ type: String = "nfs4") throws -> Mount {
            try #require(Mount(Array("1 1 0:9 / /a rw - \(type) \(device) rw".utf8)[...]))
        }
        let hanging = HangingMounts()
        let gone = try mount("gone:/a")
        var questions = ["/1", "/2"].map { hanging.ask(gone, at: $0) }
        #expect(hanging.obstacle(gone, at: "/1") == nil)
        for question in questions { question.leave() }
        #expect(hanging.obstacle(gone, at: "/1") == "still does not answer")
        #expect(
            try hanging.obstacle(mount("gone:/b"), at: "/3")
                == "is not asked, because 2 others of gone do not answer")
        #expect(try hanging.obstacle(mount("there:/"), at: "/4") == nil)
        questions.removeLast()
        #expect(try hanging.obstacle(mount("gone:/b"), at: "/3") == nil)
        questions += try (0..<15).map { number in
            let question = hanging.ask(try mount("gone-\(number):/"), at: "/s\(number)")
            question.leave()
            return question
        }
        #expect(
            try hanging.obstacle(mount("there:/"), at: "/4")
                == "is not asked, because 16 on other machines do not answer")
        #expect(try hanging.obstacle(mount("/dev/sda1", "ext4"), at: "/") == nil)
        #expect(hanging.count == 16)
        questions.removeAll()
        #expect(hanging.count == 0)
    }
}
