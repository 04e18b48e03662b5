internal import Glibc

/// A moment as people write it.
public struct CalendarTime: Sendable, Equatable {
    /// Where the moment is told.
    public enum Zone: Sendable {
        case utc
        /// The zone the machine is set to.
        case local
    }

    public let year: Int
    public let month: Int
    public let day: Int
    public let hour: Int
    public let minute: Int
    public let second: Int
    public let nanosecond: Int

    /// The moment `unixNanoseconds` after 1970-01-01T00:00:00Z.
    public init(unixNanoseconds: UInt64, in zone: Zone = .utc) {
        var seconds = time_t(unixNanoseconds / 1_000_000_000)
        var parts = tm()
        switch zone {
        case .utc: gmtime_r(&seconds, &parts)
        case .local: localtime_r(&seconds, &parts)
        }
        year = Int(parts.tm_year) + 1900
        month = Int(parts.tm_mon) + 1
        day = Int(parts.tm_mday)
        hour = Int(parts.tm_hour)
        minute = Int(parts.tm_min)
        second = Int(parts.tm_sec)
        nanosecond = Int(unixNanoseconds % 1_000_000_000)
    }

    /// The day, as in `2026-05-05`.
    public var date: String { "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))" }

    /// Hour, minute and second, as in `11:50:36`.
    public func time(separator: String = ":") -> String {
        [hour, minute, second].map { Self.padded($0, 2) }.joined(separator: separator)
    }

    /// What is beyond the second: `.5` for half of one, and nothing for none.
    public var fraction: String {
        guard nanosecond > 0 else { return "" }
        var digits = Self.padded(nanosecond, 9)[...]
        while digits.last == "0" { digits = digits.dropLast() }
        return "." + digits
    }

    /// RFC 3339 with as many digits as needed: `2026-05-05T11:50:36.6Z`; for moments told in UTC.
    public var rfc3339: String { "\(date)T\(time())\(fraction)Z" }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }
}
