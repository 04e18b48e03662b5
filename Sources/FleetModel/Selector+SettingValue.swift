public import Settings

extension Selector: SettingValue {
    public static var kind: String { "a selector such as env=prod,region in (eu,us)" }
    public static var schema: Tree { .table(["type": .text("string")]) }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let text = tree.text else {
            reader.mismatch(tree, expected: kind)
            return nil
        }
        do {
            return try Self(parsing: text)
        } catch {
            reader.error("\(error)", at: tree.position)
            return nil
        }
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(description) }
}
