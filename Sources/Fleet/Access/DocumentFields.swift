internal import Settings

/// Reads the parts of a stored document.
struct DocumentFields {
    let tree: Tree

    init(_ tree: Tree) { self.tree = tree }

    func text(_ key: String) -> String? { tree[key]?.text }
    func whole(_ key: String) -> UInt64? { tree[key]?.text.flatMap { UInt64($0) } }
    func flag(_ key: String) -> Bool { tree[key]?.text == "true" }
    func texts(_ key: String) -> [String] { (tree[key]?.list ?? []).compactMap(\.text) }
    func fields(_ key: String) -> [DocumentFields] {
        (tree[key]?.list ?? []).map { DocumentFields($0) }
    }

    func map(_ key: String) -> [String: String] {
        Dictionary((tree[key]?.table ?? []).compactMap { entry in entry.value.text.map { (entry.key, $0) } })
        {
            first, _ in first
        }
    }

    /// A map in one order.
    static func tree(_ map: [String: String]) -> Tree {
        Tree(.table(map.sorted { $0.key < $1.key }.map { Tree.Entry($0.key, .text($0.value)) }))
    }

    /// A number that need not be there.
    static func tree(_ number: UInt64?) -> Tree { number.map { .number($0) } ?? .null }
}
