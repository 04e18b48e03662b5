/// What tells two texts apart, line by line, as a unified diff.
///
/// Bounded: beyond `mostEdits` lines that differ, or `mostLines` lines, everything between the lines at both
/// ends that are equal is shown as taken out and put in.
public struct TextDifference: Sendable, Equatable {
    /// The most changed lines for which the shortest way is looked for; memory grows with its square.
    public static let mostEdits = 1000
    /// The most lines of a text that are compared line by line.
    public static let mostLines = 50_000

    /// One line of either text.
    enum Line: Equatable {
        case same(Substring)
        case removed(Substring)
        case added(Substring)
    }

    let lines: [Line]

    /// Compares two texts.
    public init(_ before: String, _ after: String) {
        lines = Self.compare(
            before.isEmpty ? [] : before.split(separator: "\n", omittingEmptySubsequences: false),
            after.isEmpty ? [] : after.split(separator: "\n", omittingEmptySubsequences: false))
    }

    /// Whether both texts are the same.
    public var isEmpty: Bool { !lines.contains { if case .same = $0 { false } else { true } } }

    /// Lines that were put in and taken out.
    public var counts: (added: Int, removed: Int) {
        lines.reduce(into: (added: 0, removed: 0)) { counts, line in
            switch line {
            case .same: break
            case .added: counts.added += 1
            case .removed: counts.removed += 1
            }
        }
    }

    /// A unified diff with three lines around each change; empty when there is none.
    public func unified(before: String, after: String, context: Int = 3) -> String {
        guard !isEmpty else { return "" }
        var text = "--- \(before)\n+++ \(after)\n"
        for range in hunks(context: context) { text += hunk(range) }
        return text
    }

    // MARK: - Hunks

    private func hunks(context: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        for (index, line) in lines.enumerated() {
            if case .same = line { continue }
            let range = max(index - context, 0)..<min(index + context + 1, lines.count)
            if let last = ranges.last, last.upperBound >= range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        return ranges
    }

    private func hunk(_ range: Range<Int>) -> String {
        var (old, new) = (0, 0)
        for line in lines[..<range.lowerBound] { Self.count(line, &old, &new) }
        var (oldCount, newCount) = (0, 0)
        var body = ""
        for line in lines[range] {
            Self.count(line, &oldCount, &newCount)
            switch line {
            case .same(let text): body += " \(text)\n"
            case .removed(let text): body += "-\(text)\n"
            case .added(let text): body += "+\(text)\n"
            }
        }
        let before = Self.place(old, oldCount)
        return "@@ -\(before) +\(Self.place(new, newCount)) @@\n" + body
    }

    private static func count(_ line: Line, _ old: inout Int, _ new: inout Int) {
        switch line {
        case .same: (old, new) = (old + 1, new + 1)
        case .removed: old += 1
        case .added: new += 1
        }
    }

    /// `start,count` as diff writes it: an empty range is named by the line before it.
    private static func place(_ before: Int, _ count: Int) -> String {
        let start = count == 0 ? before : before + 1
        return count == 1 ? "\(start)" : "\(start),\(count)"
    }

    // MARK: - Comparing

    private static func compare(_ before: [Substring], _ after: [Substring]) -> [Line] {
        var (start, oldEnd, newEnd) = (0, before.count, after.count)
        while start < oldEnd, start < newEnd, before[start] == after[start] { start += 1 }
        while oldEnd > start, newEnd > start, before[oldEnd - 1] == after[newEnd - 1] {
            (oldEnd, newEnd) = (oldEnd - 1, newEnd - 1)
        }
        let (old, new) = (before[start..<oldEnd], after[start..<newEnd])
        let middle = shortest(Array(old), Array(new))
        return before[..<start].map { .same($0) }
            + (middle ?? old.map { .removed($0) } + new.map { .added($0) })
            + before[oldEnd...].map { .same($0) }
    }

    /// The shortest way from one to the other; `nil` when it is longer than `mostEdits`.
    ///
    /// After E. Myers, "An O(ND) Difference Algorithm and Its Variations".
    private static func shortest(_ old: [Substring], _ new: [Substring]) -> [Line]? {
        guard old.count <= mostLines, new.count <= mostLines else { return nil }
        // Numbers for lines, so that comparing is quick.
        var numbers: [Substring: Int32] = [:]
        func number(_ line: Substring) -> Int32 {
            if let known = numbers[line] { return known }
            numbers[line] = Int32(numbers.count)
            return Int32(numbers.count - 1)
        }
        let (left, right) = (old.map(number), new.map(number))
        // reached[d][k + d] is how far the best way with d edits gets on the diagonal k.
        var reached: [[Int32]] = []
        for edits in 0...min(mostEdits, left.count + right.count) {
            var row = [Int32](repeating: 0, count: 2 * edits + 1)
            for diagonal in stride(from: -edits, through: edits, by: 2) {
                var x = Int(step(reached.last, diagonal, edits).x)
                var y = x - diagonal
                while x < left.count, y < right.count, left[x] == right[y] { (x, y) = (x + 1, y + 1) }
                row[diagonal + edits] = Int32(x)
                if x >= left.count, y >= right.count {
                    return way(back: reached, from: diagonal, old, new)
                }
            }
            reached.append(row)
        }
        return nil
    }

    /// Where a diagonal begins after one more edit, and whether that edit takes a line out.
    private static func step(_ last: [Int32]?, _ diagonal: Int, _ edits: Int) -> (x: Int32, removes: Bool) {
        guard let last else { return (0, false) }
        let place = diagonal + edits - 1
        let down = last.indices.contains(place + 1) ? last[place + 1] : -1
        let right = last.indices.contains(place - 1) ? last[place - 1] : -1
        return diagonal == -edits || diagonal != edits && right < down ? (down, false) : (right + 1, true)
    }

    private static func way(
        back reached: [[Int32]], from end: Int, _ old: [Substring], _ new: [Substring]
    ) -> [Line] {
        var lines: [Line] = []
        var (x, y, diagonal) = (old.count, new.count, end)
        for edits in stride(from: reached.count, to: 0, by: -1) {
            let (start, removes) = step(reached[edits - 1], diagonal, edits)
            while x > Int(start), y > Int(start) - diagonal {
                lines.append(.same(old[x - 1]))
                (x, y) = (x - 1, y - 1)
            }
            if removes {
                x -= 1
                lines.append(.removed(old[x]))
                diagonal -= 1
            } else {
                y -= 1
                lines.append(.added(new[y]))
                diagonal += 1
            }
        }
        while x > 0 {
            x -= 1
            lines.append(.same(old[x]))
        }
        return lines.reversed()
    }
}
