internal import Wire

/// Now, Time, FormatTime, the parts of times and durations.
enum TimeConverters {
    static let all: [Function] =
        parts + unix + durations + [now, time, formatTime, truncate, fromUnix, duration]

    private static let parts: [Function] = [
        part("Day", "The day of the month, 1 to 31.") { $0.day },
        part("Hour", "The hour of the day, 0 to 23.") { $0.hour },
        part("Minute", "The minute of the hour, 0 to 59.") { $0.minute },
        part("Month", "The month of the year, 1 to 12.") { $0.month },
        part("Nanosecond", "The nanosecond of the second.") { $0.nanosecond },
        part("Second", "The second of the minute, 0 to 59.") { $0.second },
        part("Weekday", "The day of the week, 0 (Sunday) to 6.") { $0.weekday },
        part("Year", "The year.") { $0.year },
    ]

    private static func part(
        _ name: String, _ summary: String, _ part: @escaping @Sendable (CalendarTime) -> Int
    ) -> Function {
        .ofTime(name, summary: summary, example: "\(name)(Now())") { time throws(EvaluationError) in
            Int64(part(time.calendar))
        }
    }

    private static let unix: [Function] = [
        since("UnixSeconds", "seconds", 1_000_000_000), since("UnixMilli", "milliseconds", 1_000_000),
        since("UnixMicro", "microseconds", 1000), since("UnixNano", "nanoseconds", 1),
    ]

    private static func since(_ name: String, _ unit: String, _ size: Int64) -> Function {
        .ofTime(
            name, summary: "The \(unit) since 1970, rounded down.", example: "\(name)(log.time)"
        ) { time throws(EvaluationError) in
            let (quotient, rest) = time.nanoseconds.quotientAndRemainder(dividingBy: size)
            return rest < 0 ? quotient - 1 : quotient
        }
    }

    private static let durations: [Function] = [
        floating("Hours", 3_600_000_000_000), floating("Minutes", 60_000_000_000),
        floating("Seconds", 1_000_000_000), whole("Milliseconds", 1_000_000), whole("Microseconds", 1000),
        whole("Nanoseconds", 1),
    ]

    private static func floating(_ name: String, _ unit: Int64) -> Function {
        .ofDuration(
            name, gives: .double, summary: "The duration in \(name.lowercased()), with fractions.",
            example: #"\#(name)(Duration("1h"))"#
        ) { .double(Double($0 / unit) + Double($0 % unit) / Double(unit)) }
    }

    private static func whole(_ name: String, _ unit: Int64) -> Function {
        .ofDuration(
            name, gives: .int, summary: "The duration in whole \(name.lowercased()).",
            example: #"\#(name)(Duration("1h"))"#
        ) { .int($0 / unit) }
    }

    private static let now = Function(converter: "Now", [], gives: .time, isPure: false) {
        _ throws(FunctionError) in
        { frame throws(EvaluationError) in .time(Time(nanoseconds: frame.surroundings.now())) }
    }.documented("The time at which the statement is evaluated, in UTC.", example: "UnixSeconds(Now())")

    private static let time = Function(
        converter: "Time",
        [
            Parameter("target", .string), Parameter("format", .literalString),
            Parameter("location", .literalString, isOptional: true),
            Parameter("locale", .literalString, isOptional: true),
        ], gives: .time, isPure: false
    ) { arguments throws(FunctionError) in
        let text = arguments[0].string
        let format = try arguments.literal(1)
        guard !format.isEmpty else { throw FunctionError("the format is empty", parameter: 1) }
        let layout = try TimeLayout(format)
        // Files are read now and not when telemetry comes.
        _ = Time.Zone.abbreviations
        let location = try arguments.literal(2, default: "")
        guard let zone = Time.Zone.named(location) else {
            throw FunctionError(
                "the time zone '\(location)' is not in the database of this system (package tzdata)",
                parameter: 2)
        }
        let locale = try arguments.literal(3, default: "en")
        guard let names = LocaleNames.named(locale) else {
            let known = LocaleNames.languages.keys.sorted().joined(separator: ", ")
            throw FunctionError("the locale '\(locale)' is not supported; known are: \(known)", parameter: 3)
        }
        return { frame throws(EvaluationError) in
            .time(
                try layout.parse(
                    try text(frame).string, zone: zone, names: names, now: frame.surroundings.now))
        }
    }.documented(
        "The time that text stands for in a format of directives such as `%Y`; without a "
            + "zone it is in `location`.",
        example: #"Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York")"#)

    private static let formatTime = Function(
        converter: "FormatTime", [Parameter("time", .time), Parameter("format", .literalString)],
        gives: .string
    ) { arguments throws(FunctionError) in
        let time = arguments[0].time
        let format = try arguments.literal(1)
        guard !format.isEmpty else { throw FunctionError("the format is empty", parameter: 1) }
        let layout = try TimeLayout(format)
        return { frame throws(EvaluationError) in .text(layout.format(try time(frame))) }
    }.documented(
        "The time as text in a format of directives such as `%Y`, in its own zone.",
        example: #"FormatTime(Now(), "%b %d %Y %H:%M:%S")"#)

    private static let truncate = Function(
        converter: "TruncateTime", [Parameter("time", .time), Parameter("duration", .duration)], gives: .time
    ) { arguments throws(FunctionError) in
        let (time, duration) = (arguments[0].time, arguments[1].duration)
        return { frame throws(EvaluationError) in
            var time = try time(frame)
            let unit = try duration(frame)
            guard unit > 0 else { return .time(time) }
            // Counted from the year 1, as Go does.
            let since = Int128(time.nanoseconds) + 62_135_596_800 * 1_000_000_000
            let (result, overflow) = time.nanoseconds.subtractingReportingOverflow(
                Int64(since % Int128(unit)))
            guard !overflow else { throw .message("the time would be before 1677") }
            time.nanoseconds = result
            return .time(time)
        }
    }.documented(
        "The time rounded down to a multiple of the duration since the year 1.",
        example: #"TruncateTime(span.start_time, Duration("1s"))"#)

    private static let fromUnix = Function(
        converter: "Unix", [Parameter("seconds", .int), Parameter("nanoseconds", .int, isOptional: true)],
        gives: .time
    ) { arguments throws(FunctionError) in
        let seconds = arguments[0].int
        let nanoseconds = arguments.intOrZero(1)
        return { frame throws(EvaluationError) in
            let (whole, overflow) = try seconds(frame).multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, tooMuch) = whole.addingReportingOverflow(try nanoseconds(frame))
            guard !overflow, !tooMuch else { throw .message("the time is before 1677 or after 2262") }
            return .time(Time(nanoseconds: sum))
        }
    }.documented(
        "The time that is so many seconds and nanoseconds after 1970, in UTC.", example: "Unix(1672527600)")

    private static let duration = Function.ofString(
        "Duration", "duration", gives: .duration,
        summary: "The duration that text such as `1h30m` stands for (ns, us, ms, s, m, h).",
        example: #"Duration("333ms")"#
    ) { text throws(EvaluationError) in
        guard let nanoseconds = GoDuration.parse(text.string) else {
            throw .message("'\(text.string.prefix(80))' is no duration such as 1h30m, or more than 292 years")
        }
        return .duration(nanoseconds)
    }
}
