extension TimeLayout {
    /// Reads a time.
    ///
    /// What the text does not say is 0, the first of January, and the year of `now` (the year before,
    /// when the time would be more than a week ahead of it). A zone that it does not name is `zone`.
    func parse(
        _ text: String, zone: Time.Zone, names: LocaleNames, now: @escaping () -> Int64
    ) throws(EvaluationError) -> Time {
        var reader = TimeReader(text, names)
        for (index, part) in parts.enumerated() {
            let isFractionNext = index + 2 < parts.count && parts[index + 2].isFraction
            try reader.read(part, isFractionNext: isFractionNext)
        }
        guard reader.rest.isEmpty else { throw reader.wrong("'\(reader.rest.prefix(40))' is left over") }
        return try reader.time(zone: zone, now: hasYear ? nil : now)
    }
}

extension TimeLayout.Part {
    fileprivate var isFraction: Bool {
        if case .fraction = self { true } else { false }
    }
}

/// Takes the parts of a time out of a text.
private struct TimeReader {
    private let text: String
    private let names: LocaleNames
    var rest: Substring
    private var calendar = CalendarTime(year: 1970, month: 1, day: 1)
    private var isAfternoon: Bool?
    private var offset: Int?
    private var zoneName: String?

    init(_ text: String, _ names: LocaleNames) {
        self.text = text
        self.names = names
        rest = Substring(text)
    }

    func wrong(_ what: String) -> EvaluationError {
        .message("'\(text.prefix(80))' is not a time in the format: \(what)")
    }

    mutating func read(_ part: TimeLayout.Part, isFractionNext: Bool) throws(EvaluationError) {
        switch part {
        case .literal(let literal): try read(literal: literal)
        case .year: calendar.year = try number("year", 4...4, 0...9999)
        case .shortYear:
            let year = try number("year", 2...2, 0...99)
            calendar.year = year >= 69 ? 1900 + year : 2000 + year
        case .month(let padding): calendar.month = try padded("month", padding, 1...12)
        case .monthName: calendar.month = try name("month", names.months) + 1
        case .shortMonthName: calendar.month = try name("month", names.shortMonths) + 1
        case .day(let padding): calendar.day = try padded("day", padding, 1...31)
        case .dayName: _ = try name("day", names.days)
        case .shortDayName: _ = try name("day", names.shortDays)
        case .hour24: calendar.hour = try number("hour", 1...2, 0...23)
        case .hour12(let padding): calendar.hour = try padded("hour", padding, 0...12)
        case .half:
            let index = try name("half of the day", names.morning + names.afternoon)
            isAfternoon = index >= names.morning.count
        case .minute: calendar.minute = try number("minute", 2...2, 0...59)
        case .second:
            calendar.second = try number("second", 2...2, 0...59)
            if !isFractionNext, let first = rest.first, first == "." || first == ",",
                rest.dropFirst().first?.isDigit == true
            {
                rest.removeFirst()
                takeDecimals(9)
            }
        case .fraction: takeDecimals(9)
        case .zoneName: try readZone()
        case .offset(let form): try readOffset(form)
        }
    }

    private mutating func read(literal: String) throws(EvaluationError) {
        // A run of spaces stands for any run of spaces, as in Go.
        for character in literal {
            if character == " " {
                if rest.isEmpty { throw wrong("it ends too early") }
                while rest.first == " " { rest.removeFirst() }
            } else {
                guard rest.first == character else {
                    throw wrong("'\(literal)' is expected before '\(rest.prefix(20))'")
                }
                rest.removeFirst()
            }
        }
    }

    private mutating func padded(
        _ what: String, _ padding: TimeLayout.Padding, _ range: ClosedRange<Int>
    ) throws(EvaluationError) -> Int {
        if padding == .space, rest.first == " " { rest.removeFirst() }
        return try number(what, padding == .zero && what == "month" ? 2...2 : 1...2, range)
    }

    private mutating func number(
        _ what: String, _ count: ClosedRange<Int>, _ range: ClosedRange<Int>
    ) throws(EvaluationError) -> Int {
        let digits = rest.prefix(count.upperBound).prefix { $0.isDigit }
        guard digits.count >= count.lowerBound, let number = Int(digits) else {
            throw wrong("no \(what) at '\(rest.prefix(20))'")
        }
        guard range.contains(number) else { throw wrong("the \(what) \(number) is out of range") }
        rest.removeFirst(digits.count)
        return number
    }

    private mutating func takeDecimals(_ count: Int) {
        let digits = rest.prefix { $0.isDigit }
        rest.removeFirst(digits.count)
        let padded = (digits + String(repeating: "0", count: 9)).prefix(count)
        calendar.nanosecond = Int(padded) ?? 0
    }

