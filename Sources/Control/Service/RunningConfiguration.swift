internal import Engine
internal import Settings

/// A configuration that runs or could run, with everything that is known about it.
struct RunningConfiguration: Sendable {
    let revision: StoredRevision
    /// As written, `${…}` not expanded.
    let raw: Tree
    let expanded: Tree
    let configuration: CollectorConfiguration
    /// With every default and hidden secrets.
    let effective: Tree

    init(_ revision: StoredRevision, raw: Tree, expanded: Tree, _ configuration: CollectorConfiguration) {
        self.revision = revision
        self.raw = raw
        self.expanded = expanded
        self.configuration = configuration
        effective = configuration.tree(.hidden)
    }

    var secrets: SecretIndex {
        SecretIndex(raw: raw, hidden: effective, revealed: configuration.tree(.revealed))
    }

    /// Whether another one says the same, in its words and in what they stand for.
    func isSame(_ raw: Tree, _ expanded: Tree) -> Bool { self.raw == raw && self.expanded == expanded }

    /// Every value in force, with the place where it was written.
    var explanation: [ExplainedValue] {
        var found: [ExplainedValue] = []
        Self.explain(effective, expanded, path: [], into: &found)
        return found
    }

    private static func explain(
        _ tree: Tree, _ written: Tree?, path: [String], into found: inout [ExplainedValue]
    ) {
        if let entries = tree.table, !entries.isEmpty {
            for entry in entries {
                explain(entry.value, written?[entry.key], path: path + [entry.key], into: &found)
            }
            return
        }
        let value = tree.scalar == nil ? tree.json() : tree.text ?? "null"
        var origin = "default"
        if let written {
            let source = written.expandedFrom.map { " from \($0)" } ?? ""
            origin = "\(written.position)\(source)"
        }
        found.append(ExplainedValue(path: path, value: value, origin: origin))
    }
}
