internal import Settings

/// Keeps the items of telemetry as OTLP/JSON that have certain attributes.
struct TelemetryFilter: Sendable {
    private let wanted: [(name: String, value: String)]

    /// The most attributes that a filter names.
    static let limit = 10

    /// Reads `name=value` pairs with commas between them; `nil` when it is something else.
    init?(_ text: String) {
        var wanted: [(name: String, value: String)] = []
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else { return nil }
            wanted.append((String(parts[0]), String(parts[1])))
        }
        guard wanted.count <= Self.limit else { return nil }
        self.wanted = wanted
    }

    /// The items of `request` that have all the attributes, themselves or from their resource.
    func kept(of request: Tree) -> (request: Tree, items: Int) {
        var items = 0
        let resources = map(request, where: { $0.hasPrefix("resource") }) { resource in
            let own = Self.attributes(in: resource["resource"])
            let kept = map(resource, where: { $0.hasPrefix("scope") }) { scope in
                let kept = map(scope, where: { Self.items.contains($0) }) { item in
                    guard matches(own + Self.attributes(in: item)) else { return nil }
                    items += 1
                    return item
                }
                return Self.isEmpty(kept, Self.items.contains) ? nil : kept
            }
            return Self.isEmpty(kept) { $0.hasPrefix("scope") } ? nil : kept
        }
        return (resources, items)
    }

    private static let items: Set = ["spans", "logRecords", "metrics", "profiles"]

    private func matches(_ attributes: [(name: String, value: String)]) -> Bool {
        wanted.allSatisfy { wanted in attributes.contains { $0 == wanted } }
    }

    /// Changes the elements of the lists under some keys; what becomes `nil` is left out.
    private func map(
        _ table: Tree, where isChanged: (String) -> Bool, _ change: (Tree) -> Tree?
    ) -> Tree {
        Tree(
            .table(
                (table.table ?? []).map { entry in
                    guard isChanged(entry.key), let list = entry.value.list else { return entry }
                    return Tree.Entry(entry.key, .list(list.compactMap(change)))
                }))
    }

    private static func isEmpty(_ table: Tree, _ isList: (String) -> Bool) -> Bool {
        (table.table ?? []).allSatisfy { !isList($0.key) || $0.value.list?.isEmpty != false }
    }

    /// Every attribute in a tree, at any depth.
    private static func attributes(in tree: Tree?) -> [(name: String, value: String)] {
        switch tree?.content {
        case .none, .scalar: return []
        case .list(let elements): return elements.flatMap { attributes(in: $0) }
        case .table(let entries):
            if let name = tree?["key"]?.text, let value = tree?["value"]?.table?.first?.value.text {
                return [(name, value)]
            }
            return entries.flatMap { attributes(in: $0.value) }
        }
    }
}
