internal import Glibc

/// How long another side wants to be left alone: `Retry-After` (RFC 9110, section 10.2.3), as seconds or as a
/// date, and the bound for what other protocols say about it.
public enum RetryAfter {
    /// The time to wait from now; `nil` when the value is neither or lies in the past.
    public static func delay(_ value: String) -> Duration? { delay(value, now: time(nil)) }

    /// The time to wait from `now`, in seconds since 1970.
    static func delay(_ value: String, now: Int) -> Duration? {
        if let seconds = Int(value) { return seconds < 0 ? nil : bounded(.seconds(seconds)) }
        guard let date = date(value), date > now else { return nil }
        return bounded(.seconds(date - now))
    }

    /// A server that asks for more than a day means for ever; whether to wait that long is for
    /// `max_elapsed_time` to decide.
    public static func bounded(_ delay: Duration) -> Duration { min(max(delay, .zero), .seconds(86_400)) }

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Int? {
        let fields = text.split { $0 == " " || $0 == "," || $0 == ":" }
        guard fields.count == 8, fields[7] == "GMT", let month = months.firstIndex(of: String(fields[2]))
        else {
            return nil
        }
        let numbers = [fields[1], fields[3], fields[4], fields[5], fields[6]].compactMap { Int32($0) }
        guard numbers.count == 5, numbers.allSatisfy({ (0...9999).contains($0) }) else { return nil }
        var parts = tm()
        (parts.tm_mday, parts.tm_mon, parts.tm_year) = (numbers[0], Int32(month), numbers[1] - 1900)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[2], numbers[3], numbers[4])
        return timegm(&parts)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
