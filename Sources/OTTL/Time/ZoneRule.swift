/// When summer time begins and ends each year: the TZ string of POSIX, as in `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule: Sendable {
    /// A day of the year and the seconds of it, on the clocks before the change.
    private struct Change {
        enum Day {
            /// Month, week (5 for the last), day of the week.
            case weekday(Int, Int, Int)
            /// Day of the year from 1, February 29 not counted.
            case julian(Int)
            /// Day of the year from 0.
            case ordinal(Int)
        }
        let day: Day
        let time: Int

        /// Seconds since 1970 on the clocks before the change.
        func seconds(in year: Int) -> Int {
            let newYear = CalendarTime(year: year, month: 1, day: 1).days
            let days: Int
            switch day {
            case .ordinal(let day): days = newYear + day
            case .julian(let day): days = newYear + day - 1 + (day >= 60 && CalendarTime.isLeap(year) ? 1 : 0)
            case .weekday(let month, let week, let weekday):
                let first = CalendarTime(year: year, month: month, day: 1)
                var date = 1 + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
                if date > CalendarTime.days(in: month, of: year) { date -= 7 }
                days = first.days + date - 1
            }
            return days * 86_400 + time
        }
    }

    private let standard: (offset: Int, abbreviation: String)
    private let summer: (offset: Int, abbreviation: String)?
    private let begin: Change?
    private let end: Change?

    /// Reads a TZ string; `nil` when it is none.
    init?(_ text: String) {
        var reader = Reader(text)
        guard let name = reader.name(), let offset = reader.time() else { return nil }
        standard = (-offset, name)
        guard !reader.isAtEnd else {
            (summer, begin, end) = (nil, nil, nil)
            return
        }
        guard let name = reader.name() else { return nil }
        var summerOffset = -offset + 3600
        if reader.peek != "," {
            guard let time = reader.time() else { return nil }
            summerOffset = -time
        }
        guard let begin = Self.change(&reader), let end = Self.change(&reader), reader.isAtEnd else {
            return nil
        }
        summer = (summerOffset, name)
        (self.begin, self.end) = (begin, end)
    }

    /// Seconds ahead of UTC, and the abbreviation, at a moment.
    func rule(at seconds: Int64) -> (offset: Int, abbreviation: String) {
        guard let summer, let begin, let end else { return standard }
        let local = Int(seconds) + standard.offset
        let year = CalendarTime(days: local >= 0 ? local / 86_400 : (local - 86_399) / 86_400).year
        let from = begin.seconds(in: year) - standard.offset
        let until = end.seconds(in: year) - summer.offset
        // South of the equator summer lasts over the new year.
        let isSummer =
            from < until ? from <= seconds && seconds < until : !(until <= seconds && seconds < from)
        return isSummer ? summer : standard
    }

    private static func change(_ reader: inout Reader) -> Change? {
        guard reader.take(",") else { return nil }
        let day: Change.Day
        if reader.take("M") {
            guard let month = reader.number(), 1...12 ~= month, reader.take("."), let week = reader.number(),
                1...5 ~= week, reader.take("."), let weekday = reader.number(), 0...6 ~= weekday
            else { return nil }
            day = .weekday(month, week, weekday)
        } else if reader.take("J") {
            guard let number = reader.number() else { return nil }
            day = .julian(number)
        } else {
            guard let number = reader.number() else { return nil }
            day = .ordinal(number)
        }
        guard reader.take("/") else { return Change(day: day, time: 7200) }
        return reader.time().map { Change(day: day, time: $0) }
    }

    private struct Reader {
        private let text: [Character]
        private var position = 0

        init(_ text: String) { self.text = Array(text) }

        var peek: Character? { position < text.count ? text[position] : nil }
        var isAtEnd: Bool { position == text.count }

        mutating func take(_ character: Character) -> Bool {
            guard peek == character else { return false }
            position += 1
            return true
        }

        /// A name: letters, or anything between `<` and `>`.
        mutating func name() -> String? {
            if take("<") {
                let start = position
                while let character = peek, character != ">" { position += 1 }
                let name = String(text[start..<position])
                return take(">") ? name : nil
            }
            let start = position
            while let character = peek, character.isLetter { position += 1 }
            return position > start ? String(text[start..<position]) : nil
        }

        mutating func number() -> Int? {
            let start = position
            while position - start < 6, let character = peek, character.isASCII, character.isNumber {
                position += 1
            }
            return Int(String(text[start..<position]))
        }

        /// Hours, and perhaps minutes and seconds.
        mutating func time() -> Int? {
            let sign = take("-") ? -1 : 1
            if sign > 0 { _ = take("+") }
            guard let hours = number() else { return nil }
            var seconds = hours * 3600
            for unit in [60, 1] where take(":") {
                guard let part = number() else { return nil }
                seconds += part * unit
            }
            return sign * seconds
        }
    }
}
