import Synchronization
import Testing

@testable import OTTL

@Suite struct TimeFunctionTests {
    /// Text, format, location, seconds since 1970 and nanoseconds.
    private static let parsed: [(String, String, String?, Int64, Int64)] = [
        ("02/04/2023", "%m/%d/%Y", nil, 1_675_468_800, 0),
        ("Feb 15, 2023", "%b %d, %Y", nil, 1_676_419_200, 0),
        ("2023-05-26 12:34:56 HST", "%Y-%m-%d %H:%M:%S %Z", nil, 1_685_140_496, 0),
        ("1986-10-01T00:17:33 MST", "%Y-%m-%dT%H:%M:%S %Z", nil, 528_535_053, 0),
        ("2012-11-01T22:08:41+0000 EST", "%Y-%m-%dT%H:%M:%S%z %Z", nil, 1_351_807_721, 0),
        ("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York", 1_685_118_896, 0),
        ("2023-01-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York", 1_674_754_496, 0),
        ("2050-07-01 12:00:00", "%F %T", "Europe/Berlin", 2_540_282_400, 0),
        ("2050-01-01 12:00:00", "%F %T", "Australia/Sydney", 2_524_611_600, 0),
        ("2023-05-26T12:34:56.789Z", "%Y-%m-%dT%H:%M:%S.%LZ", nil, 1_685_104_496, 789_000_000),
        ("2023-05-26 12:34:56.123456", "%F %T.%f", nil, 1_685_104_496, 123_456_000),
        ("2023-05-26 12:34:56,5", "%F %T", nil, 1_685_104_496, 500_000_000),
        ("2023-05-26 02:34:56 pm", "%F %I:%M:%S %P", nil, 1_685_111_696, 0),
        ("12:00 AM 26 May 23", "%I:%M %p %d %b %y", nil, 1_685_059_200, 0),
        ("Fri May 26 12:34:56 2023", "%c", nil, 1_685_104_496, 0), ("1/2/1970", "%q/%g/%Y", nil, 86_400, 0),
        ("1970-01-01 01:00:00 +01:00", "%F %T %j", nil, 0, 0),
        ("1970-01-01 00:00:00 -07", "%F %T %i", nil, 25_200, 0),
        ("1969-12-31", "%F", nil, -86_400, 0), ("2024-02-29", "%F", nil, 1_709_164_800, 0),
        ("1970-01-01 GMT+3", "%F %Z", nil, -10_800, 0),
    ]

    @Test(arguments: parsed)
    func `times are read`(
        _ text: String, _ format: String, _ location: String?, _ seconds: Int64, _ rest: Int64
    ) throws {
        let value = try Calls.converter("Time", [.text(text), .text(format), location.map { .text($0) }])
        let nanoseconds = try Calls.converter("UnixNano", [value])
        #expect(nanoseconds.shown == "\(seconds * 1_000_000_000 + rest)")
    }

