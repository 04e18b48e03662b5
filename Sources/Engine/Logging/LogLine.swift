internal import Glibc
internal import Logging
internal import Wire

/// The text of one log line.
enum LogLine {
    /// Time, level, message, and the fields as JSON, separated by tabs as otelcol does.
    static func console(
        _ time: UInt64, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        var line = "\(timestamp(time))\t\(name(of: level))\t\(message)"
        if !fields.isEmpty {
            line += "\t{" + members(fields, ": ", ", ") + "}"
        }
        return line + "\n"
    }

    /// One JSON object with `level`, `ts`, `msg` and the fields.
    static func json(
        _ time: UInt64, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> String {
        let all = [("level", name(of: level)), ("ts", timestamp(time)), ("msg", message)] + fields
        return "{" + members(all, ":", ",") + "}\n"
    }

    private static func members(
        _ fields: [(String, String)], _ colon: String, _ separator: String
    ) -> String {
        fields.map { JSONText.quoted($0.0) + colon + JSONText.quoted($0.1) }.joined(separator: separator)
    }

    /// otelcol knows five levels; swift-log's finer ones map to their neighbours.
    static func name(of level: Logger.Level) -> String {
        switch level {
        case .trace, .debug: "debug"
        case .info, .notice: "info"
        case .warning: "warn"
        case .error: "error"
        case .critical: "fatal"
        }
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z.
    static func now() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return UInt64(max(now.tv_sec, 0)) * 1_000_000_000 + UInt64(now.tv_nsec)
    }

    /// UTC with milliseconds, as in `2026-05-05T11:50:36.626Z`.
    static func timestamp(_ time: UInt64) -> String {
        var seconds = Int(time / 1_000_000_000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date = "\(1900 + Int(parts.tm_year))-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let milliseconds = String(time % 1_000_000_000 / 1_000_000)
        let padded = String(repeating: "0", count: 3 - milliseconds.count) + milliseconds
        return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padded)Z"
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
