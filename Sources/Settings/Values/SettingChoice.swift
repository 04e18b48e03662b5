/// One of a fixed set of words: an enum of strings.
///
///     enum Sizer: String, SettingChoice { case requests, items, bytes }
public protocol SettingChoice: SettingValue, RawRepresentable, CaseIterable where RawValue == String {}

extension SettingChoice {
    public static var kind: String {
        "one of " + allCases.map { $0.rawValue.isEmpty ? "''" : $0.rawValue }.joined(separator: ", ")
    }

    public static var schema: Tree {
        .table(["type": .text("string"), "enum": .list(allCases.map { .text($0.rawValue) })])
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if let value = tree.text.flatMap(Self.init(rawValue:)) { return value }
        let suggestion = tree.scalar.flatMap {
            Spelling.nearest(to: $0.text, among: allCases.map { $0.rawValue })
        }
        reader.mismatch(tree, expected: kind, suggestion: suggestion)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(rawValue) }
}