    @Test(arguments: [
        ("2023-13-01", "%F", "month 13"), ("2023-02-29", "%F", "no day 29"),
        ("2023-01-01x", "%F", "left over"), ("", "%F", "no year"),
        ("25:00", "%H:%M", "hour 25"), ("2023", "%F", "'-'"), ("2023-01-01 XYZ", "%F %Z", "time zone 'XYZ'"),
        ("3000-01-01", "%F", "2262"),
        ("Foo 1", "%b %d", "no month"), ("20230101", "%Y-%m", "'-' is expected"),
    ])
    func `what is no time is an error that says why`(_ text: String, _ format: String, _ message: String) {
        let error = #expect(throws: EvaluationError.self) {
            try Calls.converter("Time", [.text(text), .text(format)])
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test func `a time without a year is of this year, or of the last when it would be in the future`() throws
    {
        let now: Int64 = 1_704_153_600_000_000_000  // 2024-01-02
        for (text, year) in [("Jan 01 12:00:00", 2024), ("Dec 31 12:00:00", 2023), ("Jan 05 00:00:00", 2024)]
        {
            let value = try Calls.converter("Time", [.text(text), "%b %d %H:%M:%S"], now: now)
            #expect(try Calls.converter("Year", [value]).shown == "\(year)")
        }
    }

    @Test func `months and days are read in other languages`() throws {
        let italian = try Calls.converter("Time", ["mercoledì set 4 2024", "%A %h %e %Y", "", "it"])
        #expect(italian.shown == "2024-09-04T00:00:00Z")
        let spanish = try Calls.converter(
            "Time",
            ["Febrero 25 lunes, 2002, 02:03:04 p.m.", "%B %d %A, %Y, %r", "America/New_York", "es-ES"])
        #expect(spanish.shown == "2002-02-25T14:03:04-05:00")
    }

    /// Format and what it makes of 2023-02-04T03:05:06.078901234 in New York.
    private static let formats: [(String, String)] = [
        ("%A %h %e %Y", "Saturday Feb  4 2023"), ("%b %d %Y %H:%M:%S", "Feb 04 2023 03:05:06"),
        ("%y %m %o %q", "23 02  2 2"), ("%B %a %g", "February Sat 4"),
        ("%I %l %p %P", "03 3 AM am"), ("%L %f %s", "078 078901 078901234"),
        ("%z %Z %i %j %k %w", "-0500 EST -05 -05:00 -05:00:00 -050000"),
        ("%D %F %T %R", "02/04/2023 2023-02-04 03:05:06 03:05"), ("%r", "03:05:06 am"),
        ("%c", "Sat Feb 04 03:05:06 2023"), ("%%%n%t", "%\n\t"),
    ]

    @Test(arguments: formats)
    func `times are written`(_ format: String, _ text: String) throws {
        let zone = try #require(Time.Zone.named("America/New_York"))
        let time = Value.time(Time(nanoseconds: 1_675_497_906_078_901_234, zone: zone))
        #expect(try Calls.converter("FormatTime", [time, .text(format)]).shown == Value.text(text).shown)
    }

    private static let parts: [(String, Value, Value)] = [
        ("Year", utc(1_675_497_906, 5), 2023), ("Month", utc(1_675_497_906), 2),
        ("Day", utc(1_675_497_906), 4), ("Hour", utc(1_675_497_906), 8),
        ("Minute", utc(1_675_497_906), 5), ("Second", utc(1_675_497_906), 6), ("Nanosecond", utc(-1, 5), 5),
        ("Weekday", utc(1_675_497_906), 6),
        ("Weekday", utc(-86_400 * 5), 6), ("UnixSeconds", utc(-1, 1), -1),
        ("UnixMilli", utc(1, 999_999), 1000), ("UnixMicro", utc(0, -1), -1),
        ("UnixNano", utc(1, 1), 1_000_000_001), ("Year", utc(-62_135_596_800 / 10), 1773),
        ("Hours", .duration(5_400_000_000_000), 1.5),
        ("Minutes", .duration(90_000_000_000), 1.5), ("Seconds", .duration(1_500_000_000), 1.5),
        ("Milliseconds", .duration(1_999_999), 1),
        ("Microseconds", .duration(3_600_000_000_000), 3_600_000_000),
        ("Nanoseconds", .duration(.min), .int(.min)), ("Unix", 1_672_527_600, utc(1_672_527_600)),
        ("Duration", "3s", .duration(3_000_000_000)), ("Duration", "333ms", .duration(333_000_000)),
        ("Duration", "1000000h", .duration(3_600_000_000_000_000_000)),
        ("Duration", "-1h2m3.5s", .duration(-3_723_500_000_000)), ("Duration", "0", .duration(0)),
        ("Duration", "0.000000015s", .duration(15)), ("Duration", "0.29h", .duration(1_044_000_000_000)),
        ("Duration", "1.999999999999999999999999999999s", .duration(1_999_999_999)),
        ("Duration", "1.5µs", .duration(1500)), ("Duration", ".5s", .duration(500_000_000)),
    ]

    @Test(arguments: parts)
    func `times and durations have parts`(_ name: String, _ value: Value, _ result: Value) throws {
        #expect(try Calls.converter(name, [value]).shown == result.shown)
    }

    @Test(arguments: ["", "3", "s", "1x", "1h-2m", ".s", "9999999h", "-", "1 h"])
    func `what is no duration is an error`(_ text: String) {
        #expect(throws: EvaluationError.self) { try Calls.converter("Duration", [.text(text)]) }
    }

    @Test func `times are rounded down to a multiple since the year 1`() throws {
        for (duration, result) in [
            ("1s", "2023-02-04T08:05:06Z"), ("1h", "2023-02-04T08:00:00Z"),
            ("10h20m", "2023-02-04T08:00:00Z"), ("0s", "2023-02-04T08:05:06.5Z"),
        ] {
            let unit = try Calls.converter("Duration", [.text(duration)])
            #expect(
                try Calls.converter("TruncateTime", [utc(1_675_497_906, 500_000_000), unit]).shown == result)
        }
    }

    @Test func `Now is the time of the evaluation, and UUIDv7 begins with it`() throws {
        #expect(try Calls.converter("Now", [], now: 5).shown == "1970-01-01T00:00:00.000000005Z")
        #expect(try Calls.converter("Unix", [1, 5]).shown == "1970-01-01T00:00:01.000000005Z")
        #expect(throws: EvaluationError.self) { try Calls.converter("Unix", [.int(.max)]) }
        #expect(
            try Calls.converter("UUIDv7", [], now: 0x0123_4567_89AB * 1_000_000).shown
                == "\"01234567-89ab-7def-8123-456789abcdef\"")
        #expect(try Calls.converter("UUID", []).shown == "\"01234567-89ab-4def-8123-456789abcdef\"")
    }

    @Test func `a zone that a text names is not looked for in the system`() throws {
        #expect(throws: EvaluationError.self) {
            try Calls.converter("Time", ["2023-01-01 QXZW", "%F %Z"])
        }
        #expect(Time.Zone.cache.withLock { $0["QXZW"] } == nil)
    }

    @Test func `zones have their summer time from the file and from its rule`() throws {
        for (name, winter, summer) in [("Europe/Berlin", "CET", "CEST"), ("America/New_York", "EST", "EDT")] {
            let zone = try #require(Time.Zone.named(name))
            // January and July of 2000 and of 2100.
            for (january, july) in [(946_684_800, 962_409_600), (4_102_444_800, 4_118_083_200)]
                as [(Int64, Int64)]
            {
                #expect(zone.rule(at: january).abbreviation == winter)
                #expect(zone.rule(at: july).abbreviation == summer)
            }
        }
        for name in ["../etc/passwd", "/etc/passwd", "Nowhere/City", "Europe", "posixrules\u{0}"] {
            #expect(Time.Zone.named(name) == nil)
        }
    }
}
