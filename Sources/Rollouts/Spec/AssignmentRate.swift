public import Settings

/// How fast agents get a revision: `50/s`, `100/m` or a number of agents per second.
public struct AssignmentRate: Sendable, Hashable, CustomStringConvertible {
    /// Agents per second; more than 0, at most 100,000.
    public let perSecond: Double
    /// As it was written.
    public let description: String

    /// Reads `50/s`, `100/m`, `500/h` or `2.5`; `nil` for another text.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.filter { !$0.isWhitespace } }
        let units = ["s": 1.0, "m": 60, "h": 3600]
        guard parts.count <= 2, let number = parts.first.flatMap({ Double($0) }),
            let unit = parts.count == 2 ? units[parts[1]] : 1, number > 0, number / unit <= 100_000
        else { return nil }
        perSecond = number / unit
        description = text
    }
}

extension AssignmentRate: SettingValue {
    public static var kind: String { "a rate of agents such as 50/s or 100/m" }
    public static var schema: Tree { .table(["type": .list([.text("number"), .text("string")])]) }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if let value = tree.text.flatMap({ Self($0) }) { return value }
        reader.mismatch(tree, expected: kind)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(description) }
}
