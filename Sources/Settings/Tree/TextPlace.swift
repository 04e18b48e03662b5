/// A line and a column in a text, both from 1; columns count Unicode scalars.
struct TextPlace: Sendable, Equatable {
    var line: Int
    var column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// The place of a character, counted from 0.
    init(characterOffset: Int, in text: String) {
        let before = text.prefix(characterOffset)
        line = before.count { $0.isNewline } + 1
        let lineStart = before.lastIndex { $0.isNewline }.map(before.index(after:)) ?? before.startIndex
        column = before[lineStart...].unicodeScalars.count + 1
    }
}
