/// Hours of the week in which agents may be changed: `Mon-Thu 08:00-16:00 Europe/Berlin`.
///
/// Days are `Mon`, `Mon-Fri`, `Sat,Sun` or `daily`; hours that end before they begin end on the next day,
/// and `24:00` is the end of a day. Without a zone the hours are those of UTC.
struct MaintenanceWindow: Sendable, Hashable {
    private static let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    /// As it was written.
    let text: String
    /// Days of the week on which it opens, 0 for Sunday.
    private let days: Set<Int>
    /// Minutes after midnight.
    private let begin: Int
    private let end: Int
    private let zone: ZoneFile

    /// Reads a window.
    ///
    /// - Parameters:
    ///   - text: The days, the hours and the zone.
    ///   - zone: Finds a zone by its name.
    /// - Throws: `WindowError` for another text.
    init(parsing text: String, zone: (String) -> ZoneFile?) throws(WindowError) {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard (2...3).contains(words.count) else {
            throw WindowError("'\(text)' is not a window such as Mon-Thu 08:00-16:00 Europe/Berlin")
        }
        let hours = words[1].split(separator: "-", omittingEmptySubsequences: false)
        guard hours.count == 2, let begin = Self.minutes(hours[0]), let end = Self.minutes(hours[1]),
            begin != end, begin < 24 * 60
        else { throw WindowError("'\(words[1])' are no hours such as 08:00-16:00") }
        let name = words.count == 3 ? String(words[2]) : "UTC"
        guard let zone = zone(name) else {
            throw WindowError("the time zone '\(name)' is not known here; names are like Europe/Berlin")
        }
        self.text = text
        days = try Self.days(words[0])
        self.begin = begin
        self.end = end
        self.zone = zone
    }

    /// Whether it is open at a moment, in seconds since 1970.
    func contains(_ moment: Int64) -> Bool {
        let local = moment + Int64(zone.offset(at: moment))
        let day = CivilDay(secondsSince1970: local).number
        let minute = Int(local - Int64(day) * 86_400) / 60
        let today = days.contains(CivilDay.weekday(day))
        if begin < end { return today && (begin..<end).contains(minute) }
        if today, minute >= begin { return true }
        return minute < end && days.contains(CivilDay.weekday(day - 1))
    }

    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]),
            (0...24).contains(hour), (0..<60).contains(minute), hour < 24 || minute == 0
        else { return nil }
        return hour * 60 + minute
    }

    private static func days(_ text: Substring) throws(WindowError) -> Set<Int> {
        if text.lowercased() == "daily" { return Set(0...6) }
        var days: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { names.firstIndex(of: String($0).lowercased()) }
            guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1] else {
                throw WindowError("'\(part)' are no days such as Mon-Fri, Sat or daily")
            }
            var day = first
            days.insert(day)
            while day != last {
                day = (day + 1) % 7
                days.insert(day)
            }
        }
        return days
    }
}

/// Why a text is not a window.
struct WindowError: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
