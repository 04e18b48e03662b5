/// The rule for the time after the last entry of a zone file: a `TZ` string of POSIX, such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct TimeZoneRule: Sendable, Hashable {
    /// A moment of each year.
    enum Day: Sendable, Hashable {
        /// From 1 to 365; February 29 is never counted.
        case julian(Int)
        /// From 0 to 365.
        case zeroBased(Int)
        /// The weekday (0 is Sunday) of a week (5 is the last) of a month.
        case weekday(month: Int, week: Int, day: Int)
    }

    struct Change: Sendable, Hashable {
        let day: Day
        /// Seconds of local time after midnight; may be negative or more than a day.
        let time: Int
    }

    /// Seconds east of Greenwich.
    let standard: Int
    let summer: Int
    /// When summer time begins and ends; `nil` for a zone without.
    let changes: (begin: Change, end: Change)?

    static func == (left: Self, right: Self) -> Bool {
        left.standard == right.standard && left.summer == right.summer
            && left.changes?.begin == right.changes?.begin && left.changes?.end == right.changes?.end
    }

    func hash(into hasher: inout Hasher) { hasher.combine(standard) }

    /// Reads a rule; `nil` for another text.
    init?(_ text: some StringProtocol) {
        var reader = RuleReader(rest: Substring(text))
        guard reader.skipName(), let west = reader.time() else { return nil }
        standard = -west
        guard !reader.rest.isEmpty else {
            summer = -west
            changes = nil
            return
        }
        guard reader.skipName() else { return nil }
        if reader.rest.first == "," {
            summer = standard + 3600
        } else {
            guard let west = reader.time() else { return nil }
            summer = -west
        }
        guard let begin = reader.change(), let end = reader.change(), reader.rest.isEmpty else { return nil }
        changes = (begin, end)
    }

    /// Seconds east of Greenwich at a moment, in seconds since 1970.
    func offset(at moment: Int64) -> Int {
        guard let changes else { return standard }
        let year = CivilDay(secondsSince1970: moment + Int64(standard)).year
        let begin = changes.begin.moment(in: year) - Int64(standard)
        let end = changes.end.moment(in: year) - Int64(summer)
        let isSummer =
            begin < end ? (begin..<end).contains(moment) : !(end..<begin).contains(moment)
        return isSummer ? summer : standard
    }
}

extension TimeZoneRule.Change {
    /// The moment in seconds of local time.
    fileprivate func moment(in year: Int) -> Int64 {
        let first = CivilDay.daysSince1970(year, 1, 1)
        let isLeap = CivilDay.isLeap(year)
        let day: Int
        switch self.day {
        case .julian(let number): day = first + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .zeroBased(let number): day = first + number
        case .weekday(let month, let week, let weekday):
            let start = CivilDay.daysSince1970(year, month, 1)
            var number = start + (weekday - CivilDay.weekday(start) + 7) % 7 + (week - 1) * 7
            let next =
                month == 12
                ? CivilDay.daysSince1970(year + 1, 1, 1) : CivilDay.daysSince1970(year, month + 1, 1)
            while number >= next { number -= 7 }
            day = number
        }
        return Int64(day) * 86_400 + Int64(time)
    }
}

/// Reads the parts of a rule.
private struct RuleReader {
    var rest: Substring

    mutating func skipName() -> Bool {
        if rest.first == "<" {
            guard let end = rest.firstIndex(of: ">") else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let name = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(name.count)
        return name.count >= 3
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time() -> Int? {
        var sign = 1
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? -1 : 1
            rest = rest.dropFirst()
        }
        guard var seconds = number().map({ $0 * 3600 }) else { return nil }
        for unit in [60, 1] where rest.first == ":" {
            rest = rest.dropFirst()
            guard let part = number() else { return nil }
            seconds += part * unit
        }
        return sign * seconds
    }

    mutating func change() -> TimeZoneRule.Change? {
        guard rest.first == "," else { return nil }
        rest = rest.dropFirst()
        guard let day = day() else { return nil }
        guard rest.first == "/" else { return TimeZoneRule.Change(day: day, time: 7200) }
        rest = rest.dropFirst()
        return time().map { TimeZoneRule.Change(day: day, time: $0) }
    }

    private mutating func day() -> TimeZoneRule.Day? {
        switch rest.first {
        case "J":
            rest = rest.dropFirst()
            return number().flatMap { (1...365).contains($0) ? .julian($0) : nil }
        case "M":
            rest = rest.dropFirst()
            guard let month = number(), (1...12).contains(month), skipPoint(), let week = number(),
                (1...5).contains(week), skipPoint(), let day = number(), (0...6).contains(day)
            else { return nil }
            return .weekday(month: month, week: week, day: day)
        default: return number().flatMap { (0...365).contains($0) ? .zeroBased($0) : nil }
        }
    }

    private mutating func skipPoint() -> Bool {
        guard rest.first == "." else { return false }
        rest = rest.dropFirst()
        return true
    }

    private mutating func number() -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        guard digits.count <= 4, let number = Int(digits) else { return nil }
        rest = rest.dropFirst(digits.count)
        return number
    }
}
