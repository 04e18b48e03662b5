internal import Pipeline
internal import Settings

/// Checks that some agents have the components of a configuration, and that their settings are possible.
struct ComponentCheck {
    let components: AgentComponents
    private(set) var unknown: [Diagnostic] = []
    private(set) var settings: [Diagnostic] = []

    init(_ components: AgentComponents) { self.components = components }

    mutating func check(_ outline: ConfigurationOutline) {
        for item in outline.items {
            guard let known = components.types[item.kind], !known.isEmpty else { continue }
            guard components.has(item.type, of: item.kind) else {
                unknown.append(
                    Diagnostic(
                        at: item.entry.keyPosition, path: item.path,
                        "the agents have no \(item.kind.rawValue) '\(item.type)'",
                        suggestion: Spelling.nearest(to: item.type, among: known.keys.sorted())))
                continue
            }
            guard let schema = components.schema(of: item.type, item.kind) else { continue }
            let value = item.entry.value
            let section = value.isNull ? Tree(.table([]), at: value.position) : value
            var check = SchemaCheck()
            check.check(section, against: schema, path: item.path, keyPosition: item.entry.keyPosition)
            settings += check.diagnostics
        }
    }

    /// Whether a schema says that the value at a path is a secret; `nil` when no schema knows the path.
    func isSecret(_ path: [String], in outline: ConfigurationOutline) -> Bool? {
        guard path.count > 2, let kind = ComponentKind.allCases.first(where: { $0.section == path[0] }),
            var schema = components.schema(of: ConfigurationOutline.type(of: path[1]), kind)
        else { return nil }
        for step in path.dropFirst(2) {
            guard let next = Self.below(schema, step) else { return nil }
            schema = next
        }
        return Self.isWriteOnly(schema)
    }

    private static func below(_ schema: Tree, _ step: String) -> Tree? {
        if let property = schema["properties"]?[step] { return property }
        if Int(step) != nil, let items = schema["items"] { return items }
        if let others = schema["additionalProperties"], others.table != nil { return others }
        for choice in schema["anyOf"]?.list ?? [] {
            if let found = below(choice, step) { return found }
        }
        return nil
    }

    private static func isWriteOnly(_ schema: Tree) -> Bool {
        schema["writeOnly"]?.text == "true"
            || (schema["anyOf"]?.list ?? []).contains { isWriteOnly($0) }
    }
}
