/// What all whole numbers share.
public protocol IntegerSetting: SettingValue, FixedWidthInteger {}

extension IntegerSetting {
    public static var kind: String { "a whole number" }

    public static var schema: Tree {
        var entries = [Tree.Entry("type", .text("integer"))]
        if bitWidth < 64 || !isSigned { entries.append(Tree.Entry("minimum", .number(min))) }
        if bitWidth < 64 { entries.append(Tree.Entry("maximum", .number(max))) }
        return Tree(.table(entries))
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        let value: Self?
        switch tree.scalar?.retyped {
        case .int(let number): value = Self(exactly: number)
        case .unsigned(let number): value = Self(exactly: number)
        case .double(let number): value = Self(exactly: number)
        default:
            reader.mismatch(tree, expected: kind)
            return nil
        }
        if value == nil { reader.mismatch(tree, expected: "\(kind) from \(min) to \(max)") }
        return value
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .number(self) }
}

extension Int: IntegerSetting {}
extension Int64: IntegerSetting {}
extension Int32: IntegerSetting {}
extension UInt: IntegerSetting {}
extension UInt64: IntegerSetting {}
extension UInt32: IntegerSetting {}
extension UInt16: IntegerSetting {}
extension UInt8: IntegerSetting {}
