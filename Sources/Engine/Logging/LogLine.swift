internal import Glibc
internal import Logging

/// The text of one log line.
enum LogLine {
    /// Time, level, message, and the fields as JSON, separated by tabs as otelcol does.
    static func console(_ level: Logger.Level, _ message: String, _ fields: [(String, String)]) -> String {
        var line = "\(timestamp())\t\(name(of: level))\t\(message)"
        if !fields.isEmpty {
            line += "\t{" + fields.map { quoted($0.0) + ": " + quoted($0.1) }.joined(separator: ", ") + "}"
        }
        return line + "\n"
    }

    /// One JSON object with `level`, `ts`, `msg` and the fields.
    static func json(_ level: Logger.Level, _ message: String, _ fields: [(String, String)]) -> String {
        let all = [("level", name(of: level)), ("ts", timestamp()), ("msg", message)] + fields
        return "{" + all.map { quoted($0.0) + ":" + quoted($0.1) }.joined(separator: ",") + "}\n"
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

    /// UTC with milliseconds, as in `2026-05-05T11:50:36.626Z`.
    static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        let date = "\(1900 + Int(parts.tm_year))-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let milliseconds = String(now.tv_nsec / 1_000_000)
        let padded = String(repeating: "0", count: 3 - milliseconds.count) + milliseconds
        return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padded)Z"
    }

    private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `text` as a JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
