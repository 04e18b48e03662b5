extension Double: SettingValue {
    public static var kind: String { "a number" }
    public static var schema: Tree { .table(["type": .text("number")]) }

    public static func read(_ tree: Tree, over existing: Double?, with reader: inout SettingReader) -> Double?
    {
        switch tree.scalar?.retyped {
        case .int(let value): return Double(value)
        case .unsigned(let value): return Double(value)
        case .double(let value): return value
        default:
            reader.mismatch(tree, expected: kind)
            return nil
        }
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .number(self) }
}
