internal import Control
internal import HTTPAPI
internal import Pipeline
internal import Settings

/// Reads the changes of a transaction: a list of maps with one key each.
enum TransactionReader {
    static let changeLimit = 1000
    private static let keys = ["replace", "merge", "patch", "component", "pipeline"]

    static func changes(of tree: Tree) throws(APIProblem) -> [ConfigurationChange] {
        guard let list = tree["changes"]?.list, !list.isEmpty, list.count <= changeLimit else {
            throw invalid(
                tree["changes"] ?? tree, ["changes"], "'changes' is a list of 1 to \(changeLimit) changes")
        }
        var changes: [ConfigurationChange] = []
        for (index, element) in list.enumerated() {
            changes.append(try change(element, ["changes", "\(index)"]))
        }
        return changes
    }

    private static func change(_ tree: Tree, _ path: [String]) throws(APIProblem) -> ConfigurationChange {
        guard let entry = tree.table?.first, tree.table?.count == 1 else {
            throw invalid(
                tree, path, "a change is a map with one of the keys \(keys.joined(separator: ", "))")
        }
        let path = path + [entry.key]
        switch entry.key {
        case "replace": return .replace(entry.value)
        case "merge": return .merge(entry.value)
        case "patch": return .patch(try PatchReader.operations(of: entry.value, path: path))
        case "component": return try component(entry.value, path)
        case "pipeline": return try pipeline(entry.value, path)
        default:
            throw invalid(tree, path, "unknown change; there are \(keys.joined(separator: ", "))")
        }
    }

    private static func component(_ tree: Tree, _ path: [String]) throws(APIProblem) -> ConfigurationChange {
        try tree.check(keys: ["kind", "id", "config"], path: path)
        let kind = try tree.requiredString("kind", path: path)
        guard let kind = ComponentKind.allCases.first(where: { $0.rawValue == kind || $0.section == kind })
        else { throw invalid(tree, path + ["kind"], "'\(kind)' is not a kind of component") }
        let text = try tree.requiredString("id", path: path)
        guard let id = ComponentID(parsing: text) else {
            throw invalid(tree, path + ["id"], "'\(text)' is not the id of a component")
        }
        // Without the key the component is removed; `config: null` is a component without settings.
        return .component(kind, id, tree["config"])
    }

    private static func pipeline(_ tree: Tree, _ path: [String]) throws(APIProblem) -> ConfigurationChange {
        try tree.check(keys: ["id", "config"], path: path)
        let text = try tree.requiredString("id", path: path)
        guard let id = PipelineID(parsing: text) else {
            throw invalid(tree, path + ["id"], "'\(text)' is not the id of a pipeline")
        }
        return .pipeline(id, tree["config"])
    }

    private static func invalid(_ tree: Tree, _ path: [String], _ message: String) -> APIProblem {
        .invalid("the transaction has errors", errors: [Diagnostic(at: tree.position, path: path, message)])
    }
}
