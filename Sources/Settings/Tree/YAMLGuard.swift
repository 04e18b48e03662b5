/// Refuses what would make the YAML parser itself run out of stack or time, before it is asked.
enum YAMLGuard {
    /// What is wrong and where; `nil` when the text may be parsed.
    static func problem(in text: String) -> (position: TextPlace, message: String)? {
        var scan = Scan()
        for scalar in text.unicodeScalars {
            if let message = scan.step(scalar) { return (scan.place, message) }
        }
        return nil
    }

    /// Counts brackets that are open at once, and aliases, without understanding quotes: a text with that
    /// many is refused even when they are inside quotes.
    private struct Scan {
        var place = TextPlace(line: 1, column: 0)
        private var open = 0
        private var dashes = 0
        private var aliases = 0
        private var previous: Unicode.Scalar = "\n"
        private var isIndentation = true
        /// Whether only an alias has been read since the last separator.
        private var followsAlias = false

        mutating func step(_ scalar: Unicode.Scalar) -> String? {
            place.column += 1
            defer { previous = scalar }
            switch scalar {
            case "\n":
                place = TextPlace(line: place.line + 1, column: 0)
                dashes = 0
                isIndentation = true
                followsAlias = false
                return nil
            case "[", "{": open += 1
            case "]", "}": open = max(0, open - 1)
            case "-", "?": if isIndentation { dashes += 1 }
            case ",": followsAlias = false
            case "*":
                if " [{,\n\t".unicodeScalars.contains(previous) {
                    aliases += 1
                    followsAlias = true
                }
            default: if scalar != " " { isIndentation = false }
            }
            if open > Tree.maximumDepth || dashes > Tree.maximumDepth {
                return "is nested more than \(Tree.maximumDepth) deep"
            }
            if aliases > Self.aliasesInKeys, isKeyOfParts(scalar) {
                return "has a list or a map as a key, which is not possible here"
            }
            return aliases > 10_000 ? "has more than 10000 aliases" : nil
        }

        /// The parser hashes keys with everything their aliases stand for; with so few, that is little.
        private static let aliasesInKeys = 30

        /// Whether `scalar` ends, or begins, a key that is not text.
        private func isKeyOfParts(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case ":": "]}".unicodeScalars.contains(previous) || followsAlias
            case "?": isIndentation || "[{,".unicodeScalars.contains(previous)
            default: false
            }
        }
    }
}
