/// Finds the second appearance of a key in the text of a mapping.
enum DuplicateKey {
    /// Renames the next appearance of a key in the same mapping to something no one writes, of the same
    /// length.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - first: Where it appears first.
    ///   - text: The document.
    /// - Returns: Where the second appearance is; `nil` when it is not found because it is written in an
    ///   unusual way.
    static func rename(_ key: String, after first: (line: Int, column: Int), in text: inout String)
        -> TextPlace?
    {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            Array($0.unicodeScalars)
        }
        let wanted = Array(key.unicodeScalars)
        guard !wanted.isEmpty, lines.indices.contains(first.line - 1) else { return nil }
        var line = first.line - 1
        var column = first.column - 1 + wanted.count
        let isFlow = lines[line][..<min(first.column - 1, lines[line].count)].contains { $0 == "{" }
        while line < lines.count {
            if let found = find(wanted, in: lines[line], from: column, only: isFlow ? nil : first.column - 1)
            {
                lines[line].replaceSubrange(
                    found..<(found + wanted.count), with: marker(wanted.count, line: line))
                text = lines.map { String(String.UnicodeScalarView($0)) }.joined(separator: "\n")
                return TextPlace(line: line + 1, column: found + 1)
            }
            line += 1
            column = 0
        }
        return nil
    }

    /// Whether `rename` made this key.
    static func isRenamed(_ key: String) -> Bool { key.unicodeScalars.first.map(isMarker) ?? false }

    private static func find(
        _ wanted: [Unicode.Scalar], in line: [Unicode.Scalar], from start: Int, only column: Int?
    ) -> Int? {
        guard line.count >= wanted.count else { return nil }
        for place in 0...(line.count - wanted.count) where place >= start {
            guard line[place..<(place + wanted.count)].elementsEqual(wanted) else { continue }
            var end = place + wanted.count
            var begin = place
            if begin > 0, end < line.count, line[begin - 1] == line[end],
                line[end] == "'" || line[end] == "\""
            {
                begin -= 1
                end += 1
            }
            let follows = line[end...].drop { $0 == " " }
            guard follows.first == ":" else { continue }
            if let column {
                if begin == column { return place }
            } else if begin == 0 || line[begin - 1] == " " || line[begin - 1] == "," || line[begin - 1] == "{"
            {
                return place
            }
        }
        return nil
    }

    /// Scalars for private use; the first tells the lines apart so that two renamed keys differ.
    private static func marker(_ count: Int, line: Int) -> [Unicode.Scalar] {
        let scalar = Unicode.Scalar(UInt32(0xE000 + line % 0x1800)) ?? "\u{E000}"
        return Array(repeating: scalar, count: count)
    }

    private static func isMarker(_ scalar: Unicode.Scalar) -> Bool {
        (0xE000..<0xF800).contains(scalar.value)
    }
}
