internal import Settings

/// A group of statements or conditions with what is said of all of them.
protocol TextGroup: SettingGroup {
    /// A group of texts alone, as they stand in a list without groups.
    init(_ texts: Tree, with reader: inout SettingReader)
    /// Whether it was written as a list of texts.
    var isPlain: Bool { get }
    /// The texts, as a list.
    func texts(_ secrets: SecretVisibility) -> Tree
}

/// A list of texts, or a list of groups of them; not both.
struct GroupedTexts<Group: TextGroup>: Sendable {
    var groups: [Group] = []

    static var kind: String { "a list" }

    static var schema: Tree {
        let text = Tree.table(["type": .text("string")])
        return .table([
            "type": .text("array"), "items": .table(["anyOf": .list([text, Group.schema])]),
        ])
    }

    static func read(_ tree: Tree, with reader: inout SettingReader) -> Self? {
        guard let elements = tree.list else {
            reader.mismatch(tree, expected: kind)
            return nil
        }
        guard let first = elements.first else { return Self() }
        let areTexts = first.table == nil
        if let other = elements.first(where: { ($0.table == nil) != areTexts }) {
            reader.error(
                "is \(areTexts ? "a group among texts" : "a text among groups"); write a list of one of them",
                at: other.position)
            return nil
        }
        if areTexts { return Self(groups: [Group(tree, with: &reader)]) }
        let groups = elements.enumerated().compactMap { index, element in
            reader.within("\(index)", keyPosition: element.position) { reader in
                Group.read(element, over: nil, with: &reader)
            }
        }
        return Self(groups: groups)
    }

    func tree(_ secrets: SecretVisibility) -> Tree {
        if let group = groups.first, group.isPlain { return group.texts(secrets) }
        return .list(groups.map { $0.tree(secrets) ?? .null })
    }

    /// The path of a text from the list on.
    func path(_ group: Int, _ key: String, _ text: Int) -> [String] {
        groups[group].isPlain ? ["\(text)"] : ["\(group)", key, "\(text)"]
    }
}
