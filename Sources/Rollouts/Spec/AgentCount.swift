public import Settings

/// A number of agents, said as one or as a share: `3` or `1%`.
public enum AgentCount: Sendable, Hashable, CustomStringConvertible {
    case count(Int)
    /// Of 100; from 0 to 100.
    case percent(Double)

    /// Reads `3`, `1%` or `0.5%`; `nil` for another text.
    public init?(_ text: String) {
        let text = text.filter { !$0.isWhitespace }
        if text.hasSuffix("%") {
            guard let share = Double(text.dropLast()), (0...100).contains(share) else { return nil }
            self = .percent(share)
        } else {
            guard let count = Int(text), count >= 0 else { return nil }
            self = .count(count)
        }
    }

    /// How many of `total` these are, but not more than there are; shares are rounded up.
    public func of(_ total: Int) -> Int {
        switch self {
        case .count(let count): min(count, total)
        // A little is taken away first, because 7 % of 100 is more than 7 in binary.
        case .percent(let share): min(Int((share * Double(total) / 100 - 1e-9).rounded(.up)), total)
        }
    }

    /// How many of `total` may do something before it is too many; shares are rounded down.
    public func allowed(of total: Int) -> Int {
        switch self {
        case .count(let count): count
        case .percent(let share): Int((share * Double(total) / 100 + 1e-9).rounded(.down))
        }
    }

    public var description: String {
        switch self {
        case .count(let count): "\(count)"
        case .percent(let share):
            share == share.rounded() ? "\(Int(share))%" : "\(share)%"
        }
    }
}

extension AgentCount: SettingValue {
    public static var kind: String { "a number of agents such as 3, or a share such as 1%" }
    public static var schema: Tree {
        .table(["type": .list([.text("integer"), .text("string")]), "pattern": .text(#"^[0-9.]+ *%?$"#)])
    }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if let value = tree.text.flatMap({ Self($0) }) { return value }
        reader.mismatch(tree, expected: kind)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        if case .count(let count) = self { .number(count) } else { .text(description) }
    }
}

/// How many agents may fail: one or several counts, of which the first that is reached decides, such as
/// `1% | 3`.
public struct FailureLimit: Sendable, Hashable, CustomStringConvertible {
    public var limits: [AgentCount]

    public init(_ limits: [AgentCount]) { self.limits = limits }

    /// Reads `1% | 3`; `nil` for another text.
    public init?(_ text: String) {
        let limits = text.split(separator: "|", omittingEmptySubsequences: false).map {
            AgentCount(String($0))
        }
        guard !limits.isEmpty, limits.count <= 4, !limits.contains(nil) else { return nil }
        self.limits = limits.compactMap { $0 }
    }

    /// How many of `total` agents may fail.
    public func allowed(of total: Int) -> Int { limits.map { $0.allowed(of: total) }.min() ?? 0 }

    public var description: String { limits.map(\.description).joined(separator: " | ") }
}

extension FailureLimit: SettingValue {
    public static var kind: String { "a number of agents, a share, or both as in 1% | 3" }
    public static var schema: Tree { .table(["type": .list([.text("integer"), .text("string")])]) }

    public static func read(_ tree: Tree, over existing: Self?, with reader: inout SettingReader) -> Self? {
        if let value = tree.text.flatMap({ Self($0) }) { return value }
        reader.mismatch(tree, expected: kind)
        return nil
    }

    public func tree(_ secrets: SecretVisibility) -> Tree? { .text(description) }
}
