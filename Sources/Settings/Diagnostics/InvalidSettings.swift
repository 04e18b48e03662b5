/// Settings that cannot be used, with every reason found.
public struct InvalidSettings: Error, Sendable, Equatable, CustomStringConvertible {
    public let diagnostics: [Diagnostic]

    public init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

    public var description: String { diagnostics.map { "\($0)" }.joined(separator: "\n") }
}
