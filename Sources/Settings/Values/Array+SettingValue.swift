extension Array: SettingValue where Element: SettingValue {
    public static var kind: String { "a list" }
    public static var schema: Tree { .table(["type": .text("array"), "items": Element.schema]) }

    public var nested: NestedSection? { NestedSection(of: Element.self, shape: .listed) }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        guard let elements = tree.list else {
            reader.mismatch(tree, expected: kind)
            return nil
        }
        return elements.enumerated().compactMap { index, element in
            reader.within("\(index)", keyPosition: element.position) { reader in
                if element.isNull, element.originalText == nil, case .absent = Element.nullMeaning {
                    reader.mismatch(element, expected: Element.kind)
                    return nil
                }
                return Element.read(element, over: nil, with: &reader)
            }
        }
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .list(map { $0.tree(secrets) ?? .null }) }
}
