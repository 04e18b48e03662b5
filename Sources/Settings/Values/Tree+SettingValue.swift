/// A field that takes anything, for what only its owner can read.
extension Tree: SettingValue {
    public static var kind: String { "anything" }
    public static var schema: Tree { .empty }
    public static var nullMeaning: NullMeaning { .value }

    public static func read(_ tree: Tree, over existing: Tree?, with reader: inout SettingReader) -> Tree? {
        tree
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { self }
}
