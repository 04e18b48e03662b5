import Testing

@testable import Rollouts

@Suite struct WindowTests {
    /// Seconds since 1970 of a moment in UTC.
    private func at(_ year: Int, _ month: Int, _ day: Int, _ hour: Int, _ minute: Int = 0) -> Int64 {
        Int64(CivilDay.daysSince1970(year, month, day)) * 86_400 + Int64(hour * 3600 + minute * 60)
    }

    @Test(arguments: [
        // Monday, winter: 08:00 in Berlin is 07:00 UTC.
        (2026, 1, 5, 7, 0, true), (2026, 1, 5, 6, 59, false), (2026, 1, 5, 14, 59, true),
        (2026, 1, 5, 15, 0, false),
        // Monday, summer: 08:00 in Berlin is 06:00 UTC.
        (2026, 7, 6, 6, 0, true), (2026, 7, 6, 5, 59, false), (2026, 7, 6, 14, 0, false),
        // Friday and Sunday.
        (2026, 1, 9, 10, 0, false), (2026, 1, 11, 10, 0, false),
    ])
    func `a window has the hours of its zone, in summer and in winter`(
        year: Int, month: Int, day: Int, hour: Int, minute: Int, isOpen: Bool
    ) throws {
        let window = try MaintenanceWindow(parsing: "Mon-Thu 08:00-16:00 Europe/Berlin") {
            ZoneFile(named: $0)
        }
        #expect(window.contains(at(year, month, day, hour, minute)) == isOpen)
    }

    @Test func `a window over the hour that is skipped is shorter, and over the one that repeats is longer`()
        throws
    {
        let window = try MaintenanceWindow(parsing: "Sun 01:00-04:00 Europe/Berlin") { ZoneFile(named: $0) }
        func minutes(from: Int64) -> Int {
            (0..<(24 * 60)).count { window.contains(from + Int64($0) * 60) }
        }
        #expect(minutes(from: at(2026, 3, 28, 22)) == 120)
        #expect(minutes(from: at(2026, 10, 24, 21)) == 240)
        #expect(minutes(from: at(2026, 6, 6, 22)) == 180)
    }

    @Test func `a window over midnight belongs to the day on which it opens`() throws {
        let window = try MaintenanceWindow(parsing: "Sat 22:00-04:00") { ZoneFile(named: $0) }
        #expect(window.contains(at(2026, 1, 10, 23)))
        #expect(window.contains(at(2026, 1, 11, 3, 59)))
        #expect(!window.contains(at(2026, 1, 11, 4)))
        #expect(!window.contains(at(2026, 1, 10, 3)))
        #expect(!window.contains(at(2026, 1, 11, 22)))
    }

    @Test(arguments: [
        "", "Mon", "08:00-16:00", "Mon 08:00", "Mon 16:00-16:00", "Mon 25:00-26:00", "Mon 08:60-09:00",
        "Mo 08:00-16:00", "Mon-Fri 08:00-16:00 Europe/Nowhere", "Mon 08:00-16:00 ../../etc/passwd",
        "Mon 08:00-16:00 Europe/Berlin x",
    ])
    func `what is no window is refused`(text: String) {
        #expect(throws: WindowError.self) {
            try MaintenanceWindow(parsing: text) { ZoneFile(named: $0) }
        }
    }

    @Test func `the next opening is found, and none of a window that does not come`() throws {
        let windows = try Windows(["Mon 08:00-09:00 UTC", "Wed 10:00-11:00 UTC"])
        let saturday = UInt64(at(2026, 1, 10, 12)) * 1_000_000_000
        #expect(!windows.areOpen(at: saturday))
        #expect(windows.nextOpening(after: saturday) == UInt64(at(2026, 1, 12, 8)) * 1_000_000_000)
        #expect(Windows().areOpen(at: saturday))
    }

    @Test(arguments: [
        ("CET-1CEST,M3.5.0,M10.5.0/3", 2026, 1, 3600), ("CET-1CEST,M3.5.0,M10.5.0/3", 2040, 7, 7200),
        ("<-03>3", 2030, 5, -10_800), ("EST5EDT,M3.2.0,M11.1.0", 2035, 7, -14_400),
        ("AEST-10AEDT,M10.1.0,M4.1.0/3", 2036, 1, 39_600), ("AEST-10AEDT,M10.1.0,M4.1.0/3", 2036, 7, 36_000),
        ("IST-5:30", 2036, 7, 19_800), ("XXX3YYY,J60/0,J300/0", 2036, 5, -7200),
    ])
    func `the rule behind the last entry of a zone is understood`(
        rule: String, year: Int, month: Int, offset: Int
    ) throws {
        let rule = try #require(TimeZoneRule(rule))
        #expect(rule.offset(at: at(year, month, 15, 12)) == offset)
    }

    @Test(arguments: [
        "", "A1", "CET", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0x",
    ])
    func `what is no rule is none`(rule: String) { #expect(TimeZoneRule(rule) == nil) }

    @Test func `damaged zone files are none`() throws {
        #expect(ZoneFile([]) == nil)
        #expect(ZoneFile(Array("TZif2".utf8)) == nil)
        var bytes = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 39)
        bytes[20] = 0xFF
        #expect(ZoneFile(bytes) == nil)
        #expect(ZoneFile(named: "UTC") != nil)
        #expect(ZoneFile(named: "Europe") == nil)
    }

    @Test(arguments: [("Asia/Kolkata", 19_800), ("America/New_York", -18_000), ("Australia/Sydney", 39_600)])
    func `zones of this machine are read`(name: String, offset: Int) throws {
        let zone = try #require(ZoneFile(named: name))
        #expect(zone.offset(at: at(2026, 1, 15, 12)) == offset)
        // Long before the first and long after the last entry.
        #expect(abs(zone.offset(at: -5_000_000_000)) < 86_400)
        #expect(zone.offset(at: at(2090, 1, 15, 12)) == offset)
    }

    @Test func `days are counted right over four centuries`() {
        var number = CivilDay.daysSince1970(1900, 1, 1)
        for year in 1900..<2300 {
            #expect(CivilDay.daysSince1970(year, 1, 1) == number)
            #expect(CivilDay(secondsSince1970: Int64(number) * 86_400).year == year)
            #expect(CivilDay(secondsSince1970: Int64(number) * 86_400 - 1).year == year - 1)
            number += CivilDay.isLeap(year) ? 366 : 365
        }
        #expect(CivilDay.weekday(0) == 4)
    }
}
