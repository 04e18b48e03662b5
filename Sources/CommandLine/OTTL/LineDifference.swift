/// What differs between two texts, line by line.
enum LineDifference {
    /// Lines around a difference that are shown with it.
    private static let context = 3
    /// Pairs of lines that are compared at most; beyond that everything counts as different.
    private static let limit = 4_000_000

    /// The lines that differ with a few around them: `-` before, `+` after, `…` for what is left out.
    static func lines(_ before: [String], _ after: [String]) -> [String] {
        var start = 0
        while start < min(before.count, after.count), before[start] == after[start] { start += 1 }
        var end = 0
        while end < min(before.count, after.count) - start,
            before[before.count - 1 - end] == after[after.count - 1 - end]
        { end += 1 }
        let old = Array(before[start..<before.count - end])
        let new = Array(after[start..<after.count - end])
        let same = before[..<start].map { "  " + $0 }
        let rest = before[(before.count - end)...].map { "  " + $0 }
        return shortened(same + middle(old, new) + rest)
    }

    /// A shortest way from one to the other.
    private static func middle(_ old: [String], _ new: [String]) -> [String] {
        guard old.count * new.count <= limit else { return old.map { "- " + $0 } + new.map { "+ " + $0 } }
        var lengths = [[Int32]](repeating: [Int32](repeating: 0, count: new.count + 1), count: old.count + 1)
        for row in old.indices.reversed() {
            for column in new.indices.reversed() {
                lengths[row][column] =
                    old[row] == new[column]
                    ? lengths[row + 1][column + 1] + 1
                    : max(lengths[row + 1][column], lengths[row][column + 1])
            }
        }
        var (row, column, result) = (0, 0, [String]())
        while row < old.count || column < new.count {
            if row < old.count, column < new.count, old[row] == new[column] {
                result.append("  " + old[row])
                (row, column) = (row + 1, column + 1)
            } else if column == new.count
                || row < old.count && lengths[row + 1][column] >= lengths[row][column + 1]
            {
                result.append("- " + old[row])
                row += 1
            } else {
                result.append("+ " + new[column])
                column += 1
            }
        }
        return result
    }

    private static func shortened(_ lines: [String]) -> [String] {
        let changes = lines.indices.filter { !lines[$0].hasPrefix("  ") }
        var wanted = [Bool](repeating: false, count: lines.count)
        for change in changes {
            for index in max(0, change - context)...min(lines.count - 1, change + context) {
                wanted[index] = true
            }
        }
        var result: [String] = []
        for (index, line) in lines.enumerated() {
            if wanted[index] {
                result.append(line)
            } else if index == 0 || wanted[index - 1] {
                result.append("  …")
            }
        }
        return result
    }
}

/// JSON in lines, one for every value.
enum JSONLines {
    /// The lines of a JSON text that was written without space between its parts.
    static func lines(of json: String) -> [String] {
        var (lines, line, depth) = ([String](), "", 0)
        var (isInString, isEscaped) = (false, false)
        func indented(_ line: String, _ depth: Int) -> String { String(repeating: "  ", count: depth) + line }
        for scalar in json.unicodeScalars {
            if isInString {
                line.unicodeScalars.append(scalar)
                if scalar == "\"" && !isEscaped { isInString = false }
                isEscaped = scalar == "\\" && !isEscaped
                continue
            }
            switch scalar {
            case "{", "[":
                line.unicodeScalars.append(scalar)
                lines.append(indented(line, depth))
                (line, depth) = ("", depth + 1)
            case "}", "]":
                if !line.isEmpty { lines.append(indented(line, depth)) }
                (line, depth) = (String(scalar), depth - 1)
            case ",":
                lines.append(indented(line + ",", depth))
                line = ""
            case ":": line += ": "
            default:
                line.unicodeScalars.append(scalar)
                if scalar == "\"" { isInString = true }
            }
        }
        if !line.isEmpty { lines.append(indented(line, depth)) }
        return lines
    }
}
