public import Settings

/// A statement or condition as it stands in a configuration: its text, and where it begins.
///
/// As a field of settings it is read before it is known which context it belongs to; mistakes in it are
/// told with `diagnostic(_:path:)` then.
public struct StatementSource: SettingValue, Hashable {
    public let text: String
    /// Where the text begins; `nil` when it was not read from a configuration.
    public let position: Position?
    /// Whether a column of the text is so many columns further on in the file: neither quotes, lines nor
    /// expansion are between them.
    private let isVerbatim: Bool

    /// Makes one that stands in no configuration.
    public init(_ text: String) {
        self.text = text
        position = nil
        isVerbatim = false
    }

    private init(_ text: String, at tree: Tree) {
        self.text = text
        position = tree.position
        isVerbatim = tree.scalar?.style == .plain && tree.originalText == nil && !text.contains("\n")
    }

    /// A mistake in the statement, at the column of the file where that can be said and at its beginning
    /// otherwise.
    public func diagnostic(_ error: OTTLError, path: [String]) -> Diagnostic {
        var place = position
        if let position, isVerbatim {
            place = Position(
                position.source, line: position.line, column: position.column + error.range.lowerBound)
        }
        let message = "column \(error.range.lowerBound + 1) of '\(shortened)': \(error.message)"
        return Diagnostic(at: place, path: path, message, suggestion: error.suggestion)
    }

    private var shortened: String {
        text.unicodeScalars.count <= 200 ? text : String(text.prefix(199)) + "…"
    }

    // What a statement says does not depend on where it stands.
    public static func == (left: Self, right: Self) -> Bool { left.text == right.text }

    public func hash(into hasher: inout Hasher) { hasher.combine(text) }

    public static var kind: String { "a statement" }
    public static var schema: Tree { .table(["type": .text("string")]) }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if let text = tree.text { return StatementSource(text, at: tree) }
        reader.mismatch(tree, expected: kind)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(text) }
}
