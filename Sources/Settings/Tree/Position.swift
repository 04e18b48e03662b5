/// A place in a source; lines and columns count from 1, columns in Unicode scalars.
public struct Position: Sendable, Hashable, CustomStringConvertible {
    public let source: ConfigurationSource
    public let line: Int
    public let column: Int

    public init(_ source: ConfigurationSource, line: Int, column: Int) {
        self.source = source
        self.line = line
        self.column = column
    }

    /// The place of everything nobody wrote.
    public static let builtIn = Position(.builtIn, line: 0, column: 0)

    /// `file:line:column`, or only the name when the value is a default.
    public var description: String { line > 0 ? "\(source):\(line):\(column)" : "\(source)" }
}
