extension Duration: SettingValue {
    public static var kind: String { "a duration such as 200ms, 5s or 1h30m" }
    public static var schema: Tree {
        .table([
            "type": .text("string"),
            "pattern": .text("^[-+]?(0|([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|ms|s|m|h))+$"),
        ])
    }

    /// Reads Go's syntax; a bare number has no unit and is an error, except zero.
    public static func read(_ tree: Tree, over existing: Duration?, with reader: inout SettingReader)
        -> Duration?
    {
        guard let text = tree.text, tree.scalar != nil else {
            reader.mismatch(tree, expected: kind)
            return nil
        }
        if let duration = GoDuration.parse(text) { return duration }
        switch tree.scalar?.retyped {
        case .int, .unsigned, .double: reader.mismatch(tree, expected: kind, suggestion: "\(text)s")
        default: reader.mismatch(tree, expected: kind)
        }
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(GoDuration.format(self)) }
}

extension Duration {
    /// Reads `1h2m3.5s`, `200ms`, `0`; `nil` when the text is not a duration in Go's syntax.
    public init?(goSyntax text: String) {
        guard let duration = GoDuration.parse(text) else { return nil }
        self = duration
    }

    /// The duration in Go's syntax, such as `1m30s`; parts below a nanosecond are dropped.
    public var goSyntax: String { GoDuration.format(self) }
}
