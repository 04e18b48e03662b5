public import FleetModel
public import Settings

/// How large a stage is: how many agents have the new revision when it is over.
///
/// Numbers and shares count the agents of earlier stages as well, so `10%` after `1%` adds nine percent and
/// keeps those that are already in. A selector adds the agents that it chooses.
public enum StageSize: Sendable, Hashable, CustomStringConvertible {
    case agents(AgentCount)
    case selector(Selector)
    /// Several stages, one for each share: `10%→50%→100%`.
    case ramp([AgentCount])

    /// The most steps of a ramp.
    public static let maximumSteps = 20

    /// Reads `1`, `10%`, `10%→50%→100%` (or with `->`), or a selector such as `region=eu`.
    public init(parsing text: String) throws(SelectorError) {
        let steps = text.replacing("->", with: "→").split(separator: "→", omittingEmptySubsequences: false)
        if steps.count > 1 {
            let counts = steps.map { AgentCount(String($0)) }
            guard counts.count <= Self.maximumSteps, !counts.contains(nil) else {
                throw SelectorError("'\(text)' is not a ramp such as 10%→50%→100%")
            }
            self = .ramp(counts.compactMap { $0 })
        } else if let count = AgentCount(text) {
            self = .agents(count)
        } else if text.contains("%") || text.allSatisfy(\.isNumber) {
            throw SelectorError("'\(text)' is not the size of a stage")
        } else {
            self = .selector(try Selector(parsing: text))
        }
    }

    public var description: String {
        switch self {
        case .agents(let count): count.description
        case .selector(let selector): selector.description
        case .ramp(let counts): counts.map(\.description).joined(separator: "→")
        }
    }
}

extension StageSize: SettingValue {
    public static var kind: String {
        "a number of agents, a share, a ramp such as 10%→50%→100%, or a selector"
    }
    public static var schema: Tree { .table(["type": .list([.text("integer"), .text("string")])]) }

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

    public func tree(_ secrets: SecretVisibility) -> Tree? {
        if case .agents(let count) = self { count.tree(secrets) } else { .text(description) }
    }
}