    /// The index of the longest name that comes next, whatever the case.
    private mutating func name(_ what: String, _ names: [String]) throws(EvaluationError) -> Int {
        let found = names.indices
            .filter { rest.prefix(names[$0].count).lowercased() == names[$0].lowercased() }
            .max { names[$0].count < names[$1].count }
        guard let found else { throw wrong("no \(what) at '\(rest.prefix(20))'") }
        rest.removeFirst(names[found].count)
        return found
    }

    private mutating func readZone() throws(EvaluationError) {
        if let first = rest.first, first == "+" || first == "-" { return try readOffset(.hours) }
        let letters = rest.prefix { $0.isASCII && $0.isLetter }
        guard 1...5 ~= letters.count, letters.allSatisfy({ $0.isUppercase }) || letters.count == 4 else {
            throw wrong("no time zone at '\(rest.prefix(20))'")
        }
        rest.removeFirst(letters.count)
        zoneName = String(letters)
        guard letters == "GMT", let sign = rest.first, sign == "+" || sign == "-" else { return }
        let hours = rest.dropFirst().prefix(2).prefix { $0.isDigit }
        guard let number = Int(hours) else { return }
        rest.removeFirst(hours.count + 1)
        offset = (sign == "-" ? -1 : 1) * number * 3600
    }

    private mutating func readOffset(_ form: TimeLayout.Offset) throws(EvaluationError) {
        guard let sign = rest.popFirst(), sign == "+" || sign == "-" else {
            throw wrong("no offset from UTC at its place")
        }
        var seconds = try number("offset", 2...2, 0...24) * 3600
        var units: [(Int, Bool)] = []
        switch form {
        case .hours: break
        case .minutes(let colon): units = [(60, colon)]
        case .seconds(let colon): units = [(60, colon), (1, colon)]
        }
        for (unit, hasColon) in units {
            if hasColon { try read(literal: ":") }
            seconds += try number("offset", 2...2, 0...59) * unit
        }
        offset = sign == "-" ? -seconds : seconds
    }

    /// The moment that was read; `now` where the year is missing.
    func time(zone: Time.Zone, now: (() -> Int64)?) throws(EvaluationError) -> Time {
        var calendar = calendar
        if let isAfternoon {
            guard calendar.hour <= 12 || isAfternoon else { throw wrong("its hour is no hour of a morning") }
            if isAfternoon, calendar.hour < 12 { calendar.hour += 12 }
            if !isAfternoon, calendar.hour == 12 { calendar.hour = 0 }
        }
        let place = try resolvedZone(zone)
        guard let now else { return try moment(calendar, place) }
        let current = now()
        calendar.year = Time(nanoseconds: current, zone: place).calendar.year
        let time = try moment(calendar, place)
        // A log line of December that is read in January is of the year before.
        guard time.nanoseconds > current.addingReportingOverflow(7 * 86_400_000_000_000).partialValue else {
            return time
        }
        calendar.year -= 1
        return try moment(calendar, place)
    }

    private func resolvedZone(_ zone: Time.Zone) throws(EvaluationError) -> Time.Zone {
        if let offset {
            return offset == 0 ? .utc : .fixed(offset, zoneName ?? Time.offset(offset, separator: ""))
        }
        guard let zoneName else { return zone }
        // An abbreviation that the place itself uses means the place.
        for month in [1, 7] {
            let day = CalendarTime(year: calendar.year, month: month, day: 1).seconds
            let rule = zone.rule(at: Int64(day))
            if rule.abbreviation == zoneName, rule.offset != 0 || zoneName == "UTC" {
                return .fixed(rule.offset, zoneName)
            }
        }
        guard let known = Time.Zone.abbreviations[zoneName] else {
            throw .message(
                "the time zone '\(zoneName)' is not known; hand over a location such as America/New_York")
        }
        return known
    }

    private func moment(_ calendar: CalendarTime, _ zone: Time.Zone) throws(EvaluationError) -> Time {
        guard calendar.day <= CalendarTime.days(in: calendar.month, of: calendar.year) else {
            throw wrong("month \(calendar.month) has no day \(calendar.day)")
        }
        let local = calendar.seconds
        // The offset depends on the moment that is looked for: a second look finds it.
        var offset = zone.rule(at: Int64(local)).offset
        offset = zone.rule(at: Int64(local - offset)).offset
        let (whole, overflow) = Int64(local - offset).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooMuch) = whole.addingReportingOverflow(Int64(calendar.nanosecond))
        guard !overflow, !tooMuch else { throw wrong("it is before 1677 or after 2262") }
        return Time(nanoseconds: sum, zone: zone)
    }
}

extension Character {
    /// Whether it is one of `0` to `9`.
    fileprivate var isDigit: Bool { isASCII && isNumber }
}
