/// Days of the Gregorian calendar, counted.
struct CivilDay: Sendable, Hashable {
    /// Days since 1970-01-01.
    let number: Int

    init(secondsSince1970 seconds: Int64) {
        number = Int((seconds - (seconds % 86_400 + 86_400) % 86_400) / 86_400)
    }

    /// The year of the day.
    var year: Int {
        // Howard Hinnant's algorithm: eras of 400 years that begin in March.
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let dayOfYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        return yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0)
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// The days from 1970-01-01 to a date.
    static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The day of the week, from 0 for Sunday to 6.
    static func weekday(_ number: Int) -> Int { ((number + 4) % 7 + 7) % 7 }
}
