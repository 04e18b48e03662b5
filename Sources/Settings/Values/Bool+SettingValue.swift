extension Bool: SettingValue {
    public static var kind: String { "true or false" }
    public static var schema: Tree { .table(["type": .text("boolean")]) }

    public static func read(_ tree: Tree, over existing: Bool?, with reader: inout SettingReader) -> Bool? {
        if case .bool(let value)? = tree.scalar?.retyped { return value }
        let meant: [String: String] = ["yes": "true", "on": "true", "no": "false", "off": "false"]
        reader.mismatch(tree, expected: kind, suggestion: tree.scalar.flatMap { meant[$0.text.lowercased()] })
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .bool(self) }
}

extension Scalar {
    /// What the text means to a field that is not text: text put together by expansion is looked at again.
    var retyped: Value { style == .composed ? ScalarTyping.value(of: text) : value }
}
