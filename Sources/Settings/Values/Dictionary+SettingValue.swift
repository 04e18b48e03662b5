/// A map with keys of the user's choice.
extension Dictionary: SettingValue where Key == String, Value: SettingValue {
    public static var kind: String { "a map" }
    public static var schema: Tree {
        .table(["type": .text("object"), "additionalProperties": Value.schema])
    }

    public var nested: NestedSection? { NestedSection(of: Value.self, shape: .named) }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let entries = tree.table else {
            reader.mismatch(tree, expected: "a map from names to \(Value.kind)")
            return nil
        }
        var result: Self = [:]
        for entry in entries {
            reader.within(entry.key, keyPosition: entry.keyPosition) { reader in
                result[entry.key] = readValue(entry.value, with: &reader)
            }
        }
        return result
    }

    /// A section may be left empty (`traces:`); another value may not.
    private static func readValue(_ tree: Tree, with reader: inout SettingReader) -> Value? {
        if tree.isNull, tree.originalText == nil, case .absent = Value.nullMeaning {
            guard Value.self is any SettingGroup.Type else {
                reader.mismatch(tree, expected: Value.kind)
                return nil
            }
            return Value.read(Tree(.table([]), at: tree.position), over: nil, with: &reader)
        }
        return Value.read(tree, over: nil, with: &reader)
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        Tree(.table(sorted { $0.key < $1.key }.map { Tree.Entry($0.key, $0.value.tree(secrets) ?? .null) }))
    }
}
