/// A moment as calendar and clock show it in a time zone.
struct CalendarTime {
    var year: Int
    /// From 1.
    var month: Int
    var day: Int
    var hour = 0
    var minute = 0
    var second = 0
    var nanosecond = 0

    /// The date of a number of days since 1970, in the Gregorian calendar.
    init(days: Int) {
        // Counted in eras of 400 years that begin in March, so that leap days come last.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// What clocks with an offset from UTC show at a moment.
    init(nanoseconds: Int64, offset: Int) {
        let (seconds, nanosecond) = Self.split(nanoseconds)
        let local = Int(seconds) + offset
        let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        self.init(days: days)
        let rest = local - days * 86_400
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        self.nanosecond = nanosecond
    }

    /// A date, at midnight.
    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Whole seconds, rounded down, and nanoseconds of the second.
    static func split(_ nanoseconds: Int64) -> (seconds: Int64, nanosecond: Int) {
        let rest = nanoseconds % 1_000_000_000
        return (nanoseconds / 1_000_000_000 - (rest < 0 ? 1 : 0), Int(rest < 0 ? rest + 1_000_000_000 : rest))
    }

    /// Days since 1970.
    var days: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Seconds since 1970 as if the zone were UTC.
    var seconds: Int { days * 86_400 + hour * 3600 + minute * 60 + second }

    /// 0 for Sunday.
    var weekday: Int { ((days + 4) % 7 + 7) % 7 }

    static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Time {
    /// What calendar and clock show in its zone.
    var calendar: CalendarTime {
        CalendarTime(
            nanoseconds: nanoseconds, offset: zone.rule(at: CalendarTime.split(nanoseconds).seconds).offset)
    }

    /// As in `2006-01-02T15:04:05.999999999Z`, with as many decimals as there are.
    var rfc3339: String {
        let time = calendar
        var text = "\(Self.digits(time.year, 4))-\(Self.digits(time.month, 2))-\(Self.digits(time.day, 2))"
        text += "T\(Self.digits(time.hour, 2)):\(Self.digits(time.minute, 2)):\(Self.digits(time.second, 2))"
        if time.nanosecond > 0 {
            var decimals = Self.digits(time.nanosecond, 9)
            while decimals.hasSuffix("0") { decimals.removeLast() }
            text += ".\(decimals)"
        }
        let offset = zone.rule(at: CalendarTime.split(nanoseconds).seconds).offset
        return text + (offset == 0 ? "Z" : Self.offset(offset, separator: ":"))
    }

    /// A number with leading zeros.
    static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(width - text.count, 0)) + text
    }

    /// An offset from UTC as in `+02:00`.
    static func offset(_ seconds: Int, separator: String) -> String {
        let size = abs(seconds)
        return "\(seconds < 0 ? "-" : "+")\(digits(size / 3600, 2))\(separator)\(digits(size / 60 % 60, 2))"
    }
}
