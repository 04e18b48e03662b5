internal import Pipeline
internal import Settings

/// Words and numbers as they stand in tables and lines.
enum PlainText {
    /// One line that does nothing to a terminal: what a collector says may come from its senders.
    static func line(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            result.append(isControl ? " " : scalar)
        }
        return String(result)
    }

    /// At most `width` characters; what is longer ends with a mark.
    static func cut(_ text: String, to width: Int) -> String {
        text.count <= width ? text : String(text.prefix(max(width - 1, 0))) + (width > 0 ? "…" : "")
    }

    /// Columns under a heading, as wide as they have to be.
    ///
    /// - Parameters:
    ///   - heading: The names of the columns.
    ///   - rows: As many cells each.
    ///   - right: The columns that are numbers, by index.
    /// - Returns: The lines, the heading first.
    static func table(_ heading: [String], _ rows: [[String]], right: Set<Int> = []) -> [String] {
        let all = [heading] + rows
        let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (right.contains(column) ? space + cell : cell + space)
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// A number in few characters: `0`, `0.5`, `120`, `12.3k`, `4.5M`.
    static func short(_ number: Double) -> String {
        for (size, unit) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where number >= size * 0.9995 {
            return tenths(number / size) + unit
        }
        return number >= 99.95 ? "\(Int(number.rounded()))" : tenths(number)
    }

    /// A number in few characters.
    static func short(_ number: Int) -> String { short(Double(number)) }

    /// With one digit behind the point, unless it is a zero.
    private static func tenths(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// A length of time in two units at most: `12s`, `3h2m`, `2d4h`.
    static func time(seconds: Int) -> String {
        switch max(seconds, 0) {
        case let time where time < 60: "\(time)s"
        case let time where time < 3600: joined(time / 60, "m", time % 60, "s")
        case let time where time < 86_400: joined(time / 3600, "h", time % 3600 / 60, "m")
        case let time: joined(time / 86_400, "d", time % 86_400 / 3600, "h")
        }
    }

    /// A length of time that is given as Go writes it.
    static func time(goSyntax text: String) -> String {
        Duration(goSyntax: text).map { time(seconds: Int($0.components.seconds)) } ?? line(text)
    }

    private static func joined(_ first: Int, _ unit: String, _ second: Int, _ other: String) -> String {
        second == 0 ? "\(first)\(unit)" : "\(first)\(unit)\(second)\(other)"
    }

    /// `recoverable error` for `StatusRecoverableError`.
    static func status(_ name: String) -> String {
        let name = name.hasPrefix("Status") ? name.dropFirst(6) : name[...]
        guard name != "OK" else { return "ok" }
        return name.reduce(into: "") { text, letter in
            if letter.isUppercase, !text.isEmpty { text += " " }
            text += letter.lowercased()
        }
    }

    /// `2026-05-05 11:50:36` for a time of RFC 3339; fractions are left out.
    static func moment(_ text: String) -> String {
        guard text.count >= 19 else { return line(text) }
        return line(String(text.prefix(19))).replacing("T", with: " ")
    }

    /// Seconds since 1970 for a time of RFC 3339 in UTC; `nil` for anything else.
    static func seconds(_ text: String) -> Int? {
        let numbers = text.prefix(19).split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
        guard text.count >= 20, text.hasSuffix("Z"), numbers.count == 6 else { return nil }
        // Years begin with March here, so that the day that is there only sometimes is the last one.
        let year = numbers[1] <= 2 ? numbers[0] - 1 : numbers[0]
        let dayOfYear = (153 * ((numbers[1] + 9) % 12) + 2) / 5 + numbers[2] - 1
        let days = 365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
        return days * 86_400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    }

    /// How long ago `text` was at `now`, both as in RFC 3339; empty when it is not known.
    static func age(_ text: String?, at now: Int?) -> String {
        guard let now, let moment = text.flatMap({ seconds($0) }) else { return "" }
        return time(seconds: now - moment)
    }
}
