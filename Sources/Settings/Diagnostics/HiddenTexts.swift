/// Texts that must not be shown beside a diagnostic; they are no part of what it says.
struct HiddenTexts: Sendable, Hashable {
    /// Shorter texts are not taken out of lines: they are found in every line.
    private static let shortest = 4

    /// `nil` when nobody knows, because the text could not be read as settings.
    var texts: Set<String>?

    static func == (left: Self, right: Self) -> Bool { true }

    func hash(into hasher: inout Hasher) {}

    /// A line with `***` for what must not be seen, and where its `column` stands then.
    func shown(_ line: Substring, column: Int) -> (line: String, column: Int) {
        guard let texts else {
            let line = Self.guessed(String(line))
            return (line, min(column, line.unicodeScalars.count))
        }
        let scalars = line.unicodeScalars
        let place = scalars.index(scalars.startIndex, offsetBy: column - 1, limitedBy: scalars.endIndex)
        let front = Self.removed(texts, from: String(line[..<(place ?? line.endIndex)]))
        let back = Self.removed(texts, from: String(line[(place ?? line.endIndex)...]))
        return (front + back, front.unicodeScalars.count + 1)
    }

    private static func removed(_ texts: Set<String>, from text: String) -> String {
        texts.filter { $0.utf8.count >= shortest && text.contains($0) }
            .sorted { $0.utf8.count > $1.utf8.count }
            .reduce(text) { text, secret in text.replacing(secret, with: "***") }
    }

    /// Hides what follows the first key that sounds like a secret.
    private static func guessed(_ text: String) -> String {
        guard let key = SecretNames.firstRange(in: text),
            let colon = text[key.upperBound...].firstIndex(where: { $0 == ":" || $0 == "=" })
        else { return text }
        return text[...colon] + " ***"
    }
}

extension [Diagnostic] {
    /// The same, but `texts` are not shown of the lines that they are about.
    public func hiding(_ texts: Set<String>) -> [Diagnostic] {
        map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.hidden.texts = texts
            return diagnostic
        }
    }
}
