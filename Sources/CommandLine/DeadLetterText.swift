internal import Delivery
internal import Engine
internal import Pipeline
internal import Settings
internal import Telemetry

/// Dead letters as people and programs read them.
enum DeadLetterText {
    /// Longest part of a reason in a line of a table.
    private static let reasonWidth = 100

    /// A line for each letter, with a heading.
    static func table(of letters: [DeadLetter]) -> [String] {
        let rows =
            [["ID", "TIME", "ITEMS", "ATTEMPTS", "REASON"]]
            + letters.map { letter in
                let reason = printable(letter.reason)
                return [
                    letter.id, time(of: letter), "\(letter.itemCount)", "\(letter.attempts)",
                    reason.count > reasonWidth ? reason.prefix(reasonWidth) + "…" : reason,
                ]
            }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).dropLast()
                .map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ") + "  " + (row.last ?? "")
        }
    }

    /// Everything about one letter, a line each.
    static func facts(of letter: DeadLetter) -> [String] {
        [
            ("id", letter.id), ("time", time(of: letter)), ("exporter", letter.exporter),
            ("pipeline", letter.pipeline), ("signal", letter.signal.rawValue), ("reason", letter.reason),
            ("attempts", "\(letter.attempts)"), ("items", "\(letter.itemCount)"),
            ("bytes", "\(letter.byteCount)"), ("sender", letter.peer),
        ]
        .filter { !$0.1.isEmpty }
        .map { name, value in
            "\(name):" + String(repeating: " ", count: 10 - name.count) + printable(value)
        }
    }

    /// The same for programs.
    static func tree(of letter: DeadLetter) -> Tree {
        .table([
            "id": .text(letter.id), "time": .text(time(of: letter)), "signal": .text(letter.signal.rawValue),
            "exporter": .text(letter.exporter), "pipeline": .text(letter.pipeline),
            "reason": .text(letter.reason), "attempts": .number(letter.attempts),
            "items": .number(letter.itemCount), "bytes": .number(letter.byteCount),
            "sender": .text(letter.peer),
        ])
    }

    /// What became of a letter that was sent once more.
    static func line(of replayed: ReplayedLetter) -> String {
        let (id, items) = (replayed.letter.id, replayed.letter.itemCount)
        switch replayed.outcome {
        case .delivered(let rejected, let message):
            let remark = message.isEmpty ? "" : ": \(printable(message))"
            let part = rejected > 0 ? ", of which the backend rejected \(rejected)" : ""
            return "delivered    \(id)  \(items) items\(part)\(remark)"
        case .refused(let reason): return "refused      \(id)  \(items) items: \(printable(reason))"
        case .unreached(let reason): return "not reached  \(id)  \(items) items: \(printable(reason))"
        }
    }

    private static func time(of letter: DeadLetter) -> String {
        CalendarTime(unixNanoseconds: letter.time).rfc3339
    }

    /// One line that does nothing to a terminal: what a backend says is not ours.
    private static func printable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            result.unicodeScalars.append(isControl ? " " : scalar)
        }
        return result
    }
}
