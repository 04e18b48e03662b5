public import Settings

/// Something that a check of a configuration has found.
public struct ConfigurationFinding: Sendable, Hashable {
    /// The rule that was broken: `yaml`, `template`, `structure`, `component`, `setting`, or one of
    /// `LintRule.all`.
    public let rule: String
    /// What is wrong and where; it never quotes a value that may be secret.
    public let diagnostic: Diagnostic

    public init(rule: String, _ diagnostic: Diagnostic) {
        self.rule = rule
        self.diagnostic = diagnostic
    }

    public var severity: Diagnostic.Severity { diagnostic.severity }

    /// As JSON for answers: `rule`, `severity`, `message`, `pointer`, and where it is.
    public var tree: Tree {
        var entries = [
            Tree.Entry("rule", .text(rule)), Tree.Entry("severity", .text(severity.rawValue)),
            Tree.Entry("message", .text(diagnostic.message)),
            Tree.Entry("pointer", .text(diagnostic.pointer)),
        ]
        if let position = diagnostic.position, position.line > 0 {
            entries.append(Tree.Entry("file", .text(position.source.name)))
            entries.append(Tree.Entry("line", .number(position.line)))
            entries.append(Tree.Entry("column", .number(position.column)))
        }
        if let suggestion = diagnostic.suggestion { entries.append(.init("suggestion", .text(suggestion))) }
        return Tree(.table(entries))
    }
}

extension [ConfigurationFinding] {
    /// Whether the configuration cannot be used.
    public var hasErrors: Bool { contains { $0.severity == .error } }
}
