/// A value that need not be there; null leaves it as it is.
extension Optional: SettingValue where Wrapped: SettingValue {
    public static var kind: String { Wrapped.kind }
    public static var schema: Tree { Wrapped.schema }
    public static var nullMeaning: NullMeaning { Wrapped.nullMeaning }

    public var nested: NestedSection? {
        self.map(\.nested) ?? NestedSection(of: Wrapped.self, shape: .single)
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        Wrapped.read(tree, over: existing ?? nil, with: &reader).map { .some($0) }
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { self?.tree(secrets) ?? nil }
}
