/// Prints diagnostics for people: the message, and the line of the source with a mark under the place.
///
/// Secrets that are written in the file are not shown: those that were read as such, what stands in their
/// place, and in a text that could not be read what follows a key that sounds like one.
public struct DiagnosticRenderer: Sendable {
    private let lines: [ConfigurationSource: [Substring]]

    /// - Parameter texts: The texts that were loaded; see `LoadedConfiguration.texts`.
    public init(texts: [ConfigurationSource: String]) {
        lines = texts.mapValues { $0.split(omittingEmptySubsequences: false) { $0.isNewline } }
    }

    /// One diagnostic in up to four lines, the last with its line end.
    public func render(_ diagnostic: Diagnostic) -> String {
        let place = diagnostic.position.map { "\($0): " } ?? ""
        let path = diagnostic.path.isEmpty ? "" : "\(diagnostic.keyPath): "
        let guess = diagnostic.suggestion.map { " (did you mean '\($0)'?)" } ?? ""
        var text = "\(place)\(diagnostic.severity.rawValue): \(path)\(diagnostic.message)\(guess)\n"
        guard
            let position = diagnostic.position, let lines = lines[position.source],
            lines.indices.contains(position.line - 1)
        else { return text }
        let shown = diagnostic.hidden.shown(lines[position.line - 1], column: max(1, position.column))
        let (line, column) = Self.window(shown.line[...], around: shown.column)
        let number = "\(position.line)"
        text += " \(number) | \(line)\n"
        text +=
            " " + String(repeating: " ", count: number.count) + " | "
            + String(repeating: " ", count: column - 1) + "^\n"
        return text
    }

    /// All of them, one after another.
    public func render(_ diagnostics: [Diagnostic]) -> String { diagnostics.map { render($0) }.joined() }

    /// At most a hundred characters of the line, with tabs as spaces, and the column in them.
    private static func window(_ line: Substring, around column: Int) -> (text: String, column: Int) {
        let scalars = Array(line.unicodeScalars.map { $0.value < 0x20 ? " " : $0 })
        let start = max(0, min(column - 60, scalars.count - 100))
        let shown = scalars.dropFirst(start).prefix(100)
        return (String(String.UnicodeScalarView(shown)), max(1, column - start))
    }
}
