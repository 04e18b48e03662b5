extension String: SettingValue {
    public static var kind: String { "text" }
    public static var schema: Tree { .table(["type": .text("string")]) }

    /// Takes any scalar as it was written: `0123` is the text `0123`.
    public static func read(_ tree: Tree, over existing: String?, with reader: inout SettingReader) -> String?
    {
        if let text = tree.text { return text }
        reader.mismatch(tree, expected: kind)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(self) }
}
